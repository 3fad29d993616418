package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.sandbox.ServerBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterTest {
  private static final Duration FAILOVER = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void three_nodes_of_openbao_elect_a_new_leader_when_theirs_is_killed() {
    elects_a_new_leader(Servers.openbao());
  }

  @Test
  void three_nodes_of_vault_elect_a_new_leader_when_theirs_is_killed() {
    elects_a_new_leader(Servers.vault());
  }

  private void elects_a_new_leader(ServerBinary binary) {
    var prepared = PreparedCluster.prepare(ClusterPlan.of(binary, 3));
    try (var cluster = prepared.copy(folder.resolve("cluster"))) {
      var first = cluster.awaitLeader(FAILOVER);
      cluster.root().post("secret/data/a", Map.of("data", Map.of("value", "before"))).require();

      cluster.kill(first);
      var second = cluster.awaitLeader(FAILOVER);

      assertNotEquals(first, second);
      assertEquals("before", cluster.root().get("secret/data/a").require().text("data.data.value"));
      cluster.restart(first);
      cluster.awaitWhole();
      assertEquals(2, cluster.standbys().size());
    }
  }

  @Test
  void a_cluster_with_shares_is_sealed_and_opened_again() {
    var plan = ClusterPlan.of(Servers.vault(), 1).shamir(3, 2).audited();
    try (var cluster = Cluster.create(plan, folder.resolve("cluster"))) {
      var node = cluster.nodes().getFirst();

      cluster.seal(node);
      assertEquals(503, node.health());
      cluster.unseal(node);
      cluster.awaitWhole();

      assertEquals(3, cluster.shares().size());
      assertTrue(Cluster.auditFile(cluster.folder()).toFile().length() > 0);
    }
  }

  @Test
  void two_copies_of_one_prepared_cluster_run_side_by_side() {
    var prepared = PreparedCluster.prepare(ClusterPlan.of(Servers.openbao(), 1));
    try (var one = prepared.copy(folder.resolve("one"));
        var other = prepared.copy(folder.resolve("other"))) {
      one.root().post("secret/data/a", Map.of("data", Map.of("value", "one"))).require();

      assertEquals(404, other.root().get("secret/data/a").status());
      assertEquals("one", one.root().get("secret/data/a").require().text("data.data.value"));
    }
  }

  @Test
  void the_audit_device_of_openbao_is_in_its_configuration() {
    var plan = ClusterPlan.of(Servers.openbao(), 1).audited();
    try (var cluster = Cluster.create(plan, folder.resolve("cluster"))) {
      cluster.root().get("sys/mounts").require();

      assertTrue(Cluster.auditFile(cluster.folder()).toFile().length() > 0);
    }
  }
}
