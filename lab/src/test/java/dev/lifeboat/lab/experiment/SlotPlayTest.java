package dev.lifeboat.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.AgentFleet.Routine;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Network;
import dev.lifeboat.lab.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A sample of `./lifeboat lab slots` and `./lifeboat lab race`. On OpenBao alone: the fence is in
/// the store.
class SlotPlayTest {
  private static final int ROUNDS = 6;
  private static final long SEED = 20_261_122;

  @TempDir Path folder;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void each_slot_has_one_manifest_while_the_leaders_machine_dies() {
    play(
        Routine.SLOTS,
        false,
        play -> play.failovers(Duration.ofSeconds(40), Duration.ofSeconds(20), SEED));
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void of_three_agents_that_race_for_a_slot_of_a_bucket_one_gets_it_though_one_stands_still() {
    play(Routine.RACE, true, play -> play.race(ROUNDS, SEED));
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void each_slot_has_one_manifest_while_the_leaders_node_is_cut_off_from_the_others() {
    try (var network = Network.open(SlotStage.NODES)) {
      var plan = ClusterPlan.of(Servers.openbao(), SlotStage.NODES).in(network);
      try (var stage = SlotStage.split(plan, folder)) {
        var report =
            new SlotPlay(stage, InstantSource.system())
                .splits(network, Duration.ofSeconds(30), Duration.ofSeconds(15), SEED);

        System.out.println(report);
        assertTrue(report.good(), report::toString);
      }
    }
  }

  private void play(Routine routine, boolean s3, Function<SlotPlay, SlotReport> part) {
    var plan = ClusterPlan.of(Servers.openbao(), SlotStage.NODES);
    try (var stage = SlotStage.open(plan, folder, routine, s3)) {
      var report = part.apply(new SlotPlay(stage, InstantSource.system()));

      System.out.println(report);
      assertTrue(report.good(), report::toString);
    }
  }
}
