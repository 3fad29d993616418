package dev.lifeboat.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.objective.Objectives.Targets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObjectivesTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Places NOTHING = new Places(1, false, false, false);
  private static final Places EVERYTHING = new Places(3, true, true, true);

  @Test
  void with_stores_everywhere_the_schedule_decides() {
    assertEquals(
        List.of(
            "server-failure 0s met: the other nodes have everything",
            "cluster-loss 86400s missed: the longest time between two backups",
            "quorum-loss 86400s missed: the longest time between two backups",
            "region-failover 86400s missed: the longest time between two backups",
            "vps-compromise 86400s missed: the longest time between two backups",
            "credential-compromise 86400s missed: the longest time between two backups"),
        judged(Optional.of(DAY), EVERYTHING));
    assertEquals(
        6, judged(Optional.of(HOUR), EVERYTHING).stream().filter(j -> j.contains(" met")).count());
  }

  @Test
  void with_a_folder_of_the_node_alone_nearly_nothing_can_be_promised() {
    assertEquals(
        List.of(
            "server-failure nothing missed: every store is a folder of a node that may be lost",
            "cluster-loss nothing missed: every store is a folder of a node that may be lost",
            "quorum-loss nothing missed: every store is a folder of a node that may be lost",
            "region-failover nothing missed: no backup is in a second region: a store with"
                + " replicate-from",
            "vps-compromise nothing missed: whoever is root on a node can delete every backup:"
                + " object lock",
            "credential-compromise 3600s met: the longest time between two backups"),
        judged(Optional.of(HOUR), NOTHING));
  }

  @Test
  void without_a_schedule_only_the_other_nodes_help() {
    List<String> judged = judged(Optional.empty(), EVERYTHING);

    assertEquals("server-failure 0s met: the other nodes have everything", judged.getFirst());
    assertEquals("cluster-loss nothing missed: there is no schedule", judged.get(1));
  }

  @Test
  void two_nodes_are_no_cluster_that_survives_one() {
    assertEquals(
        "server-failure 3600s met: the longest time between two backups",
        judged(Optional.of(HOUR), new Places(2, true, false, false)).getFirst());
  }

  @Test
  void without_a_target_of_data_loss_there_is_nothing_to_judge() {
    Map<Scenario, Targets> onlyTime = new EnumMap<>(Scenario.class);
    onlyTime.put(Scenario.CLUSTER_LOSS, new Targets(Optional.of(HOUR), Optional.empty()));

    assertEquals(List.of(), new Objectives(onlyTime).judge(Optional.of(HOUR), EVERYTHING));
    assertEquals(List.of(), Objectives.NONE.judge(Optional.of(HOUR), EVERYTHING));
  }

  private static List<String> judged(Optional<Duration> interval, Places places) {
    Map<Scenario, Targets> all = new EnumMap<>(Scenario.class);
    for (Scenario scenario : Scenario.values()) {
      all.put(scenario, new Targets(Optional.empty(), Optional.of(HOUR)));
    }
    return new Objectives(all)
        .judge(interval, places).stream()
            .map(
                judgement ->
                    "%s %s %s: %s"
                        .formatted(
                            judgement.scenario().label(),
                            judgement.promised().map(d -> d.toSeconds() + "s").orElse("nothing"),
                            judgement.met() ? "met" : "missed",
                            judgement.why()))
            .toList();
  }
}
