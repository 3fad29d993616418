package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import tools.jackson.databind.JsonNode;

/// Three agents beside three nodes, one store: each slot once, whoever leads.
class ScheduledBackupTest {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  void each_slot_is_taken_once_by_the_leader_of_its_time(Product product) {
    // A quarter of an hour before the hour, so that no slot comes by itself during the test.
    var clock = new ShiftedClock(Instant.now().truncatedTo(ChronoUnit.HOURS).minusSeconds(900));
    var firstSlot = clock.instant().truncatedTo(ChronoUnit.HOURS).plus(HOUR);
    var agents = new ArrayList<AgentHere>();
    try (var cluster = TestClusters.start(product, 3, folder)) {
      var sites = Site.besideEach(cluster, folder.resolve("sites"));
      for (var site : sites) {
        site.configure("backup.schedules.daily { cron = \"0 * * * *\", zone = UTC }");
        site.configure("watch.interval = 500ms");
        agents.add(AgentHere.start(site, clock, Milestones.NONE));
      }
      var anySite = sites.getFirst();
      // The slot of the hour that has begun is caught up.
      awaitSlots(anySite, 1);

      clock.set(firstSlot.plusSeconds(1));
      awaitSlots(anySite, 2);
      var leader = cluster.awaitLeader(BOUND);
      assertEquals(leader.name(), slots(anySite).get(firstSlot.toString()));

      cluster.kill(leader);
      var successor = cluster.awaitLeader(BOUND);
      awaitScheduler(sites.get(cluster.nodes().indexOf(successor)), clock);
      assertEquals(2, anySite.listed().size(), "a slot was repeated");

      var secondSlot = firstSlot.plus(HOUR);
      clock.set(secondSlot.plusSeconds(1));
      awaitSlots(anySite, 3);
      assertEquals(successor.name(), slots(anySite).get(secondSlot.toString()));
      assertEquals(3, anySite.listed().size(), "a slot was repeated");
      anySite.verifyAll();
    } finally {
      agents.forEach(AgentHere::close);
    }
  }

  /// By slot, the node that took it.
  private static Map<String, String> slots(Site site) {
    var slots = new TreeMap<String, String>();
    for (JsonNode entry : site.run("list", "--json").expect(Exit.OK).json()) {
      var manifest = entry.path("manifest");
      slots.put(manifest.path("slot").asString("by hand"), manifest.path("node").stringValue());
    }
    return slots;
  }

  private static void awaitSlots(Site site, int count) {
    Await.until(count + " slots to be taken", BOUND, () -> slots(site).size() == count);
  }

  /// Until the new leader's agent knows that its node leads, and looked what is due since, and
  /// would have taken it.
  private static void awaitScheduler(Site site, ShiftedClock clock) {
    Await.until(
        "the agent of the new leader to know",
        BOUND,
        () -> site.run("status", "--json").out().contains("\"active\""));
    int looks = clock.schedulerLooks();
    Await.until("its scheduler", BOUND, () -> clock.schedulerLooks() >= looks + 3);
  }
}
