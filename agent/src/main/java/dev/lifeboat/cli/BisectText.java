package dev.lifeboat.cli;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Step;
import dev.lifeboat.restore.BisectOrder;
import dev.lifeboat.restore.Bisected;
import dev.lifeboat.restore.Bisected.Asked;
import dev.lifeboat.restore.Bisected.Backup;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.restore.Seen;
import dev.lifeboat.status.Printable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What `lifeboat restore bisect` prints.
final class BisectText {
  private static final String CHECK = "check ";

  private BisectText() {}

  /// @param left how many restores are left at most
  /// @param took how long the last restore took
  static String plan(
      Seen scratch,
      Restoring.Run run,
      List<String> steps,
      BisectOrder order,
      String shares,
      int left,
      Optional<Duration> took) {
    Manifest oldest = order.candidates().getFirst().manifest();
    Manifest newest = order.candidates().getLast().manifest();
    Facts facts =
        new Facts("verified backups of cluster " + newest.cluster().name())
            .add("how many", String.valueOf(order.candidates().size()))
            .add("oldest", "%s, taken %s UTC".formatted(oldest.id(), Words.utc(oldest.takenAt())))
            .add("newest", "%s, taken %s UTC".formatted(newest.id(), Words.utc(newest.takenAt())))
            .add("restores", "%d at most%s".formatted(left, time(left, took)));
    return facts
        + "\n"
        + RestoreText.nodes(List.of(scratch))
        + "\n"
        + RestoreText.steps(steps, run)
        + """

        overwrites  nothing: what is in the scratch folder is moved, and stays there
        loses       nothing: the living cluster is left alone
        needs       shares: %s
                    room on the scratch node for each copy
                    no network from there to this cluster, to databases and clouds: an open copy
                    revokes the leases that have run out in it
        unknown     whether the check tells good from bad

        """
            .formatted(Printable.of(shares));
  }

  private static String time(int left, Optional<Duration> took) {
    return took.map(
            one ->
                "; the last one took %s, so %s and what the checks take"
                    .formatted(Words.took(one), Words.took(one.multipliedBy(left))))
        .orElse("");
  }

  /// A line for each answer that a process before this one has got.
  static String before(List<Asked> answers) {
    return answers.stream()
        .map(
            asked ->
                "%s, answered before%n"
                    .formatted(line(asked.backup().id(), asked.backup().takenAt(), asked.said())))
        .collect(Collectors.joining());
  }

  private static String line(String id, Instant takenAt, String said) {
    return "backup %s, taken %s UTC: %s".formatted(id, Words.utc(takenAt), said);
  }

  /// A line for each answer; on a terminal what is being done meanwhile.
  static Course.Listener listener(Surroundings surroundings, boolean json) {
    return new Course.Listener() {
      private Duration restored = Duration.ZERO;

      @Override
      public void started(Step step) {
        if (surroundings.terminal() && !json) {
          surroundings.err().print("\r\u001b[K%s …".formatted(Printable.of(step.name())));
          surroundings.err().flush();
        }
      }

      @Override
      public void done(Step step, Duration took, Map<String, String> facts) {
        if (json) {
          return;
        }
        if (surroundings.terminal()) {
          surroundings.err().print("\r\u001b[K");
          surroundings.err().flush();
        }
        if (!step.name().startsWith(CHECK)) {
          restored = restored.plus(took);
          return;
        }
        surroundings
            .out()
            .println(
                "%s (restored in %s, checked in %s)"
                    .formatted(
                        line(
                            step.name().substring(CHECK.length()),
                            Instant.parse(facts.getOrDefault("taken", Instant.EPOCH.toString())),
                            facts.getOrDefault("answer", "").toLowerCase(Locale.ROOT)),
                        Words.took(restored),
                        Words.took(took)));
        surroundings.out().flush();
        restored = Duration.ZERO;
      }
    };
  }

  /// Whether the good one takes force to come back.
  static boolean byForce(Bisected found, BisectOrder order) {
    return order.candidates().stream()
        .map(each -> each.manifest())
        .filter(each -> found.newestGood().filter(it -> it.id().equals(each.id())).isPresent())
        .anyMatch(each -> each.seal().type().equals("shamir"));
  }

  static String end(Bisected found, boolean force) {
    StringBuilder text = new StringBuilder();
    text.append("\nnewest good  %s%n".formatted(words(found.newestGood(), "none is")));
    text.append("oldest bad   %s%n".formatted(words(found.oldestBad(), "none is")));
    if (!found.skipped().isEmpty()) {
      text.append(
          "not known    between them %s: of these the check could not tell%n"
              .formatted(String.join(", ", found.skipped().stream().map(Backup::id).toList())));
    }
    text.append(
        "%s: %s asked, %s%n"
            .formatted(
                found.run(),
                Words.count(found.asked().size(), "backup"),
                Words.took(found.took())));
    found
        .newestGood()
        .ifPresent(
            good ->
                text.append(
                    "next: lifeboat restore cluster --id %s%s --plan; it loses what was written"
                            .formatted(good.id(), force ? " --force" : "")
                        + " after %s UTC%n".formatted(Words.utc(good.takenAt()))));
    return text.toString();
  }

  private static String words(Optional<Backup> backup, String none) {
    return backup
        .map(each -> "%s, taken %s UTC".formatted(each.id(), Words.utc(each.takenAt())))
        .orElse(none);
  }
}
