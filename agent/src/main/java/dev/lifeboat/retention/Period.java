package dev.lifeboat.retention;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
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

  /// As in the configuration.
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
