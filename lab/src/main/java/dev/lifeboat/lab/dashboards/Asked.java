package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.Prometheus;
import dev.lifeboat.lab.Prometheus.Series;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// A Prometheus and the time that is looked at, as Grafana puts them into expressions.
record Asked(Prometheus prometheus, Instant from, Instant to) {
  /// Grafana's least: four scrapes, with room for slow ones.
  private static final Duration RATE = Duration.ofSeconds(15);

  private static final Duration STEP = Duration.ofSeconds(1);

  /// The expression with every variable's value; all jobs and instances.
  String filled(String expression) {
    return expression
        .replace("$__rate_interval", RATE.toSeconds() + "s")
        .replace("$__range", Duration.between(from, to).toSeconds() + "s")
        .replace("$__interval", STEP.toSeconds() + "s")
        .replace("$job", ".+")
        .replace("$instance", ".+");
  }

  /// @param instant for now alone; else over all the time
  List<Series> series(String expression, boolean instant) {
    var filled = filled(expression);
    return instant ? prometheus.query(filled, to) : prometheus.range(filled, from, to, STEP);
  }

  /// A legend as Grafana fills it.
  static String legend(String pattern, Series series) {
    var text = pattern;
    for (var label : series.labels().entrySet()) {
      text = text.replace("{{" + label.getKey() + "}}", label.getValue());
    }
    return text.replaceAll("\\{\\{[^}]*}}", "");
  }
}
