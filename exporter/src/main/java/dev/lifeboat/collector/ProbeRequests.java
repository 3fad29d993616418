package dev.lifeboat.collector;

import dev.lifeboat.vault.VaultException.Reason;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Counts the probes through the front door, over reloads; published by [ProbeCollector].
public final class ProbeRequests {
  static final Metric REQUESTS =
      Metric.counter("vault_probe_requests_total", "Requests sent through the front door");
  static final Metric FAILURES =
      Metric.counter(
          "vault_probe_failures_total",
          "Requests through the front door that no unsealed node with a leader answered",
          "reason");
  static final Metric DURATION =
      Metric.histogram(
          "vault_probe_duration_seconds", "Time until the front door answered or was given up");

  private static final String OTHER = "other";
  private static final List<Reason> USUAL =
      List.of(
          Reason.UNREACHABLE,
          Reason.TIMEOUT,
          Reason.TLS,
          Reason.SEALED,
          Reason.NO_LEADER,
          Reason.NOT_JSON,
          Reason.SERVER_ERROR);
  private static final double[] UPPER_BOUNDS_SECONDS = {
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5
  };

  private final Counter requests =
      Counter.builder().name(REQUESTS.name()).help(REQUESTS.help()).withoutExemplars().build();
  private final Counter failures =
      Counter.builder()
          .name(FAILURES.name())
          .help(FAILURES.help())
          .labelNames("reason")
          .withoutExemplars()
          .build();
  private final Histogram duration =
      Histogram.builder()
          .name(DURATION.name())
          .help(DURATION.help())
          .unit(Unit.SECONDS)
          .classicOnly()
          .classicUpperBounds(UPPER_BOUNDS_SECONDS)
          .withoutExemplars()
          .build();

  public ProbeRequests() {
    USUAL.forEach(reason -> failures.initLabelValues(reason.label()));
    failures.initLabelValues(OTHER);
  }

  /// @param failure empty when it was answered as it should
  void probed(Optional<Reason> failure, Duration took) {
    requests.inc();
    failure.ifPresent(
        reason -> failures.labelValues(USUAL.contains(reason) ? reason.label() : OTHER).inc());
    duration.observe(took.toNanos() / 1e9);
  }

  MetricSnapshot[] snapshots() {
    return new MetricSnapshot[] {requests.collect(), failures.collect(), duration.collect()};
  }
}
