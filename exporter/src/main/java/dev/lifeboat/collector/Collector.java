package dev.lifeboat.collector;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;

/// One family of metrics. Called at each scrape, answers from memory, and leaves out every sample
/// whose value is not known.
public interface Collector {
  /// The value of the `collector` label of `vault_exporter_collector_success`.
  String name();

  MetricSnapshots collect();

  /// What it could not find out when it looked last, a sentence each: what it does know is
  /// published all the same, and `vault_exporter_collector_success` is 0.
  default List<String> problems() {
    return List.of();
  }
}
