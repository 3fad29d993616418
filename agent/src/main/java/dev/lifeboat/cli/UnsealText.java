package dev.lifeboat.cli;

import dev.lifeboat.status.Printable;
import dev.lifeboat.unseal.AutoUnseal.Finding;
import dev.lifeboat.unseal.Opening;
import dev.lifeboat.unseal.Opening.Result;
import dev.lifeboat.vault.SealStatus;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What `lifeboat unseal` prints: the plan, a line for each node, how it ended.
final class UnsealText {
  private UnsealText() {}

  /// @param waiting those of `seen` that shares can open
  /// @param sources where the shares will come from
  static String plan(
      List<UnsealCommand.Seen> seen,
      List<UnsealCommand.Seen> waiting,
      String sources,
      boolean add) {
    Table table = new Table("NO", "NODE", "NOW", "TO DO");
    int number = 0;
    for (UnsealCommand.Seen each : seen) {
      table.row(
          Integer.toString(++number),
          each.node().address().toString(),
          now(each),
          toDo(each, waiting.contains(each), add));
    }
    StringBuilder text = new StringBuilder(table.toString());
    if (!waiting.isEmpty()) {
      text.append("\nshares   ").append(Printable.of(sources)).append('\n');
      text.append(
          """
          unknown  whether they are right: a sealed node cannot tell before it has enough
          changes  nothing but the seal of these nodes; the same command again is safe
          """);
    }
    return text.append('\n').toString();
  }

  private static String now(UnsealCommand.Seen seen) {
    if (seen.status().isEmpty()) {
      return "does not answer";
    }
    SealStatus status = seen.status().get();
    if (!status.initialized()) {
      return "holds no data";
    }
    if (!status.sealed()) {
      return "open";
    }
    String given = status.progress() == 0 ? "" : ", %d given".formatted(status.progress());
    return status.type().equals("shamir")
        ? "sealed, %d of %d shares needed%s".formatted(status.threshold(), status.shares(), given)
        : "sealed, opens itself with %s%s".formatted(status.type(), given);
  }

  private static String toDo(UnsealCommand.Seen seen, boolean waiting, boolean add) {
    if (waiting && add) {
      return "add shares to those it has";
    }
    if (waiting) {
      boolean begun = seen.status().filter(status -> status.progress() > 0).isPresent();
      return begun ? "forget what was given, give shares" : "give shares";
    }
    boolean own =
        seen.status().filter(s -> s.initialized() && s.sealed()).isPresent()
            || seen.status().isEmpty();
    return own ? "find out why" : "nothing";
  }

  /// One node, as soon as it is done.
  static String line(Opening opening) {
    String word = opening.result().open() || opening.result() == Result.TAKEN ? "ok" : "NOT OPEN";
    return entry(opening.address().toString(), word, opening.text(), opening.hint());
  }

  /// @param leader empty when no node leads, or none was open to be asked
  static String end(List<Opening> openings, List<Finding> findings, Optional<URI> leader) {
    StringBuilder text = new StringBuilder();
    for (Finding finding : findings) {
      String word =
          switch (finding.grade()) {
            case GOOD -> "ok";
            case UNKNOWN -> "unknown";
            case BAD -> "WRONG";
          };
      text.append(entry("seal", word, finding.text(), finding.hint()));
    }
    long open = openings.stream().filter(each -> each.result().open()).count();
    if (open > 0) {
      text.append(
          leader
              .map(address -> entry("leader", "ok", address.toString(), ""))
              .orElseGet(
                  () ->
                      entry(
                          "leader",
                          "NONE",
                          "no node leads yet, with %d open of the %d that were looked at"
                              .formatted(open, openings.size()),
                          open < openings.size() || openings.size() == 1
                              ? "raft needs a majority of its voters open: lifeboat unseal --all"
                              : "lifeboat status shows each node; see the server's log")));
    }
    return text.toString();
  }

  private static String entry(String topic, String word, String text, String hint) {
    String line = "%s  %s  %s".formatted(topic, word, Printable.of(text));
    return hint.isEmpty() ? line + "\n" : line + "\n  hint: " + Printable.of(hint) + "\n";
  }

  static ObjectNode json(List<Opening> openings, List<Finding> findings, Optional<URI> leader) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    ArrayNode nodes = object.putArray("nodes");
    for (Opening opening : openings) {
      ObjectNode node = nodes.addObject().put("address", opening.address().toString());
      node.put("result", opening.result().label()).put("open", opening.result().open());
      node.put("given", opening.given()).put("threshold", opening.threshold());
      node.put("text", opening.text());
      node.put("hint", opening.hint().isEmpty() ? null : opening.hint());
    }
    ArrayNode seal = object.putArray("seal");
    for (Finding finding : findings) {
      seal.addObject()
          .put("grade", finding.grade().name().toLowerCase(java.util.Locale.ROOT))
          .put("text", finding.text())
          .put("hint", finding.hint().isEmpty() ? null : finding.hint());
    }
    object.put("leader", leader.map(URI::toString).orElse(null));
    return object;
  }
}
