package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// `lifeboat restore node` on real servers.
class RestoreNodeTest {
  @TempDir Path folder;

  private Cluster start(Product product) {
    return TestClusters.start(ClusterPlan.of(TestClusters.binary(product), 3).shamir(5, 3), folder);
  }

  @ParameterizedTest
  @BothProducts
  void a_node_with_damaged_data_is_rebuilt_and_its_data_kept(Product product) {
    try (var cluster = start(product);
        var control = NodeControl.of(cluster)) {
      RestoreSite.write(cluster, "kept");
      var site = RestoreSite.of(cluster, folder).into(control);
      site.site()
          .configure(
              "restore.auth { method = token, token { file = \"%s\" } }"
                  .formatted(
                      Folders.writeSecret(folder.resolve("root"), cluster.rootToken().reveal())));
      var node = cluster.standbys().getFirst();
      cluster.kill(node);
      RestoreSite.damage(node);

      var run = site.run(site.node(node, "--yes"));

      run.expect(Exit.OK);
      RestoreSite.assertHas(cluster, "kept");
      assertTrue(
          Site.files(node.config().raftFolder()).stream()
              .anyMatch(name -> name.startsWith("lifeboat-quarantine-")));
      var leader = cluster.awaitLeader(Duration.ofSeconds(10));
      site.run(site.node(leader, "--yes")).expect(Exit.OK);
      RestoreSite.assertHas(cluster, "kept");
    }
  }

  @Test
  void a_node_without_which_nobody_leads_is_not_touched() {
    try (var cluster = start(Product.OPENBAO);
        var control = NodeControl.of(cluster)) {
      var site = RestoreSite.of(cluster, folder).into(control);
      cluster.kill(cluster.standbys().getFirst());
      var node = cluster.standbys().getFirst();

      var run = site.run(site.node(node, "--yes"));

      assertTrue(run.expect(Exit.RESTORE_FAILED).err().contains("are needed"), run.err());
      assertTrue(node.running());
    }
  }
}
