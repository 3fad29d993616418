package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// `lifeboat restore cluster` on real servers: the whole cluster is lost, and comes back.
class RestoreClusterTest {
  private static final int SHARES = 5;
  private static final int THRESHOLD = 3;

  @TempDir Path folder;

  private Cluster start(Product product) {
    return TestClusters.start(
        ClusterPlan.of(TestClusters.binary(product), 3).shamir(SHARES, THRESHOLD), folder);
  }

  @ParameterizedTest
  @BothProducts
  void a_lost_cluster_comes_back_into_fresh_nodes_and_each_is_proven(Product product) {
    try (var old = start(product)) {
      RestoreSite.write(old, "kept");
      var site = RestoreSite.of(old, folder);
      site.site().backup();
      RestoreSite.write(old, "lost");
      old.nodes().forEach(old::kill);
      try (var fresh = Cluster.blank(old.plan(), folder.resolve("fresh"), old);
          var control = NodeControl.of(fresh)) {
        site.into(control);

        var run = site.run(site.cluster("--yes")).expect(Exit.OK);

        assertTrue(run.out().contains("node-1, node-2, node-3 proven"), run.out());
        RestoreSite.assertHas(fresh, "kept");
      }
    }
  }
}
