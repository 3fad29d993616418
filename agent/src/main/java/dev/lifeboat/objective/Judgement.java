package dev.lifeboat.objective;

import java.time.Duration;
import java.util.Optional;

/// Whether the data loss that a scenario may cost can be kept within its target.
///
/// @param promised the most that is lost, as schedule and stores are; empty when everything may be
/// @param why half a sentence
public record Judgement(
    Scenario scenario, Duration target, Optional<Duration> promised, String why) {
  public boolean met() {
    return promised.isPresent() && promised.get().compareTo(target) <= 0;
  }
}
