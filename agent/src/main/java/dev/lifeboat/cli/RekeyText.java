package dev.lifeboat.cli;

import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.journal.Step;
import dev.lifeboat.rekey.CustodiansDue;
import dev.lifeboat.rekey.Exchange;
import dev.lifeboat.rekey.Readiness.Findings;
import dev.lifeboat.rekey.Readiness.Seen;
import dev.lifeboat.rekey.Rotation;
import dev.lifeboat.rekey.Shape;
import dev.lifeboat.status.Printable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What `lifeboat rekey` prints: the plan, a line for each step, what is to be done next.
final class RekeyText {
  private RekeyText() {}

  /// What is asked for.
  ///
  /// @param epoch that there will be
  /// @param to where the new shares will go
  /// @param from where the old ones come from
  /// @param resumed the unfinished run that goes on
  record Wanted(
      Shape shape, int epoch, String to, String from, Optional<String> resumed, boolean backups) {}

  static String plan(Findings found, Wanted wanted) {
    Table table = new Table("NO", "NODE", "NOW");
    int number = 0;
    for (Seen seen : found.nodes()) {
      table.row(Integer.toString(++number), seen.node().address().toString(), now(seen));
    }
    StringBuilder text = new StringBuilder(table.toString()).append('\n');
    wanted.resumed().ifPresent(run -> line(text, "goes on", "the run " + run));
    line(
        text,
        "key",
        "%s: %s now, %s then%s"
            .formatted(
                found.target().words(),
                found.shape(),
                wanted.shape(),
                found.api().isEmpty() ? "" : ", by " + found.api()));
    line(text, "old", wanted.from());
    line(text, "new", wanted.to());
    line(text, "then", "rotate the barrier key: key epoch %d".formatted(wanted.epoch()));
    line(
        text,
        "then",
        wanted.backups()
            ? "take a backup"
            : "nothing: no backups are configured here; run lifeboat backup where they are");
    line(text, "unknown", "whether the old shares are right: the server tells when it has enough");
    line(
        text,
        "keep",
        "the old shares, until every node was restarted and opened with the new ones, and as long"
            + " as a backup of now is kept");
    found.problems().forEach(problem -> line(text, "AGAINST", problem.lines().findFirst().get()));
    return text.append('\n').toString();
  }

  private static void line(StringBuilder text, String topic, String words) {
    text.append("%-8s %s%n".formatted(topic, Printable.of(words)));
  }

  private static String now(Seen seen) {
    return seen.status()
        .map(
            status ->
                !status.initialized()
                    ? "holds no data"
                    : "%s, %s, %s %s"
                        .formatted(
                            status.sealed() ? "SEALED" : "open",
                            status.type(),
                            status.product().name().toLowerCase(java.util.Locale.ROOT),
                            status.version()))
        .orElse("DOES NOT ANSWER");
  }

  static Course.Listener listener(Surroundings surroundings) {
    return new Course.Listener() {
      @Override
      public void skipped(Step step) {
        say("%s  ok  was done before".formatted(step.name()));
      }

      @Override
      public void started(Step step) {
        // What comes may be a question.
        surroundings.out().flush();
      }

      @Override
      public void done(Step step, Duration took, Map<String, String> facts) {
        String what =
            switch (step.name()) {
              case Exchange.NAME -> "the new shares are in force: " + Exchange.place(facts);
              case Rotation.NAME -> "key epoch " + facts.getOrDefault("epoch", "");
              default -> facts.getOrDefault("id", "");
            };
        say("%s  ok  %s  (%s)".formatted(step.name(), what, Words.took(took)));
      }

      private void say(String line) {
        surroundings.out().println(Printable.of(line));
        surroundings.out().flush();
      }
    };
  }

  /// When custodians have to open their shares first.
  static String due(CustodiansDue due, String run) {
    return """
    exchange  WAITS  %s; the old shares are in force still

    next
      1  give each custodian their file
      2  %d of them, one after the other and on any node, before the leader changes:
         lifeboat rekey --verify --share-file FILE
      3  here: lifeboat rekey with the same options, which goes on with %s
    """
        .formatted(Printable.of(String.valueOf(due.getMessage())), due.threshold(), run);
  }

  static String end(Journal journal) {
    StringBuilder text = new StringBuilder("\nnext\n");
    text.append(
        """
          1  restart each node, standbys first, open it with the new shares, and see: \
        lifeboat rekey --prove
             (with restore.nodes: lifeboat rekey --prove --restart does it)
          2  until then a node may need the OLD shares: keep them
        """);
    text.append(
        "  3  backups of key epochs below %s open with the old shares only: keep those as long\n"
            .formatted(fact(journal, Rotation.NAME, "epoch")));
    if (!journal.done(FreshBackup.NAME)) {
      text.append(
          "  4  lifeboat backup, where backups are taken: none opens with the new shares\n");
    }
    worthless(journal)
        .forEach(
            place ->
                text.append("  -  worthless, never in force: ")
                    .append(Printable.of(place))
                    .append('\n'));
    return text.toString();
  }

  private static String fact(Journal journal, String step, String name) {
    return journal.last(Event.DONE, step).flatMap(entry -> entry.fact(name)).orElse("");
  }

  /// Where shares lie that were made on the way and never came into force.
  static List<String> worthless(Journal journal) {
    String inForce = fact(journal, Exchange.NAME, "kept");
    return journal.entries().stream()
        .filter(entry -> entry.step().equals(Exchange.NAME) && entry.event() == Event.NOTED)
        .flatMap(entry -> entry.fact("keeping").stream())
        .filter(place -> !place.equals(inForce))
        .distinct()
        .toList();
  }

  static ObjectNode json(String result, Journal journal) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("run", journal.run()).put("result", result);
    Entry head = journal.head();
    object.put("key", head.fact("target").orElse("").toLowerCase(java.util.Locale.ROOT));
    object.put("shares", Integer.parseInt(head.fact("shares").orElse("0")));
    object.put("threshold", Integer.parseInt(head.fact("threshold").orElse("0")));
    String epoch = fact(journal, Rotation.NAME, "epoch");
    object.put("epoch", epoch.isEmpty() ? null : Integer.valueOf(epoch));
    object.put("place", journal.noted(Exchange.NAME).getOrDefault("kept", ""));
    String backup = fact(journal, FreshBackup.NAME, "id");
    object.put("backup", backup.isEmpty() ? null : backup);
    ArrayNode none = object.putArray("worthless");
    (result.equals("done") ? worthless(journal).stream() : Stream.<String>of()).forEach(none::add);
    ObjectNode seconds = object.putObject("seconds");
    for (String step : List.of(Exchange.NAME, Rotation.NAME, FreshBackup.NAME)) {
      journal
          .last(Event.DONE, step)
          .flatMap(entry -> entry.fact("seconds"))
          .ifPresent(took -> seconds.put(step, Double.valueOf(took)));
    }
    return object;
  }
}
