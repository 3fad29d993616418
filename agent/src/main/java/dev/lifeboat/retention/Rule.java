package dev.lifeboat.retention;

import java.time.Duration;

/// One sentence of a policy. What any of them keeps is kept.
public sealed interface Rule {
  Period period();

  /// As it is written: `daily 30`, `monthly within 365d`.
  String text();

  /// So many periods, counted back from the newest backup; a period without a backup does not
  /// count.
  record Count(Period period, int most) implements Rule {
    public Count {
      if (most < 1) {
        throw new IllegalArgumentException("at least 1, not " + most);
      }
    }

    @Override
    public String text() {
      return "%s %d".formatted(name(), most);
    }

    /// Which of them a backup is: `daily 3 of 30`.
    String reason(int number) {
      return "%s %d of %d".formatted(name(), number, most);
    }

    private String name() {
      return period == Period.ALL ? "last" : period.key();
    }
  }

  /// Periods whose backup is younger than this, seen from the newest backup. Not seen from the
  /// clock: a store that gets no more backups must not empty itself.
  record Within(Period period, Duration age) implements Rule {
    public Within {
      if (!age.isPositive()) {
        throw new IllegalArgumentException("a positive age, not " + age);
      }
    }

    @Override
    public String text() {
      String within = "within " + words(age);
      return period == Period.ALL ? within : period.key() + " " + within;
    }

    private static String words(Duration age) {
      if (age.equals(Duration.ofDays(age.toDays()))) {
        return age.toDays() + "d";
      }
      return age.equals(Duration.ofHours(age.toHours()))
          ? age.toHours() + "h"
          : age.toMinutes() + "m";
    }
  }
}
