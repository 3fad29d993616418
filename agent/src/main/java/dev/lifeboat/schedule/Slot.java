package dev.lifeboat.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

/// One instant of one schedule: what exactly one backup is taken for.
///
/// @param schedule its name in the configuration
/// @param at when it is due, whole seconds
/// @param until from then on no backup is stored for it any more: a day after the next slot of the
///   schedule was due
public record Slot(String schedule, Instant at, Instant until) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");

  /// A run that began just before the next slot has this long to end.
  private static final Duration GRACE = Duration.ofDays(1);

  public Slot {
    if (!isName(schedule)) {
      throw new IllegalArgumentException("no name of a schedule: '" + schedule + "'");
    }
  }

  /// The slot that is due at an instant of a schedule.
  public static Slot of(String name, Schedule schedule, Instant at) {
    return new Slot(name, at, schedule.next(at).plus(GRACE));
  }

  /// 1 to 32 lower-case letters, digits and dashes, the first a letter.
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }
}
