package dev.lifeboat.rekey;

import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The records of runs in one folder.
public final class RekeyRuns {
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("'rekey-'uuuuMMdd'T'HHmmssSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final String KIND = "kind";
  private static final String REKEY = "rekey";

  private RekeyRuns() {}

  /// `rekey-20261130T120000123Z`.
  public static String name(Instant begun) {
    return NAME.format(begun);
  }

  /// The first line of one.
  public static Map<String, String> facts(Readiness.Findings found, Shape shape, Keeping keeping) {
    return Map.of(
        KIND,
        REKEY,
        "target",
        found.target().name(),
        "cluster",
        found.clusterId(),
        "shares",
        Integer.toString(shape.shares()),
        "threshold",
        Integer.toString(shape.threshold()),
        "epoch",
        Integer.toString(found.epoch() + 1),
        "to",
        keeping.words());
  }

  /// How the key will be split, of such a line.
  public static Shape shape(Entry head) {
    return new Shape(number(head, "shares"), number(head, "threshold"));
  }

  private static int number(Entry head, String fact) {
    return Integer.parseInt(head.fact(fact).orElse("0"));
  }

  /// Whether this is the first line of such a run, and not that of a proof or another command.
  public static boolean isRekey(Entry head) {
    return head.fact(KIND).filter(REKEY::equals).isPresent();
  }

  /// The newest that came to its end.
  public static Optional<Path> lastEnded(Path folder) {
    return Journal.runs(folder).reversed().stream()
        .filter(file -> ended(Journal.read(file)).isPresent())
        .findFirst();
  }

  /// When the newest came to its end.
  public static Optional<Instant> lastEnd(Path folder) {
    return lastEnded(folder).flatMap(file -> ended(Journal.read(file)));
  }

  private static Optional<Instant> ended(List<Entry> entries) {
    return entries.isEmpty() || !isRekey(entries.getFirst())
        ? Optional.empty()
        : entries.stream().filter(entry -> entry.event() == Event.ENDED).map(Entry::at).findFirst();
  }
}
