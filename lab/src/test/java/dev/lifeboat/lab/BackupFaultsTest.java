package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// What the cluster does to a backup: nothing is stored then, and the next one succeeds.
class BackupFaultsTest {
  private static final Duration FAILOVER = Duration.ofSeconds(30);

  /// Beyond what the buffers between a server and us hold, so that it is still sending.
  private static final int MEBIBYTES = 32;

  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  void a_leader_killed_in_the_middle_of_the_snapshot_leaves_nothing_and_the_next_one_is_asked(
      Product product) {
    try (var cluster = TestClusters.start(product, 3, folder)) {
      TestClusters.fill(cluster.root(), "filling", MEBIBYTES);
      var leader = cluster.awaitLeader(FAILOVER);
      var sites = Site.besideEach(cluster, folder.resolve("sites"));
      var survivor = cluster.standbys().getFirst();
      var site = sites.get(cluster.nodes().indexOf(survivor));

      var failed = site.run(at(Milestone.STREAM_BEGUN, () -> cluster.kill(leader)), "backup");

      assertTrue(
          List.of(Exit.VAULT_UNAVAILABLE.code(), Exit.BACKUP_FAILED.code()).contains(failed.code()),
          failed.err());
      assertTrue(
          failed.err().contains("ended early") || failed.err().contains("reach"), failed.err());
      nothingIsStored(site);

      // A standby of OpenBao answers a login with 500 until it knows the new leader.
      var next =
          Await.until(
              "a backup of the new leader",
              FAILOVER,
              () -> Optional.of(site.run("backup", "--json")).filter(run -> run.code() == 0));
      var manifest = next.json();
      assertEquals(
          cluster.awaitLeader(FAILOVER).address().toString(),
          manifest.path("taken_from").stringValue());
      site.verifyAll();
    }
  }

  @ParameterizedTest
  @BothProducts
  void a_server_sealed_before_the_snapshot_leaves_nothing_and_one_sealed_in_it_finishes_it_first(
      Product product) {
    var plan = ClusterPlan.of(TestClusters.binary(product), 1).shamir(3, 2);
    try (var cluster = TestClusters.start(plan, folder)) {
      TestClusters.fill(cluster.root(), "filling", MEBIBYTES);
      var node = cluster.nodes().getFirst();
      var site = Site.beside(cluster, folder.resolve("site"));

      var failed = site.run(at(Milestone.CANARY_WRITTEN, () -> seal(cluster, node)), "backup");
      saysSealed(failed);
      nothingIsStored(site);
      saysSealed(site.run("backup"));

      cluster.unseal(node);
      cluster.awaitLeader(FAILOVER);
      site.run(at(Milestone.STREAM_BEGUN, () -> seal(cluster, node)), "backup").expect(Exit.OK);
      Await.until("the node to be sealed", FAILOVER, () -> node.health() == 503);
      saysSealed(site.run("backup"));
      assertEquals(1, site.listed().size());
      site.verifyAll();
    }
  }

  private static void saysSealed(Run run) {
    run.expect(Exit.VAULT_UNAVAILABLE);
    assertTrue(run.err().contains("sealed"), run.err());
  }

  /// Not waiting for the answer: the server may want to finish its requests first.
  private static void seal(Cluster cluster, ClusterNode node) {
    var ignored =
        node.api()
            .withToken(cluster.rootToken())
            .withTimeout(Duration.ofSeconds(2))
            .put("sys/seal", Map.of());
  }

  private static Milestones at(Milestone wanted, Runnable fault) {
    return milestone -> {
      if (milestone == wanted) {
        fault.run();
      }
    };
  }

  private static void nothingIsStored(Site site) {
    assertEquals(List.of(), Site.files(site.store()));
    assertEquals(List.of(), site.spooled());
  }
}
