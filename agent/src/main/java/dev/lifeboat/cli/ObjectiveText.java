package dev.lifeboat.cli;

import dev.lifeboat.objective.Judgement;
import java.time.Duration;

/// A judgement in words.
final class ObjectiveText {
  private ObjectiveText() {}

  static String of(Judgement judgement) {
    String target =
        "%s: data loss of at most %s"
            .formatted(judgement.scenario().label(), span(judgement.target()));
    return judgement
        .promised()
        .map(
            promised ->
                "%s %s: %s (%s)"
                    .formatted(
                        target,
                        judgement.met() ? "is kept" : "cannot be kept",
                        promised.isZero() ? "none" : span(promised),
                        judgement.why()))
        .orElseGet(() -> "%s cannot be kept: %s".formatted(target, judgement.why()));
  }

  /// `30 min`, `4 h`, `2 d`: the largest unit of which it is a whole number.
  static String span(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + " d";
    }
    if (seconds % 3_600 == 0) {
      return seconds / 3_600 + " h";
    }
    return seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
  }
}
