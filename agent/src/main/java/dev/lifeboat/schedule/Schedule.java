package dev.lifeboat.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/// When runs are due: a Unix cron expression (five fields) in a time zone.
///
/// A wall time that a clock change skips runs at the moment of the change; one that occurs twice
/// runs at the first (at both when the hour field is `*`). The slot of a run is the instant it was
/// due, so that every node names it alike.
public final class Schedule {
  private Schedule() {}

  /// @throws IllegalArgumentException with a message fit for the user
  public static Schedule parse(String cron, ZoneId zone) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The first slot strictly after `after`.
  public Instant next(Instant after) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The last slot at or before `at`.
  public Instant previous(Instant at) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The longest time between two slots in the year after `from`.
  public Duration interval(Instant from) {
    throw new UnsupportedOperationException("skeleton");
  }
}
