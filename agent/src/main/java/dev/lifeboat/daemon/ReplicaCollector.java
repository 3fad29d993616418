package dev.lifeboat.daemon;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.Metric;
import dev.lifeboat.collector.Samples;
import dev.lifeboat.store.ReplicaOf;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// How far behind the copies in other places are.
///
/// ```
/// vault_replica_lag_seconds{destination="frankfurt"} 86400.0
/// vault_replica_missing_backups{destination="frankfurt"} 1.0
/// vault_replica_copied_backups_total{destination="frankfurt"} 41.0
/// vault_replica_failures_total{destination="frankfurt",reason="unavailable"} 0.0
/// ```
public final class ReplicaCollector implements Collector {
  static final Metric LAG =
      Metric.gauge(
          "vault_replica_lag_seconds",
          "By how much the newest backup of the replica is older than that of its source; absent"
              + " while either has none",
          "destination");
  static final Metric MISSING =
      Metric.gauge(
          "vault_replica_missing_backups",
          "Backups that the replica should have and has not, as the active node's agent saw it"
              + " last; absent while it cannot be read",
          "destination");
  static final Metric LAST_SYNC =
      Metric.gauge(
          "vault_replica_last_sync_timestamp_seconds",
          "When this process last found the replica complete, or made it so; absent before",
          "destination");
  static final Metric COPIED =
      Metric.counter(
          "vault_replica_copied_backups_total",
          "Backups that this process copied into the replica",
          "destination");
  static final Metric COPIED_BYTES =
      Metric.counter("vault_replica_copied_bytes_total", "Bytes of their data", "destination");
  static final Metric FAILURES =
      Metric.counter(
          "vault_replica_failures_total",
          "Attempts at bringing the replica up to date that failed",
          "destination",
          "reason");

  static final List<Metric> METRICS =
      List.of(LAG, MISSING, LAST_SYNC, COPIED, COPIED_BYTES, FAILURES);

  private final List<StoreConfig> replicas;
  private final Supplier<Optional<Shelf.Contents>> contents;
  private final ReplicaCounts counts;

  ReplicaCollector(
      List<StoreConfig> replicas,
      Supplier<Optional<Shelf.Contents>> contents,
      ReplicaCounts counts) {
    this.replicas = List.copyOf(replicas);
    this.contents = contents;
    this.counts = counts;
  }

  @Override
  public String name() {
    return "replica";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    Optional<Shelf.Contents> shelf = contents.get();
    for (StoreConfig config : replicas) {
      String name = config.name();
      shelf
          .flatMap(each -> lag(each, config.replica().orElseThrow(), name))
          .ifPresent(lag -> samples.add(LAG, lag, name));
      samples.add(MISSING, counts.missing(name), name);
      counts.lastSync(name).ifPresent(at -> samples.add(LAST_SYNC, at, name));
      samples.add(COPIED, counts.copied(name), name);
      samples.add(COPIED_BYTES, counts.bytes(name), name);
      for (StoreException.Reason reason : StoreException.Reason.values()) {
        samples.add(FAILURES, counts.failures(name, reason), name, reason.label());
      }
    }
    return samples.snapshots();
  }

  private static Optional<Duration> lag(Shelf.Contents contents, ReplicaOf replica, String name) {
    return newest(contents, replica.source())
        .flatMap(
            source ->
                newest(contents, name)
                    .map(copy -> Duration.between(copy, source))
                    .map(lag -> lag.isNegative() ? Duration.ZERO : lag));
  }

  private static Optional<Instant> newest(Shelf.Contents contents, String store) {
    return contents.entries().stream()
        .filter(entry -> entry.trouble().isEmpty() && entry.stores().contains(store))
        .flatMap(entry -> entry.manifest().stream())
        .map(Manifest::takenAt)
        .max(Comparator.naturalOrder());
  }
}
