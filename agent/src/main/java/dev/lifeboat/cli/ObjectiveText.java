package dev.lifeboat.cli;

import dev.lifeboat.objective.Judgement;

/// A judgement in words.
final class ObjectiveText {
  private ObjectiveText() {}

  static String of(Judgement judgement) {
    String target =
        "%s: data loss of at most %s"
            .formatted(judgement.scenario().label(), Words.took(judgement.target()));
    return judgement
        .promised()
        .map(
            promised ->
                "%s %s: %s (%s)"
                    .formatted(
                        target,
                        judgement.met() ? "is kept" : "cannot be kept",
                        promised.isZero() ? "none" : Words.took(promised),
                        judgement.why()))
        .orElseGet(() -> "%s cannot be kept: %s".formatted(target, judgement.why()));
  }
}
