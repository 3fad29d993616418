package dev.lifeboat.cli;

import dev.lifeboat.config.ByteSize;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Times, ages and sizes as people read them.
final class Words {
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Words() {}

  /// `2026-11-22 02:00:09`, in UTC as everything here.
  static String utc(Instant at) {
    return UTC.format(at);
  }

  static String size(long bytes) {
    return new ByteSize(bytes).toString();
  }

  /// `3 hours ago`, `in 20 minutes`, `now`: one unit, the largest that has two of it or more.
  static String when(Instant at, Instant now) {
    Duration between = Duration.between(at, now);
    String words = span(between.abs());
    if (words.isEmpty()) {
      return "now";
    }
    return between.isNegative() ? "in " + words : words + " ago";
  }

  private static String span(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 1) {
      return "";
    }
    if (seconds < 120) {
      return count(seconds, "second");
    }
    if (seconds < 2 * 3600) {
      return count(seconds / 60, "minute");
    }
    return seconds < 2 * 86_400 ? count(seconds / 3600, "hour") : count(seconds / 86_400, "day");
  }

  /// `1.9 s`, `4 min 10 s`.
  static String took(Duration duration) {
    if (duration.toMinutes() < 2) {
      return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
    return "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart());
  }

  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
