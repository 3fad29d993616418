package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// `lifeboat restore quorum` on real servers: most nodes are dead.
class RestoreQuorumTest {
  @TempDir Path folder;

  private Cluster start(Product product, int nodes) {
    return TestClusters.start(
        ClusterPlan.of(TestClusters.binary(product), nodes).shamir(5, 3), folder);
  }

  @ParameterizedTest
  @BothProducts
  void one_of_three_is_left_and_becomes_the_cluster_again(Product product) {
    try (var cluster = start(product, 3);
        var control = NodeControl.of(cluster)) {
      RestoreSite.write(cluster, "kept");
      var site = RestoreSite.of(cluster, folder).into(control);
      var refused = site.run(site.quorum("--plan"));
      assertTrue(refused.expect(Exit.RESTORE_FAILED).err().contains(" leads"), refused.err());
      site.site().backup();
      for (var node : cluster.nodes().subList(1, 3)) {
        cluster.kill(node);
        RestoreSite.wipe(node);
      }

      var run = site.run(site.quorum("--yes"));

      run.expect(Exit.OK);
      assertTrue(run.out().contains(" UTC, goes up to raft index "), run.out());
      RestoreSite.assertHas(cluster, "kept");
      RestoreSite.write(cluster, "after");
      RestoreSite.assertHas(cluster, "after");
      assertTrue(run.out().contains("node-1, node-2, node-3 proven"), run.out());
    }
  }

  @Test
  void of_two_survivors_the_one_goes_on_that_has_more() {
    try (var cluster = start(Product.OPENBAO, 5);
        var control = NodeControl.of(cluster)) {
      RestoreSite.write(cluster, "early");
      var site = RestoreSite.of(cluster, folder);
      var others = new ArrayList<>(cluster.standbys());
      var behind = others.removeFirst();
      var ahead = others.removeFirst();
      cluster.kill(behind);
      RestoreSite.write(cluster, "late");
      var dead = cluster.nodes().stream().filter(n -> n != behind && n != ahead).toList();
      dead.forEach(cluster::kill);
      dead.forEach(RestoreSite::wipe);
      var silent = dead.getFirst();
      site.into(control, silent);

      var undecided = site.run(site.quorum("--yes")).expect(Exit.RESTORE_FAILED);
      assertTrue(undecided.err().contains("--dead " + silent.name()), undecided.err());
      var run = site.run(site.quorum("--yes", "--dead", silent.name()));

      run.expect(Exit.NODE_MISSING);
      assertTrue(run.out().contains("chosen " + ahead.name()), run.out());
      assertTrue(run.out().contains(silent.name() + "  NOT BACK"), run.out());
      site.into(control);
      var rest = site.run(site.node(silent, "--yes"));
      rest.expect(Exit.OK);
      RestoreSite.assertHas(cluster, "late");
      assertEquals(List.of(), site.run("restore", "abandon", "--list").out().lines().toList());
    }
  }
}
