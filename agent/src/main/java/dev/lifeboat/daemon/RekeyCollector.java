package dev.lifeboat.daemon;

import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.Metric;
import dev.lifeboat.collector.Samples;
import dev.lifeboat.rekey.RekeyConfig;
import dev.lifeboat.rekey.RekeyRuns;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// How old the shares are, where the configuration says how old they may be: by the records of
/// `lifeboat rekey` on this machine, which outlive the agent.
///
/// ```
/// vault_rekey_last_success_timestamp_seconds 1.7645e9
/// vault_rekey_interval_seconds 7776000.0
/// ```
final class RekeyCollector implements Collector {
  static final Metric LAST =
      Metric.gauge(
          "vault_rekey_last_success_timestamp_seconds",
          "When the shares of now were made, as far as this machine knows; 0 when it does not");
  static final Metric INTERVAL =
      Metric.gauge(
          "vault_rekey_interval_seconds", "How old shares may become, by the configuration");

  static final List<Metric> METRICS = List.of(LAST, INTERVAL);

  private final RekeyConfig config;

  RekeyCollector(RekeyConfig config) {
    this.config = config;
  }

  @Override
  public String name() {
    return "rekey";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    Instant last =
        Stream.of(RekeyRuns.lastEnd(config.folder()), config.sharesSince())
            .flatMap(Optional::stream)
            .max(Instant::compareTo)
            .orElse(Instant.EPOCH);
    samples.add(LAST, last.getEpochSecond());
    samples.add(INTERVAL, config.every().orElse(Duration.ZERO).toSeconds());
    return samples.snapshots();
  }
}
