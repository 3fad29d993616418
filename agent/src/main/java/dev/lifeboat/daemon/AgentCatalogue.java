package dev.lifeboat.daemon;

import dev.lifeboat.collector.Metric;
import dev.lifeboat.metrics.Catalogue;
import java.util.List;
import java.util.stream.Stream;

/// Every metric that an agent may publish: the exporter's, and those of what only an agent does.
public final class AgentCatalogue {
  private static final List<Metric> METRICS =
      Stream.of(
              Catalogue.metrics(),
              BackupCollector.METRICS,
              ReplicaCollector.METRICS,
              ObjectiveCollector.METRICS,
              NotifyCollector.METRICS,
              RekeyCollector.METRICS,
              PostgresqlCollector.METRICS)
          .flatMap(List::stream)
          .toList();

  private AgentCatalogue() {}

  public static List<Metric> metrics() {
    return METRICS;
  }
}
