package dev.lifeboat.lab.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said of mutants that are played together.
class PromtoolTest {
  private static final AlertRule SEALED =
      AlertRule.all().stream()
          .filter(rule -> rule.name().equals("VaultSealed"))
          .findFirst()
          .orElseThrow();

  private static final Mutant SAME = mutant("vault_node_sealed == 1");
  private static final Mutant NEVER = mutant("vault_node_sealed == 2");
  private static final Mutant NO_RULE = mutant("vault_node_sealed ==");

  private static final Mutant MANY_TO_MANY =
      mutant("vault_node_sealed == on (job) vault_node_sealed");

  @TempDir Path folder;

  private static Mutant mutant(String expression) {
    return new Mutant(SEALED, SEALED.withExpression(expression));
  }

  private List<Mutant> unnoticed(Mutant... mutants) {
    Story story =
        Story.ofMinutes("a node is sealed", 30)
            .change(Healthy.on("vault_node_sealed", "b"), "0", "10m", "1")
            .first("11m", "VaultSealed");
    return new Promtool(folder).unnoticed(List.of(mutants), story);
  }

  @Test
  void of_mutants_that_are_played_together_each_is_noticed_on_its_own() {
    assertEquals(List.of(SAME, SAME), unnoticed(SAME, NEVER, SAME, NEVER));
  }

  @Test
  void what_is_no_rule_or_cannot_be_evaluated_is_noticed_and_hides_nothing() {
    assertEquals(List.of(SAME), unnoticed(SAME, NO_RULE, NEVER, MANY_TO_MANY));
  }
}
