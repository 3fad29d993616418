package dev.lifeboat.retention;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/// Of what one backup is kept: of each hour, of each day; or each one by itself.
///
/// The newest backup of a period speaks for it. So the one that stays never changes once its period
/// is over, whatever else is deleted.
public enum Period {
  ALL("uuuuMMddHHmmss.nnnnnnnnn"),
  HOURLY("uuuuMMddHH"),
  DAILY("uuuuMMdd"),
  /// As ISO 8601 counts them, from Monday.
  WEEKLY("YYYY'W'ww"),
  MONTHLY("uuuuMM"),
  YEARLY("uuuu");

  private final DateTimeFormatter formatter;

  Period(String pattern) {
    // The United Kingdom has ISO weeks; the root locale's begin on Sunday.
    this.formatter = DateTimeFormatter.ofPattern(pattern, Locale.UK);
  }

  /// The same text for two backups of the same period, and another for any other.
  String of(Item item, ZonedDateTime takenAt) {
    return this == ALL ? item.id() : formatter.format(takenAt);
  }

  /// When the period of an instant began; of [#ALL] at that instant.
  ZonedDateTime begin(ZonedDateTime at) {
    return switch (this) {
      case ALL -> at;
      case HOURLY -> at.truncatedTo(ChronoUnit.HOURS);
      case DAILY -> day(at.toLocalDate(), at);
      case WEEKLY ->
          day(at.toLocalDate().with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)), at);
      case MONTHLY -> day(at.toLocalDate().withDayOfMonth(1), at);
      case YEARLY -> day(at.toLocalDate().withDayOfYear(1), at);
    };
  }

  private static ZonedDateTime day(LocalDate date, ZonedDateTime at) {
    return date.atStartOfDay(at.getZone());
  }

  /// When so many periods later one begins.
  ZonedDateTime later(ZonedDateTime begin, int count) {
    return switch (this) {
      case ALL -> begin;
      case HOURLY -> begin.plusHours(count);
      case DAILY -> begin.plusDays(count);
      case WEEKLY -> begin.plusWeeks(count);
      case MONTHLY -> begin.plusMonths(count);
      case YEARLY -> begin.plusYears(count);
    };
  }

  /// As in the configuration.
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
