package dev.lifeboat.collector;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/// One family of metrics. Called at each scrape, answers from memory, and leaves out every sample
/// whose value is not known.
public interface Collector {
  /// The value of the `collector` label of `vault_exporter_collector_success`.
  String name();

  MetricSnapshots collect();
}
