package dev.lifeboat.lab.bench;

import java.util.List;

/// The same thing measured several times.
///
/// @param of what was measured, for the table
/// @param values in the order in which they were taken; at least one
record Samples(String of, Unit unit, List<Double> values) {
  Samples {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no samples of " + of);
    }
  }

  /// The middle one, or the mean of the two in the middle.
  double median() {
    var sorted = sorted();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  double min() {
    return sorted().getFirst();
  }

  double max() {
    return sorted().getLast();
  }

  /// The smallest value that at least `percent` of all are not above (nearest rank).
  double percentile(int percent) {
    if (percent < 1 || percent > 100) {
      throw new IllegalArgumentException("percent: expected 1 to 100, found " + percent);
    }
    var sorted = sorted();
    return sorted.get(Math.ceilDiv(percent * sorted.size(), 100) - 1);
  }

  /// Such as `1.31 s (1.20–1.49)`.
  String text() {
    var median = unit.figure(median()) + " " + unit.symbol();
    return values.size() == 1
        ? median
        : "%s (%s–%s)".formatted(median, unit.figure(min()), unit.figure(max()));
  }

  private List<Double> sorted() {
    return values.stream().sorted().toList();
  }
}
