package dev.lifeboat.lab.alerts;

import dev.lifeboat.collector.Metric;
import dev.lifeboat.daemon.AgentCatalogue;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What rules and dashboards may ask for of an agent: its own metrics, and the telemetry of a node
/// that it passes on.
public final class KnownSeries {
  private KnownSeries() {}

  /// As Prometheus stores them: a histogram is three names, and none of them its own.
  public static Set<String> names() {
    Set<String> names =
        AgentCatalogue.metrics().stream().flatMap(KnownSeries::of).collect(Collectors.toSet());
    names.addAll(RecordedTelemetry.names());
    names.add("up");
    return names;
  }

  private static Stream<String> of(Metric metric) {
    return switch (metric.type()) {
      case GAUGE, COUNTER, INFO -> Stream.of(metric.name());
      case HISTOGRAM ->
          Stream.of("_bucket", "_sum", "_count").map(suffix -> metric.name() + suffix);
      case SUMMARY -> Stream.of("_sum", "_count").map(suffix -> metric.name() + suffix);
    };
  }
}
