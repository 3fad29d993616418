package dev.lifeboat.lab.bench;

import java.util.Locale;

/// What a figure must not exceed.
sealed interface Goal {
  /// Ours by theirs, medians.
  record Ratio(double max) implements Goal {}

  /// Ours, in its own unit, the largest of all samples.
  record Each(double max) implements Goal {}

  double max();

  default String text(Unit unit) {
    return switch (this) {
      case Ratio(double max) -> String.format(Locale.ROOT, "≤ %.1f×", max);
      case Each(double max) -> "≤ " + unit.figure(max) + " " + unit.symbol();
    };
  }
}
