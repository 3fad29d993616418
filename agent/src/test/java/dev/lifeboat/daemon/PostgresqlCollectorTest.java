package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.postgresql.Measurement;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class PostgresqlCollectorTest {
  private static final Measurement STANDBY =
      new Measurement(
          8_400_000,
          Map.of("openbao_kv_store", 212_992L),
          4,
          100,
          true,
          0,
          Map.of(),
          Optional.of(7L));

  private static String values(MetricSnapshots snapshots) {
    return snapshots.stream()
        .flatMap(
            metric ->
                metric.getDataPoints().stream()
                    .map(point -> metric.getMetadata().getName() + point.getLabels()))
        .map(name -> name.replace("vault_storage_postgresql_", ""))
        .sorted()
        .collect(Collectors.joining(" "));
  }

  @Test
  void nothing_is_said_before_the_first_measurement() {
    assertEquals("", values(new PostgresqlCollector(() -> STANDBY).collect()));
  }

  @Test
  void a_standby_says_how_far_behind_it_is() {
    PostgresqlCollector collector = new PostgresqlCollector(() -> STANDBY);
    collector.measure();

    assertEquals(
        "connections{} database_size_bytes{} in_recovery{} max_connections{}"
            + " replication_lag_seconds{} standbys{}"
            + " table_size_bytes{table=\"openbao_kv_store\"} up{}",
        values(collector.collect()));
  }

  @Test
  void a_database_that_does_not_answer_is_down_and_nothing_more_is_said() {
    PostgresqlCollector collector =
        new PostgresqlCollector(
            () -> {
              Secret ignored = new SecretSource.FromFile(Path.of("/nowhere")).read();
              return STANDBY;
            });
    collector.measure();

    assertEquals("up{}", values(collector.collect()));
  }
}
