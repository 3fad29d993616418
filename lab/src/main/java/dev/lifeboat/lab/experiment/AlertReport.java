package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.experiment.AlertPlay.Outcome;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The table of `./lifeboat lab alerts`: a fault's first line names it, and each expected alert has
/// a line.
final class AlertReport {
  private static final String LINE = "%-31s  %-27s  %11s  %s%n";

  private AlertReport() {}

  static String head() {
    return LINE.formatted("fault", "expected", "fired after", "false alarms");
  }

  static String lines(Outcome outcome) {
    var lines = new StringBuilder();
    var name = outcome.name();
    var wrong =
        outcome.falseAlarms().stream()
            .map(alert -> alert + " after " + after(outcome, alert))
            .collect(Collectors.joining(", "));
    Set<String> expected =
        outcome.expected().isEmpty() ? Set.of("nothing") : new TreeSet<>(outcome.expected());
    for (String alert : expected) {
      lines.append(
          LINE.formatted(
              name,
              alert,
              after(outcome, alert),
              name.isEmpty() ? "" : wrong.isEmpty() ? "-" : wrong));
      name = "";
    }
    outcome.refused().forEach(each -> lines.append("  refused: %s%n".formatted(each)));
    return lines.toString().replaceAll("(?m) +$", "");
  }

  private static String after(Outcome outcome, String alert) {
    var seconds = outcome.told().get(alert);
    if (seconds != null) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return outcome.expected().isEmpty() ? "-" : "NEVER";
  }
}
