package dev.lifeboat.restore;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What a bisection has found.
///
/// @param run its name; the journal's too
/// @param took since it was begun, by whichever process
/// @param asked in the order in which they were
/// @param newestGood empty when none is
/// @param oldestBad of those after it; empty when the newest is good
/// @param skipped those between the two of which the check could not tell
public record Bisected(
    String run,
    Duration took,
    List<Asked> asked,
    Optional<Backup> newestGood,
    Optional<Backup> oldestBad,
    List<Backup> skipped) {
  public Bisected {
    asked = List.copyOf(asked);
    skipped = List.copyOf(skipped);
  }

  /// One of them.
  public record Backup(String id, Instant takenAt) {
    private ObjectNode toJson() {
      return JsonNodeFactory.instance.objectNode().put("id", id).put("takenAt", takenAt.toString());
    }
  }

  /// What was said of it.
  public record Asked(Backup backup, Answer answer) {
    /// `good`, `bad` or `skip`.
    public String said() {
      return answer.label();
    }
  }

  /// `run`, `seconds`, `asked[{id, takenAt, answer}]`, `newestGood{id, takenAt}`, `oldestBad{id,
  /// takenAt}`, `skipped[]`.
  public ObjectNode toJson() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("run", run).put("seconds", took.toMillis() / 1000.0);
    ArrayNode all = object.putArray("asked");
    asked.forEach(each -> all.add(each.backup().toJson().put("answer", each.said())));
    newestGood.ifPresent(backup -> object.set("newestGood", backup.toJson()));
    oldestBad.ifPresent(backup -> object.set("oldestBad", backup.toJson()));
    ArrayNode untold = object.putArray("skipped");
    skipped.forEach(each -> untold.add(each.toJson()));
    return object;
  }
}
