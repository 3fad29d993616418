package dev.lifeboat.retention;

import dev.lifeboat.config.Section;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The `retention` block of a store: what is kept. Without a rule everything is, for ever.
///
/// ```hocon
/// retention { daily = 30, monthly = 12 }
/// retention { within { all = 90d, monthly = 365d } }
/// ```
///
/// @param rules in the order of the reference; any of them keeps a backup
/// @param maxSharePercent of the store's backups that may go at once, 1 to 100
public record RetentionPolicy(List<Rule> rules, int maxSharePercent) {
  public static final int MAX_SHARE_PERCENT = 50;

  /// Nothing is ever deleted.
  public static final RetentionPolicy FOR_EVER = new RetentionPolicy(List.of(), MAX_SHARE_PERCENT);

  private static final int COUNT_MAX = 10_000;
  private static final Duration AGE_MAX = Duration.ofDays(36_500);

  public RetentionPolicy {
    rules = List.copyOf(rules);
    if (maxSharePercent < 1 || maxSharePercent > 100) {
      throw new IllegalArgumentException("1 to 100 percent, not " + maxSharePercent);
    }
  }

  /// @param retention the `retention` block, with or without a value of its own
  public static RetentionPolicy from(Section retention) {
    List<Rule> rules = new ArrayList<>();
    for (Period period : Period.values()) {
      String key = period == Period.ALL ? "last" : period.key();
      int most = retention.has(key) ? retention.number(key, 0, COUNT_MAX) : 0;
      if (most > 0) {
        rules.add(new Rule.Count(period, most));
      }
    }
    Section within = retention.section("within");
    for (Period period : Period.values()) {
      if (within.has(period.key())) {
        Duration age = within.duration(period.key(), shortest(period), AGE_MAX);
        rules.add(new Rule.Within(period, age));
      }
    }
    int share =
        retention.has("max-share-percent")
            ? retention.number("max-share-percent", 1, 100)
            : MAX_SHARE_PERCENT;
    return new RetentionPolicy(rules, share);
  }

  /// An age that holds less than one period would keep what another rule keeps, or nothing.
  private static Duration shortest(Period period) {
    return switch (period) {
      case ALL, HOURLY -> Duration.ofHours(1);
      case DAILY -> Duration.ofDays(1);
      case WEEKLY -> Duration.ofDays(7);
      case MONTHLY -> Duration.ofDays(31);
      case YEARLY -> Duration.ofDays(366);
    };
  }

  public boolean keepsEverything() {
    return rules.isEmpty();
  }

  /// `daily 30, monthly 12`.
  public String text() {
    return keepsEverything()
        ? "everything"
        : rules.stream().map(Rule::text).collect(Collectors.joining(", "));
  }
}
