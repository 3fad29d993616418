package dev.lifeboat.restore;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.machine.MachineException;
import dev.lifeboat.postgresql.PostgresqlException;
import dev.lifeboat.postgresql.Target;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Gives back what a run that is given up has taken, and says of what that was not possible.
///
/// @param entries of its journal
record GiveBack(String run, List<Entry> entries) {
  private static final String STILL_TAKEN = "is still taken: ";

  Map<String, String> nodes(List<Node> nodes) throws InterruptedException {
    Map<String, String> kept = new LinkedHashMap<>();
    for (Node node : nodes) {
      if (neverTaken(node)) {
        continue;
      }
      try {
        node.storage().unlock(run);
      } catch (MachineException | RestoreException e) {
        kept.put(node.id(), STILL_TAKEN + e.getMessage());
      }
    }
    return kept;
  }

  /// A node of another region that was given up, or found sealed, and so was never asked.
  private boolean neverTaken(Node node) {
    return entries.stream()
        .filter(entry -> entry.event() == Event.DONE && entry.step().equals(Restoring.STOP + node))
        .flatMap(entry -> entry.fact(Fence.FENCED).stream())
        .anyMatch(how -> !how.equals(Fence.STOPPED));
  }

  /// @param target that is configured now
  Map<String, String> database(Supplier<Target> target) {
    Map<String, String> kept = new LinkedHashMap<>();
    try {
      Target now = target.get();
      now.giveBack(run);
      entries.stream()
          .filter(entry -> entry.step().equals(PostgresqlRestore.TAKE))
          .flatMap(entry -> entry.fact(PostgresqlRestore.DATABASE).stream())
          .filter(taken -> !taken.equals(now.where()))
          .forEach(
              taken ->
                  kept.put(
                      "the database",
                      STILL_TAKEN
                          + "%s, and restore.postgresql names %s now\nhint: %s"
                              .formatted(
                                  taken,
                                  now.where(),
                                  "remove the first line of its comment (\\l+)")));
    } catch (PostgresqlException | RestoreException | SecretException e) {
      kept.put("the database", STILL_TAKEN + e.getMessage());
    }
    return kept;
  }
}
