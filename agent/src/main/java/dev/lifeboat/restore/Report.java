package dev.lifeboat.restore;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How a run ended.
///
/// @param run its name; the journal's too
/// @param took since it was begun, by whichever process
/// @param phases what each step took, in its order
/// @param proven the nodes that are back
/// @param missing the nodes that are not, and why
public record Report(
    String run,
    Duration took,
    List<Phase> phases,
    List<String> proven,
    Map<String, String> missing) {
  public Report {
    phases = List.copyOf(phases);
    proven = List.copyOf(proven);
    missing = Map.copyOf(missing);
  }

  /// @param facts what the step found
  public record Phase(String step, double seconds, Map<String, String> facts) {}

  public boolean whole() {
    return missing.isEmpty();
  }

  /// `run`, `whole`, `seconds`, `proven[]`, `missing{node: why}`, `steps[{step, seconds,
  /// facts{}}]`.
  public ObjectNode toJson() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("run", run).put("whole", whole()).put("seconds", took.toMillis() / 1000.0);
    ArrayNode nodes = object.putArray("proven");
    proven.forEach(nodes::add);
    ObjectNode absent = object.putObject("missing");
    new TreeMap<>(missing).forEach(absent::put);
    ArrayNode steps = object.putArray("steps");
    for (Phase phase : phases) {
      ObjectNode step = steps.addObject().put("step", phase.step()).put("seconds", phase.seconds());
      ObjectNode facts = step.putObject("facts");
      new TreeMap<>(phase.facts()).forEach(facts::put);
      var _ = facts.remove("seconds");
    }
    return object;
  }
}
