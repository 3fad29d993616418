package dev.lifeboat.lab.dashboards;

/// One question to Prometheus.
///
/// @param expression PromQL, complete
/// @param title the legend, with `{{label}}`; in a table the title of the column
/// @param look of a column; that of the panel elsewhere
record Query(String expression, String title, Look look) {
  private static final String MATCHERS = "job=~\"$job\", instance=~\"$instance\"";
  // An alert or a recording about a whole job has no instance, one about what is absent no job.
  private static final String ALERT_MATCHERS = "job=~\"$job|\", instance=~\"$instance|\"";

  /// Every selector says which job and which instances: `{@}`, `{@, state="active"}`; those of
  /// alerts and of recording rules `{@alerts}`.
  static String complete(String expression) {
    return expression
        .strip()
        .replaceAll("\\s*\\n\\s*", " ")
        .replace("{@alerts", "{" + ALERT_MATCHERS)
        .replace("{@", "{" + MATCHERS);
  }

  static Query of(String expression, String title, Look look) {
    return new Query(complete(expression), title, look);
  }
}
