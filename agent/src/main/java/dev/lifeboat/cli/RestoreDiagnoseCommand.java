package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.restore.Diagnosing;
import dev.lifeboat.restore.Diagnosis;
import dev.lifeboat.restore.Diagnosis.OfNode;
import dev.lifeboat.restore.Verdict;
import dev.lifeboat.status.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat restore diagnose`: which node is damaged, and what to run.
@Command(
    name = "diagnose",
    header = "Look at every node for damaged data, and say what to run.",
    description = {
      "Changes nothing. Of each node: whether it runs, is open, comes on as the leader does, what",
      "autopilot says of it, whether it reads what the leader reads, and what its server's log of",
      "the last hour says of its storage."
    })
final class RestoreDiagnoseCommand implements Verb {
  private static final Duration PAUSE = Duration.ofSeconds(5);

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description =
          "Read this at every node besides the canary, as the API names it: secret/data/tenant. May"
              + " be given again.")
  private List<String> paths = new ArrayList<>();

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    LifeboatConfig read = config.read(surroundings);
    try (Diagnosing diagnosing =
        Diagnosing.open(
            read.restore(), read.vault(), RestoreOptions.auth(read), surroundings.clock(), PAUSE)) {
      Diagnosis found =
          diagnosing.look(read.backup().flatMap(BackupConfig::canary), List.copyOf(paths));
      surroundings.out().print(json ? Json.text(found.toJson()) : text(found));
      return exit(found);
    }
  }

  static Exit exit(Diagnosis found) {
    if (found.has(Verdict.DAMAGED) || !found.wrong().isEmpty()) {
      return Exit.VERIFICATION_FAILED;
    }
    if (found.leader().isEmpty()) {
      return Exit.VAULT_UNAVAILABLE;
    }
    return found.sound() ? Exit.OK : Exit.NODE_MISSING;
  }

  static String text(Diagnosis found) {
    Table table = new Table("NODE", "NOW", "INDEX LATER", "AUTOPILOT", "READS", "LOG", "VERDICT");
    for (OfNode node : found.nodes()) {
      table.row(
          node.seen().node().id(),
          node.seen().words(),
          node.later().isPresent() ? String.valueOf(node.later().getAsLong()) : "-",
          node.autopilot().map(each -> each.healthy() ? "healthy" : "unhealthy").orElse("-"),
          String.valueOf(node.reads()),
          node.logRead() ? Words.count(node.log().size(), "line") : "not read",
          node.verdict().name());
    }
    List<String> lines = new ArrayList<>();
    for (OfNode node : found.nodes()) {
      if (node.verdict() != Verdict.SOUND) {
        lines.add(
            "%s is %s: %s".formatted(node.seen().node().id(), node.verdict().label(), node.why()));
        node.next().ifPresent(command -> lines.add("  next: " + command));
      }
    }
    found.wrong().forEach(each -> lines.add("THE DATA IS WRONG: " + each));
    found.unknown().forEach(each -> lines.add("not known: " + each));
    if (found.leader().isEmpty()) {
      lines.add("nobody leads");
    }
    found.next().ifPresent(command -> lines.add("next: " + command));
    if (found.sound()) {
      lines.add(
          "every node is sound; if what they serve is wrong all the same: lifeboat restore bisect"
              + " -- CHECK-COMMAND");
    }
    StringBuilder text = new StringBuilder(table.toString()).append('\n');
    lines.forEach(each -> text.append(Printable.of(each)).append('\n'));
    return text.toString();
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VAULT_UNAVAILABLE,
        Exit.VERIFICATION_FAILED,
        Exit.RESTORE_FAILED,
        Exit.NODE_MISSING);
  }
}
