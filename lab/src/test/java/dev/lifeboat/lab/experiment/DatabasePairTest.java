package dev.lifeboat.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Postgresql;
import dev.lifeboat.lab.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `docs/postgresql.md` says of a primary that is lost. The alerts of it take minutes, since
/// an agent measures its database every 30 s: they are left to `./lifeboat lab alerts`.
class DatabasePairTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void nodes_that_know_both_databases_go_on_with_the_one_that_is_promoted() {
    try (var databases = DatabasePair.start(folder.resolve("databases"));
        var cluster =
            Cluster.create(
                ClusterPlan.of(Servers.openbao(), 2).on(databases.connectionUrl()),
                folder.resolve("cluster"))) {
      cluster.root().post("sys/mounts/secret", Map.of("type", "kv")).require();
      cluster.root().post("secret/precious", Map.of("value", "gold")).require();
      awaitReplayed(databases);

      databases.primary().kill();
      Await.until("nobody to lead", BOUND, () -> cluster.leader().isEmpty());
      databases.failOver();

      cluster.awaitWhole();
      assertTrue(cluster.nodes().stream().allMatch(ClusterNode::running));
      assertEquals("gold", cluster.root().get("secret/precious").require().text("data.value"));

      databases.rebuild();
      cluster.root().post("secret/precious", Map.of("value", "silver")).require();
      awaitReplayed(databases);
    }
  }

  private static void awaitReplayed(DatabasePair databases) {
    Await.until(
        "the standby to have everything",
        BOUND,
        () ->
            databases
                .primary()
                .sql(
                    Postgresql.DATABASE,
                    "SELECT pg_current_wal_lsn() = replay_lsn FROM pg_stat_replication")
                .equals("t"));
  }
}
