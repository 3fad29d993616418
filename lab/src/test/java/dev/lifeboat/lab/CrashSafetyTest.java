package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// SIGKILL of the real process: a backup exists whole or not at all, those of before stay as they
/// were, and what lies about goes at the next run.
class CrashSafetyTest {
  private static final int MEBIBYTES = 4;
  private static final int INSTANTS = 50;
  private static final long SEED = 20_261_122;

  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void a_process_killed_at_any_milestone_loses_no_backup_and_leaves_no_half_of_one(
      Product product) {
    try (var cluster = TestClusters.start(product, 1, folder)) {
      TestClusters.fill(cluster.root(), "filling", MEBIBYTES);
      var site = Site.beside(cluster, folder.resolve("site"));
      var expected = new ArrayList<>(List.of(site.backup()));

      for (Milestone milestone : Milestone.ofRun()) {
        var process = HeldMain.backup(site, milestone, folder.resolve(milestone + ".txt"));
        process.kill();

        var listed = site.listed();
        int more = milestone == Milestone.MANIFEST_STORED ? 1 : 0;
        assertTrue(listed.containsAll(expected), () -> milestone + " lost one: " + listed);
        assertEquals(expected.size() + more, listed.size(), milestone::toString);
        site.run("verify", "--all", "--no-record").expect(Exit.OK);

        expected = new ArrayList<>(listed);
        expected.add(site.backup());
        assertNothingLiesAbout(site, Set.copyOf(expected), milestone.toString());
      }
      site.verifyAll();
    }
  }

  /// On OpenBao alone: what differs between the products is over when the first byte is written.
  @Test
  @Timeout(value = 6, unit = TimeUnit.MINUTES)
  void a_process_killed_at_fifty_random_instants_loses_no_backup() {
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      TestClusters.fill(cluster.root(), "filling", MEBIBYTES);
      var site = Site.beside(cluster, folder.resolve("site"));
      List<String> before = List.of(site.backup());
      long whole = nanosOfOneRun(site);
      before = checked(site, before, "before");

      var random = new SplittableRandom(SEED);
      int finished = 0;
      for (int number = 1; number <= INSTANTS; number++) {
        long instant = random.nextLong(whole + whole / 10);
        var process = HeldMain.backup(site, folder.resolve("run-" + number + ".txt"));
        long began = System.nanoTime();
        if (process.awaitEnd(Duration.ofNanos(instant))) {
          finished++;
          // The first run of a machine is its slowest; the instants follow what a run takes now.
          whole = Math.min(whole, System.nanoTime() - began);
        }
        process.kill();
        before =
            checked(
                site,
                before,
                "instant %d, %d ms of %d, seed %d"
                    .formatted(number, instant / 1_000_000, whole / 1_000_000, SEED));
      }

      var last = site.backup();
      assertNothingLiesAbout(site, Set.copyOf(site.listed()), "at the end, seed " + SEED);
      assertTrue(site.listed().contains(last));
      site.verifyAll();
      assertTrue(finished < INSTANTS / 4, finished + " runs were over before they were killed");
      System.out.println(
          "killed at %d instants over %d ms, seed %d: %d runs were over, %d backups exist"
              .formatted(INSTANTS, whole / 1_000_000, SEED, finished, site.listed().size()));
    }
  }

  /// From `begun` to the end of the process.
  private long nanosOfOneRun(Site site) {
    var process = HeldMain.backup(site, folder.resolve("whole.txt"));
    long began = System.nanoTime();
    assertTrue(process.awaitEnd(Duration.ofSeconds(30)));
    assertEquals(0, process.exitCode());
    return System.nanoTime() - began;
  }

  /// Everything of before is there and what is listed is good.
  private static List<String> checked(Site site, List<String> before, String when) {
    var listed = site.listed();
    assertTrue(listed.containsAll(before), () -> when + ": lost one of " + before);
    assertTrue(listed.size() <= before.size() + 1, () -> when + ": " + listed);
    assertEquals(
        0,
        site.run("verify", listed.getLast(), "--no-record").code(),
        () -> when + ": " + listed.getLast() + " is not good");
    return listed;
  }

  private static void assertNothingLiesAbout(Site site, Set<String> ids, String when) {
    assertEquals(List.of(), site.spooled(), when);
    Map<String, List<String>> objects = site.objects();
    assertEquals(ids, objects.keySet(), when);
    objects.forEach(
        (id, endings) -> {
          assertEquals(3, endings.size(), () -> when + ": " + id + " has " + endings);
          assertTrue(endings.containsAll(List.of("data", "manifest")), endings::toString);
        });
  }
}
