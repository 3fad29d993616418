package dev.lifeboat.lab;

import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// A standby taken out of the raft configuration. Vault's says 530 at once and seals itself then;
/// OpenBao's does not notice and says for ever that it is a standby of the leader it knew (2.7.2),
/// so there only the active node's count of peers tells.
class RemovedNodeTest {
  private static final Duration ELECTION = Duration.ofSeconds(30);

  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  void the_active_node_misses_it_and_vault_says_removed(Product product) {
    try (var cluster = TestClusters.start(product, 3, folder)) {
      var leader = cluster.awaitLeader(ELECTION);
      var removed = cluster.standbys().getFirst();
      var login = Watcher.approle(Provisioning.credentials(cluster.root(), Role.WATCH, folder));
      try (var besideLeader = Watcher.open(Watcher.beside(leader, cluster, login));
          var besideRemoved = Watcher.open(Watcher.beside(removed, cluster, login))) {
        besideLeader.await("vault_cluster_peers", 3);
        besideRemoved.await("vault_node_state{state=\"standby\"}", 1);

        cluster
            .root()
            .post("sys/storage/raft/remove-peer", Map.of("server_id", removed.name()))
            .require();

        besideLeader
            .await("vault_cluster_peers", 2)
            .lint()
            .expect("vault_cluster_voters", 2)
            .expect("vault_cluster_expected_peers", 3)
            .expectNone("vault_cluster_peer_voter{node_id=\"" + removed.name() + "\"}");
        switch (product) {
          case VAULT ->
              besideRemoved
                  .await("vault_node_sealed", 1)
                  .lint()
                  .expect("vault_node_state{state=\"removed\"}", 1)
                  .expect("vault_node_health_status_code", 530)
                  .expect("vault_node_up", 1)
                  .expect("vault_node_active", 0)
                  .expectNone("vault_node_raft_")
                  .expectNone("vault_cluster_");
          case OPENBAO, UNKNOWN ->
              besideRemoved
                  .scrape()
                  .lint()
                  .expect("vault_node_state{state=\"standby\"}", 1)
                  .expect("vault_node_up", 1)
                  .expectNone("vault_cluster_");
        }
      }
    }
  }
}
