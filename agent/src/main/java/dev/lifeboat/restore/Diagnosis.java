package dev.lifeboat.restore;

import dev.lifeboat.vault.AutopilotState;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What was found of a cluster.
///
/// @param leader empty when nobody leads
/// @param unknown what could not be looked at, and why
/// @param wrong what no node reads: the data itself
/// @param next what to run for the cluster as a whole
public record Diagnosis(
    Optional<String> leader,
    List<OfNode> nodes,
    List<String> unknown,
    List<String> wrong,
    Optional<String> next) {
  public Diagnosis {
    nodes = List.copyOf(nodes);
    unknown = List.copyOf(unknown);
    wrong = List.copyOf(wrong);
  }

  /// What was found of a node.
  ///
  /// @param later how far its data goes a few seconds after it was seen
  /// @param reads how many values were read at it
  /// @param log what its server says of its storage
  /// @param next the command to run
  public record OfNode(
      Seen seen,
      OptionalLong later,
      Optional<AutopilotState.Server> autopilot,
      int reads,
      boolean logRead,
      List<String> log,
      Verdict verdict,
      String why,
      Optional<String> next) {
    public OfNode {
      log = List.copyOf(log);
    }

    private ObjectNode toJson() {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      object
          .put("node", seen.node().id())
          .put("address", seen.node().address().toString())
          .put("machine", seen.machine())
          .put("now", seen.words())
          .put("leads", seen.leads())
          .put("verdict", verdict.label())
          .put("why", why)
          .put("reads", reads)
          .put("logRead", logRead);
      seen.runs().ifPresent(runs -> object.put("runs", runs));
      seen.status().ifPresent(status -> object.put("sealed", status.sealed()));
      seen.index().ifPresent(index -> object.put("index", index));
      later.ifPresent(index -> object.put("laterIndex", index));
      autopilot.ifPresent(
          server ->
              object
                  .putObject("autopilot")
                  .put("healthy", server.healthy())
                  .put("lastIndex", server.lastIndex())
                  .put(
                      "lastContactSeconds",
                      server.lastContact().map(each -> each.toMillis() / 1000.0).orElse(0.0)));
      ArrayNode lines = object.putArray("log");
      log.forEach(lines::add);
      next.ifPresent(command -> object.put("next", command));
      return object;
    }
  }

  /// Whether any node has this verdict.
  public boolean has(Verdict verdict) {
    return nodes.stream().anyMatch(node -> node.verdict() == verdict);
  }

  /// Whether nothing is seen against any node, nor against what they serve.
  public boolean sound() {
    return wrong.isEmpty() && nodes.stream().allMatch(node -> node.verdict() == Verdict.SOUND);
  }

  /// `leader`, `sound`, `nodes[{node, verdict, why, next, …}]`, `unknown[]`, `wrong[]`, `next`.
  public ObjectNode toJson() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    leader.ifPresent(node -> object.put("leader", node));
    object.put("sound", sound());
    ArrayNode all = object.putArray("nodes");
    nodes.forEach(node -> all.add(node.toJson()));
    ArrayNode unasked = object.putArray("unknown");
    unknown.forEach(unasked::add);
    ArrayNode data = object.putArray("wrong");
    wrong.forEach(data::add);
    next.ifPresent(command -> object.put("next", command));
    return object;
  }
}
