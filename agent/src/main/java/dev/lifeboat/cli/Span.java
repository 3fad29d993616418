package dev.lifeboat.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How long, and until when, as typed: `90d`, `12h`, `30m`; `2027-02-20` or an instant in UTC.
final class Span {
  private static final Pattern SPAN = Pattern.compile("([1-9]\\d{0,6})([mhd])");

  private Span() {}

  static Duration parse(String text) {
    Matcher span = SPAN.matcher(text);
    if (!span.matches()) {
      throw new CommandException(
          Exit.USAGE, "'%s' is no length of time\nhint: such as 90d, 12h or 30m".formatted(text));
    }
    long number = Long.parseLong(span.group(1));
    return switch (span.group(2)) {
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> throw new IllegalStateException(text);
    };
  }

  /// A date begins at midnight UTC.
  static Instant until(String text, Instant now) {
    Instant until;
    try {
      until =
          text.length() == 10
              ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
              : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new CommandException(
          Exit.USAGE,
          "'%s' is no date\nhint: such as 2027-02-20 or 2027-02-20T12:00:00Z".formatted(text));
    }
    if (!until.isAfter(now)) {
      throw new CommandException(Exit.USAGE, "%s is past".formatted(text));
    }
    return until;
  }
}
