package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// `lifeboat restore diagnose` on real servers, one of which is damaged.
class RestoreDiagnoseTest {
  private static final Duration BOUND = Duration.ofSeconds(20);

  @TempDir Path folder;

  /// On OpenBao a byte of each secret: all is well but for its reads. A standby of Vault has no
  /// reads of its own, so there it is a file that is no database any more.
  private static void damage(Cluster cluster, ClusterNode node) {
    cluster.halt(node);
    if (cluster.binary().product() == Product.OPENBAO) {
      var data = node.config().raftFolder().resolve("vault.db");
      assertTrue(BoltDamage.flip(data, "logical/", "/versions/") > 0);
      cluster.restart(node);
    } else {
      RestoreSite.damage(node);
      node.start();
      Await.until("its end", BOUND, () -> !node.running());
    }
  }

  @ParameterizedTest
  @BothProducts
  void a_damaged_standby_is_found_rebuilt_and_sound_again(Product product) {
    var plan = ClusterPlan.of(TestClusters.binary(product), 3).shamir(5, 3);
    try (var cluster = TestClusters.start(plan, folder);
        var control = NodeControl.of(cluster)) {
      RestoreSite.write(cluster, "kept");
      var site = RestoreSite.of(cluster, folder).into(control);
      site.site()
          .configure(
              "restore.auth { method = token, token { file = \"%s\" } }"
                  .formatted(
                      Folders.writeSecret(folder.resolve("root"), cluster.rootToken().reveal())));
      site.site().backup();
      var node = cluster.standbys().getFirst();
      damage(cluster, node);

      var run = site.run("restore", "diagnose", "--path", "secret/data/tenant");

      run.expect(Exit.VERIFICATION_FAILED);
      assertTrue(run.out().contains(node.name() + " is damaged"), run.out());
      assertTrue(run.out().contains("next: lifeboat restore node " + node.name()), run.out());
      var damaged = run.out().lines().filter(line -> line.contains(" is damaged: ")).count();
      assertEquals(1, damaged, run.out());
      site.run(site.node(node, "--yes")).expect(Exit.OK);
      var after = site.run("restore", "diagnose", "--json", "--path", "secret/data/tenant");
      assertTrue(after.expect(Exit.OK).json().path("sound").asBoolean());
      RestoreSite.assertHas(cluster, "kept");
    }
  }
}
