package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Genuine backups of a cluster, expired by the program: by the agent over days, and by a process
/// that is killed between two deletions. What remains lost nothing. On OpenBao alone: the server
/// has no part in it.
class RetentionTest {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path folder;

  @Test
  void the_agent_keeps_three_days_and_what_is_pinned() {
    // All of it is past, so that the command line, which has no shifted clock, believes it.
    var first = Instant.now().truncatedTo(ChronoUnit.DAYS).minus(DAY.multipliedBy(20));
    var clock = new ShiftedClock(first.plus(Duration.ofHours(2)).plusSeconds(1));
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("backup.schedules.daily { cron = \"0 2 * * *\", zone = UTC }")
              .configure("watch.interval = 500ms")
              // The last verified one would stay beside the three.
              .configure("backup.verification.cron = null")
              .configure("stores.local.retention { daily = 3 }");
      var agent = AgentHere.start(site, clock, Milestones.NONE);
      try {
        awaitListed(site, 1);
        clock.set(first.plus(Duration.ofHours(12)));
        var pinned =
            site.run("backup", "--label", "pre-upgrade", "--pin", "90d", "--json")
                .expect(Exit.OK)
                .json();
        assertEquals("pre-upgrade", pinned.path("label").stringValue());
        var id = pinned.path("id").stringValue();

        for (int day = 1; day <= 6; day++) {
          var slot = first.plus(DAY.multipliedBy(day)).plus(Duration.ofHours(2));
          clock.set(slot.plusSeconds(1));
          awaitSlot(site, slot);
          // The pinned one is the newest of the first day, which it speaks for and then outlives.
          awaitListed(site, Math.min(day, 3) + 1);
        }

        assertTrue(site.listed().contains(id), "the pinned one is gone");
        assertTrue(site.run("list").out().contains("pre-upgrade"), site.run("list").out());
        assertEquals(Set.copyOf(site.listed()), site.objects().keySet());
        site.run("unpin", id).expect(Exit.OK);
        site.run("expire", "--yes").expect(Exit.OK);
        assertEquals(3, site.listed().size());
        site.verifyAll();
      } finally {
        agent.close();
      }
    }
  }

  @Test
  void a_process_killed_between_two_deletions_leaves_every_other_backup_whole() {
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site = Site.beside(cluster, folder.resolve("site"));
      site.configure("stores.local.retention { last = 2 }");
      var expected = new ArrayList<String>();
      for (int number = 0; number < 6; number++) {
        expected.add(site.backup());
      }

      for (Milestone milestone : Milestone.ofExpiry()) {
        var process = HeldMain.expire(site, milestone, folder.resolve(milestone + ".txt"));
        process.kill();

        var gone = expected.removeFirst();
        assertEquals(Set.copyOf(expected), Set.copyOf(site.listed()), milestone::toString);
        site.verifyAll();
        int left = site.objects().getOrDefault(gone, List.of()).size();
        assertEquals(
            switch (milestone) {
              case EXPIRY_MANIFEST_GONE -> 2;
              case EXPIRY_KEYS_GONE -> 1;
              default -> 0;
            },
            left,
            milestone::toString);
      }

      site.run("expire", "--yes").expect(Exit.OK);
      assertEquals(
          Set.copyOf(expected.subList(expected.size() - 2, expected.size())),
          Set.copyOf(site.listed()));
      site.verifyAll();
      // A backup taken afterwards is as good as any; the leftovers wait for their week.
      var next = site.backup();
      var ids = new HashSet<>(site.objects().keySet());
      assertTrue(ids.containsAll(Set.of(next, expected.getLast())), ids::toString);
      site.verifyAll();
    }
  }

  private static void awaitListed(Site site, int count) {
    Await.until(count + " backups to be listed", BOUND, () -> site.listed().size() == count);
  }

  private static void awaitSlot(Site site, Instant slot) {
    Await.until(
        "the backup of " + slot,
        BOUND,
        () -> site.run("list", "--json").out().contains("\"slot\" : \"" + slot + "\""));
  }
}
