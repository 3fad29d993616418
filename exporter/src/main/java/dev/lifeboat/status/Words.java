package dev.lifeboat.status;

import dev.lifeboat.config.ByteSize;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Times, spans and sizes as people say them.
final class Words {
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Words() {}

  /// `2026-11-22 02:00:00 UTC`.
  static String utc(Instant instant) {
    return UTC.format(instant);
  }

  /// `3 minutes ago`, `in 4 hours`, `now`.
  static String ago(Instant instant, Instant now) {
    Duration age = Duration.between(instant, now);
    if (age.abs().toSeconds() < 1) {
      return "now";
    }
    return age.isNegative() ? "in " + span(age.negated()) : span(age) + " ago";
  }

  /// The largest unit that gives at least 1, or two where one would be too rough: `90 seconds`, `3
  /// minutes`, `36 hours`, `12 days`.
  static String span(Duration span) {
    long seconds = span.toSeconds();
    if (seconds < 120) {
      return count(seconds, "second");
    }
    if (seconds < 2 * 3600) {
      return count(span.toMinutes(), "minute");
    }
    return span.toHours() < 48 ? count(span.toHours(), "hour") : count(span.toDays(), "day");
  }

  /// `1.2 s`, for spans that are short and measured.
  static String seconds(Duration span) {
    return String.format(Locale.ROOT, "%.1f s", span.toMillis() / 1000.0);
  }

  static String size(long bytes) {
    return new ByteSize(Math.max(0, bytes)).toString();
  }

  /// `1 problem`, `2 problems`.
  static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  /// `4711` as `4,711`.
  static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
