package dev.lifeboat.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.alerts.ScaledRules;
import dev.lifeboat.lab.experiment.AlertPlay.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A sample of `./lifeboat lab alerts`. On OpenBao alone: the rules see agents, and no server.
class AlertPlayTest {
  private static final List<String> SAMPLE =
      List.of("leader flapping", "agent of the active node down");

  @TempDir Path folder;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void a_fault_is_told_by_its_alerts_and_a_healthy_cluster_by_none() throws InterruptedException {
    var outcomes = new ArrayList<Outcome>();
    try (var stage = Ground.RAFT.open(Servers.openbao(), folder.resolve("stage"))) {
      var play =
          new AlertPlay(
              stage, folder.resolve("plays"), new ScaledRules(10), InstantSource.system());
      outcomes.add(play.healthy(Duration.ofSeconds(20)));
      for (Fault fault : Faults.named(SAMPLE)) {
        outcomes.add(play.play(fault));
      }
    }

    System.out.print(AlertReport.head());
    outcomes.forEach(outcome -> System.out.print(AlertReport.lines(outcome)));
    assertTrue(outcomes.stream().allMatch(Outcome::good), outcomes::toString);
  }

  @Test
  void the_table_names_what_never_came_and_what_should_not_have() {
    var outcome =
        new Outcome(
            "a fault", Set.of("A", "B"), Map.of("A", 8.52, "C", 9.0), List.of("mail: no date"));

    assertEquals(List.of("C"), outcome.falseAlarms());
    assertEquals(List.of("B"), outcome.missing());
    assertTrue(!outcome.good());
    assertEquals(
        """
        a fault                          A                                  8.5 s  C after 9.0 s
                                         B                                  NEVER
          refused: mail: no date
        """,
        AlertReport.lines(outcome));
  }
}
