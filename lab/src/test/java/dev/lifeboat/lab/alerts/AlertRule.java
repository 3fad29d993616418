package dev.lifeboat.lab.alerts;

import dev.lifeboat.lab.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One rule as it stands in its file.
///
/// @param text of the rule, indented as it is there
record AlertRule(Path file, String name, String text) {
  private static final Pattern BEGIN = Pattern.compile("(?m)^      - (?:alert|record): (\\S+)$");
  private static final Pattern EXPRESSION =
      Pattern.compile("(?s)(expr: )(.*?)(\n        (?=for:|keep_firing_for:|labels:)|\n*$)");
  private static final Pattern HELD =
      Pattern.compile("(?m)^        (?:for|keep_firing_for): (\\d+)([smhd])$");

  private static final Pattern SEVERITY =
      Pattern.compile("(?m)^        labels: \\{ severity: (\\w+) }$");

  private static final List<AlertRule> RECORDINGS =
      all().stream().filter(rule -> !rule.isAlert()).toList();

  static Path folder() {
    return Checkout.root().resolve("alert-rules");
  }

  /// Every rule of every file, recording rules too.
  static List<AlertRule> all() {
    List<AlertRule> rules = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder())) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        String text = Files.readString(file);
        Matcher begin = BEGIN.matcher(text);
        List<Integer> starts = new ArrayList<>();
        List<String> names = new ArrayList<>();
        while (begin.find()) {
          starts.add(begin.start());
          names.add(begin.group(1));
        }
        starts.add(text.length());
        for (int i = 0; i < names.size(); i++) {
          String rule = text.substring(starts.get(i), starts.get(i + 1)).stripTrailing() + "\n";
          rules.add(new AlertRule(file, names.get(i), rule));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rules;
  }

  /// Whether its expression asks for this metric, itself or by a recording rule.
  boolean names(String metric) {
    return asksFor(metric) || recordings().stream().anyMatch(rule -> rule.asksFor(metric));
  }

  private boolean asksFor(String metric) {
    return Pattern.compile("\\b" + metric + "\\b").matcher(expression()).find();
  }

  /// The recording rules that its expression asks for.
  List<AlertRule> recordings() {
    return RECORDINGS.stream().filter(rule -> asksFor(rule.name())).toList();
  }

  boolean isAlert() {
    return text.startsWith("      - alert:");
  }

  String severity() {
    Matcher severity = SEVERITY.matcher(text);
    return severity.find() ? severity.group(1) : "";
  }

  String expression() {
    return expressionIn(text).group(2);
  }

  private static Matcher expressionIn(String text) {
    Matcher matcher = EXPRESSION.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException("no expression in\n" + text);
    }
    return matcher;
  }

  /// The alert by another name.
  AlertRule named(String other) {
    return new AlertRule(file, other, text.replaceFirst("(?<=- alert: )\\S+", other));
  }

  AlertRule withText(String other) {
    return new AlertRule(file, name, other);
  }

  AlertRule withExpression(String other) {
    Matcher found = expressionIn(text);
    return new AlertRule(
        file, name, text.substring(0, found.start(2)) + other + text.substring(found.end(2)));
  }

  /// Of a number and its unit, the first two groups of what was found.
  static long seconds(MatchResult found) {
    long unit =
        switch (found.group(2)) {
          case "s" -> 1;
          case "m" -> 60;
          case "h" -> 3600;
          default -> 86400;
        };
    return Long.parseLong(found.group(1)) * unit;
  }

  /// The rule with another `for` or `keep_firing_for`, for each factor; none when it has none.
  List<AlertRule> withFor(double... factors) {
    List<AlertRule> changed = new ArrayList<>();
    for (Matcher held = HELD.matcher(text); held.find(); ) {
      for (double factor : factors) {
        long seconds = Math.round(seconds(held) * factor);
        changed.add(
            new AlertRule(
                file,
                name,
                text.substring(0, held.start(1)) + seconds + "s" + text.substring(held.end(2))));
      }
    }
    return changed;
  }
}
