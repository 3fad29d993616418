package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.Prometheus.Point;
import java.util.List;

/// When the leader changed and when backups were taken: what a dashboard marks in every chart.
///
/// @param leaders seconds since 1970
record Moments(List<Double> leaders, List<Double> backups) {
  static Moments of(Asked asked) {
    return new Moments(
        moments(asked, "vault_node_active_since_timestamp_seconds"),
        moments(asked, "vault_backup_last_success_timestamp_seconds"));
  }

  private static List<Double> moments(Asked asked, String metric) {
    return asked.series("max by (job) (" + metric + ")", false).stream()
        .flatMap(series -> series.points().stream())
        .map(Point::value)
        .distinct()
        .filter(at -> at > asked.from().getEpochSecond() && at < asked.to().getEpochSecond())
        .toList();
  }
}
