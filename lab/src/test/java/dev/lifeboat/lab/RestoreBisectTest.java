package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `lifeboat restore bisect` on real servers: a cluster that lives, and a scratch node on a machine
/// of its own that cannot reach it.
class RestoreBisectTest {
  @TempDir Path folder;

  private ClusterPlan plan(Product product) {
    return ClusterPlan.of(TestClusters.binary(product), 1).shamir(5, 3);
  }

  /// Ends as the product's own client says of the value.
  private Path check(Cluster cluster, String otherwise) {
    var script =
        """
        #!/bin/sh
        echo "looking at $LIFEBOAT_BACKUP"
        case "$(%s kv get -field=password secret/tenant)" in
          good) exit 0 ;;
          unknown) exit 125 ;;
          bad) %s ;;
        esac
        exit 200
        """
            .formatted(cluster.binary().path(), otherwise);
    try {
      var file = Files.writeString(folder.resolve("check"), script);
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> backups(RestoreSite site, Cluster cluster, String... values) {
    var ids = new ArrayList<String>();
    for (var value : values) {
      RestoreSite.write(cluster, value);
      ids.add(site.site().backup());
    }
    return ids;
  }

  private RestoreSite site(Cluster cluster, NodeControl living) {
    var site = RestoreSite.of(cluster, folder).into(living);
    site.site()
        .configure(
            "restore.auth { method = token, token { file = \"%s\" } }"
                .formatted(
                    Folders.writeSecret(folder.resolve("root"), cluster.rootToken().reveal())));
    return site;
  }

  private static Run bisect(RestoreSite site, Milestones milestones, String... more) {
    var command =
        new ArrayList<>(
            List.of(
                "restore",
                "bisect",
                "--yes",
                "--config",
                site.site().config().toString(),
                "--share-file",
                site.shares().toString(),
                "--identity",
                site.site().identity().toString()));
    command.addAll(List.of(more));
    return Program.here(milestones, command.toArray(String[]::new));
  }

  /// Ends this process, as far as a test can, when so many checks have begun.
  private static Milestones deadInCheck(RestoreSite site, int number) {
    return new Milestones() {
      @Override
      public void reached(Milestone milestone) {}

      @Override
      public void journalled(int line) {
        var lines = site.journalLines();
        if (lines.getLast().contains("\"started\",\"step\":\"check ")
            && count(lines, "\"started\",\"step\":\"check ") == number) {
          throw new AssertionError("killed");
        }
      }
    };
  }

  private static long count(List<String> lines, String words) {
    return lines.stream().filter(line -> line.contains(words)).count();
  }

  @Test
  void of_eight_backups_the_newest_good_one_is_found_by_four_restores_and_a_death_amid() {
    try (var cluster = TestClusters.start(plan(Product.OPENBAO), folder);
        var living = NodeControl.of(cluster);
        var network = Network.open(1);
        var scratch =
            Cluster.blank(
                cluster.plan().in(network).secured(), folder.resolve("scratch"), cluster);
        var control = NodeControl.of(scratch)) {
      var site = site(cluster, living);
      var ids = backups(site, cluster, "good", "good", "good", "good", "good", "bad", "bad", "bad");
      var check = check(cluster, "exit 1").toString();
      try (var near = Cluster.blank(cluster.plan(), folder.resolve("near"), cluster);
          var itsControl = NodeControl.of(near)) {
        site.site().configure(itsControl.scratch());
        var refused = bisect(site, Milestones.NONE, "--", check).expect(Exit.RESTORE_FAILED);
        assertTrue(refused.err().contains("can still be reached"), refused.err());
      }
      site.site()
          .configure(control.scratch())
          .configure("vault.tls.ca-file = \"%s\"".formatted(scratch.caFile()));
      var missing = bisect(site, Milestones.NONE, "--", folder.resolve("none").toString());
      assertTrue(missing.expect(Exit.USAGE).err().contains("is no program"), missing.err());
      assertEquals(List.of(), site.journalLines());

      bisect(site, deadInCheck(site, 2), "--", check).expect(Exit.INTERNAL);
      scratch.kill(scratch.nodes().getFirst());
      var run = bisect(site, Milestones.NONE, "--", check).expect(Exit.OK);

      assertTrue(run.out().contains("newest good  " + ids.get(4)), run.out());
      assertTrue(run.out().contains("oldest bad   " + ids.get(5)), run.out());
      assertTrue(run.out().contains("restore cluster --id " + ids.get(4) + " --force"), run.out());
      assertTrue(run.out().contains(", answered before"), run.out());
      assertTrue(run.err().contains("looking at " + ids.get(4)), run.err());
      var lines = site.journalLines();
      assertTrue(count(lines, "\"done\",\"step\":\"restore into ") <= 4, run.out());
      assertFalse(String.join("\n", lines).contains(cluster.rootToken().reveal()));
      assertFalse(scratch.nodes().getFirst().running());
      RestoreSite.assertHas(cluster, "bad");
    }
  }

  @Test
  void a_backup_that_cannot_be_judged_is_passed_over() {
    try (var cluster = TestClusters.start(plan(Product.VAULT), folder);
        var living = NodeControl.of(cluster);
        var network = Network.open(1);
        var scratch =
            Cluster.blank(
                cluster.plan().in(network).secured(), folder.resolve("scratch"), cluster);
        var control = NodeControl.of(scratch)) {
      var site = site(cluster, living);
      var ids = backups(site, cluster, "good", "unknown", "bad");
      site.site()
          .configure(control.scratch())
          .configure("vault.tls.ca-file = \"%s\"".formatted(scratch.caFile()));
      var check = check(cluster, "exit 7").toString();

      var run = bisect(site, Milestones.NONE, "--json", "--", check).expect(Exit.OK).json();

      assertEquals(ids.get(0), run.at("/newestGood/id").asString());
      assertEquals(ids.get(2), run.at("/oldestBad/id").asString());
      assertEquals(ids.get(1), run.at("/skipped/0/id").asString());
      assertEquals(3, run.path("asked").size());
    }
  }
}
