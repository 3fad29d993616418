package dev.lifeboat.lab.alerts;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// An alert's rule of which one number, window, offset, matcher or time is another one than in its
/// file.
record Mutant(AlertRule rule, AlertRule changed) {
  private static final Pattern NUMBER =
      Pattern.compile("(?<![\\w.\\[\"])(\\d+(?:\\.\\d+)?)(?![\\w.])");
  private static final Pattern WINDOW = Pattern.compile("(?<=\\[)(\\d+)([smhd])(?=])");
  private static final Pattern OFFSET = Pattern.compile("(?<= offset )(\\d+)([smhd])\\b");
  private static final Pattern MATCHER = Pattern.compile("(?<==~?\")([^\"]+)(?=\")");

  static List<Mutant> of(AlertRule rule) {
    List<AlertRule> changed = new ArrayList<>(rule.withFor(0.5, 2));
    changed.addAll(replaced(rule, NUMBER, Mutant::numbers));
    changed.addAll(replaced(rule, WINDOW, Mutant::times));
    changed.addAll(replaced(rule, OFFSET, Mutant::times));
    changed.addAll(replaced(rule, MATCHER, found -> List.of(found.group() + "x")));
    return changed.stream().map(each -> new Mutant(rule, each)).toList();
  }

  /// The rule with each place of its expression replaced by each of others, one at a time.
  private static List<AlertRule> replaced(
      AlertRule rule, Pattern place, Function<MatchResult, List<String>> others) {
    String expression = rule.expression();
    List<AlertRule> all = new ArrayList<>();
    for (MatchResult found : place.matcher(expression).results().toList()) {
      for (String other : others.apply(found)) {
        all.add(
            rule.withExpression(
                expression.substring(0, found.start())
                    + other
                    + expression.substring(found.end())));
      }
    }
    return all;
  }

  private static List<String> numbers(MatchResult found) {
    double number = Double.parseDouble(found.group());
    if (number == 0) {
      return List.of("-1", "2");
    }
    return number < 20 && number == Math.rint(number)
        ? List.of(Long.toString((long) number - 1), Long.toString((long) number + 1))
        : List.of(Double.toString(number * 0.9), Double.toString(number * 1.1));
  }

  private static List<String> times(MatchResult found) {
    long seconds = AlertRule.seconds(found);
    return List.of(seconds * 9 / 10 + "s", seconds * 11 / 10 + "s");
  }
}
