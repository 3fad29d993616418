package dev.lifeboat.lab.bench;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// One line of the table.
///
/// @param benchmark which one found it
/// @param theirs what it is compared with, measured in the same run
/// @param notes what a reader must know to read the figures right
record Finding(
    String benchmark, Samples ours, Optional<Samples> theirs, Goal goal, List<String> notes) {
  Finding {
    notes = List.copyOf(notes);
    if (goal instanceof Goal.Ratio && theirs.isEmpty()) {
      throw new IllegalArgumentException("a ratio to nothing: " + ours.of());
    }
  }

  /// Of the medians.
  OptionalDouble ratio() {
    return theirs
        .map(peer -> OptionalDouble.of(ours.median() / peer.median()))
        .orElse(OptionalDouble.empty());
  }

  boolean met() {
    return switch (goal) {
      case Goal.Ratio(double max) -> ratio().orElseThrow() <= max;
      case Goal.Each(double max) -> ours.max() <= max;
    };
  }
}
