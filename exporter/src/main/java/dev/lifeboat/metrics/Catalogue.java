package dev.lifeboat.metrics;

import dev.lifeboat.collector.AuditCollector;
import dev.lifeboat.collector.CertificateCollector;
import dev.lifeboat.collector.ClusterCollector;
import dev.lifeboat.collector.ExporterCollector;
import dev.lifeboat.collector.JvmCollector;
import dev.lifeboat.collector.Metric;
import dev.lifeboat.collector.NodeCollector;
import dev.lifeboat.collector.ProbeCollector;
import dev.lifeboat.collector.ProcessCollector;
import dev.lifeboat.collector.ReplicationCollector;
import dev.lifeboat.collector.StorageCollector;
import dev.lifeboat.collector.TelemetryCollector;
import java.util.List;
import java.util.stream.Stream;

/// Every metric that the exporter may publish, in the order of the documentation.
///
/// An agent has more, `AgentCatalogue`: `docs/metrics.md` and the tests on rules and dashboards are
/// checked against all of them.
public final class Catalogue {
  private static final List<Metric> METRICS =
      Stream.of(
              NodeCollector.METRICS,
              ClusterCollector.METRICS,
              ReplicationCollector.METRICS,
              CertificateCollector.METRICS,
              StorageCollector.METRICS,
              AuditCollector.METRICS,
              ProbeCollector.METRICS,
              Exposition.METRICS,
              ExporterCollector.METRICS,
              TelemetryCollector.METRICS,
              JvmCollector.METRICS,
              ProcessCollector.METRICS)
          .flatMap(List::stream)
          .toList();

  private Catalogue() {}

  public static List<Metric> metrics() {
    return METRICS;
  }
}
