package dev.lifeboat.daemon;

import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.Metric;
import dev.lifeboat.collector.Samples;
import dev.lifeboat.notify.Delivery;
import dev.lifeboat.notify.NotifyConfig;
import dev.lifeboat.notify.NotifyCounts;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;

/// Whether those who are to be told are.
///
/// ```
/// vault_notify_events_total{target="pager"} 12.0
/// vault_notify_failures_total{reason="timeout",target="pager"} 1.0
/// vault_notify_dropped_total{target="pager"} 0.0
/// vault_notify_last_duration_seconds{target="pager"} 0.21
/// vault_notify_last_success_timestamp_seconds{target="pager"} 1.7637696E9
/// ```
public final class NotifyCollector implements Collector {
  static final Metric EVENTS =
      Metric.counter(
          "vault_notify_events_total", "Events that the target was to be told", "target");
  static final Metric FAILURES =
      Metric.counter(
          "vault_notify_failures_total",
          "Events that the target could not be told, after every attempt",
          "target",
          "reason");
  static final Metric DROPPED =
      Metric.counter(
          "vault_notify_dropped_total",
          "Events that were never told because too many waited, or the process ended",
          "target");
  static final Metric LAST_DURATION =
      Metric.gauge(
          "vault_notify_last_duration_seconds", "How long the last telling took", "target");
  static final Metric LAST_SUCCESS =
      Metric.gauge(
          "vault_notify_last_success_timestamp_seconds",
          "When the target was last told by this process; absent before",
          "target");

  static final List<Metric> METRICS =
      List.of(EVENTS, FAILURES, DROPPED, LAST_DURATION, LAST_SUCCESS);

  private final List<NotifyConfig> targets;
  private final NotifyCounts counts;

  NotifyCollector(List<NotifyConfig> targets, NotifyCounts counts) {
    this.targets = targets;
    this.counts = counts;
  }

  @Override
  public String name() {
    return "notify";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    for (NotifyConfig config : targets) {
      NotifyCounts.Target target = counts.of(config.name());
      samples.add(EVENTS, target.events(), config.name());
      for (Delivery.Trouble trouble : Delivery.Trouble.values()) {
        samples.add(FAILURES, target.failures(trouble), config.name(), trouble.label());
      }
      samples.add(DROPPED, target.dropped(), config.name());
      target.lastDuration().ifPresent(took -> samples.add(LAST_DURATION, took, config.name()));
      target.lastSuccess().ifPresent(at -> samples.add(LAST_SUCCESS, at, config.name()));
    }
    return samples.snapshots();
  }
}
