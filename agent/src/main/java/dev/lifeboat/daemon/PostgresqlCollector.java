package dev.lifeboat.daemon;

import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.Metric;
import dev.lifeboat.collector.Samples;
import dev.lifeboat.config.SecretException;
import dev.lifeboat.postgresql.Measurement;
import dev.lifeboat.postgresql.PostgresqlException;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The database in which the server keeps its data, measured twice a minute by a thread of its own:
/// a scrape never waits for it.
///
/// ```
/// vault_storage_postgresql_up 1.0
/// vault_storage_postgresql_database_size_bytes 8.4e6
/// vault_storage_postgresql_table_size_bytes{table="openbao_kv_store"} 212992.0
/// vault_storage_postgresql_connections 4.0
/// ```
public final class PostgresqlCollector implements Collector, AutoCloseable {
  static final Metric UP =
      Metric.gauge(
          "vault_storage_postgresql_up", "1 when the database answered at the last measurement");
  static final Metric SIZE =
      Metric.gauge("vault_storage_postgresql_database_size_bytes", "Size of the database");
  static final Metric TABLE_SIZE =
      Metric.gauge(
          "vault_storage_postgresql_table_size_bytes",
          "Size of each of the twenty largest tables, with its indexes",
          "table");
  static final Metric CONNECTIONS =
      Metric.gauge("vault_storage_postgresql_connections", "Connections to the database");
  static final Metric MAX_CONNECTIONS =
      Metric.gauge(
          "vault_storage_postgresql_max_connections", "Connections that the server takes at most");
  static final Metric IN_RECOVERY =
      Metric.gauge(
          "vault_storage_postgresql_in_recovery", "1 when the server that was asked is a standby");
  static final Metric STANDBYS =
      Metric.gauge(
          "vault_storage_postgresql_standbys", "Standbys that are attached to the server asked");
  static final Metric LAG_BYTES =
      Metric.gauge(
          "vault_storage_postgresql_replication_lag_bytes",
          "What each standby of the server has not replayed yet",
          "standby");
  static final Metric LAG_SECONDS =
      Metric.gauge(
          "vault_storage_postgresql_replication_lag_seconds",
          "Age of the newest replayed transaction, when the server is a standby that is behind");

  static final List<Metric> METRICS =
      List.of(
          UP,
          SIZE,
          TABLE_SIZE,
          CONNECTIONS,
          MAX_CONNECTIONS,
          IN_RECOVERY,
          STANDBYS,
          LAG_BYTES,
          LAG_SECONDS);

  private static final System.Logger logger = System.getLogger(PostgresqlCollector.class.getName());
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final Supplier<Measurement> measuring;
  private final Thread thread;
  private volatile Optional<Measurement> latest = Optional.empty();
  private volatile boolean measured;

  /// @param measuring may throw [PostgresqlException]
  PostgresqlCollector(Supplier<Measurement> measuring) {
    this.measuring = measuring;
    this.thread = Thread.ofVirtual().name("postgresql").unstarted(this::keepMeasuring);
  }

  static PostgresqlCollector open(Supplier<Measurement> measuring) {
    PostgresqlCollector collector = new PostgresqlCollector(measuring);
    collector.thread.start();
    return collector;
  }

  private void keepMeasuring() {
    try {
      while (true) {
        measure();
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  void measure() {
    try {
      latest = Optional.of(measuring.get());
    } catch (PostgresqlException | SecretException e) {
      latest = Optional.empty();
      logger.log(
          System.Logger.Level.WARNING,
          "event=postgresql_unmeasured message=" + LogLines.quoted(String.valueOf(e.getMessage())));
    }
    measured = true;
  }

  @Override
  public String name() {
    return "postgresql";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    if (!measured) {
      return samples.snapshots();
    }
    samples.add(UP, latest.isPresent());
    latest.ifPresent(
        now -> {
          samples.add(SIZE, now.sizeBytes());
          now.tableBytes().forEach((table, bytes) -> samples.add(TABLE_SIZE, bytes, table));
          samples.add(CONNECTIONS, now.connections());
          samples.add(MAX_CONNECTIONS, now.maxConnections());
          samples.add(IN_RECOVERY, now.inRecovery());
          samples.add(STANDBYS, now.standbys());
          now.lagBytes().forEach((standby, bytes) -> samples.add(LAG_BYTES, bytes, standby));
          now.lagSeconds().ifPresent(seconds -> samples.add(LAG_SECONDS, seconds));
        });
    return samples.snapshots();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
