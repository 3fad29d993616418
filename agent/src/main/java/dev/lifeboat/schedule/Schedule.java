package dev.lifeboat.schedule;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.field.CronFieldName;
import com.cronutils.model.field.expression.Always;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// When runs are due: a Unix cron expression (five fields, or six with seconds first, or `@hourly`,
/// `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`) in a time zone.
///
/// A wall time that a clock change skips runs at the moment of the change; one that occurs twice
/// runs at the first (at both when the hour field is `*`). The slot of a run is the instant it was
/// due, so that every node names it alike.
public final class Schedule {
  /*
   * cron-utils finds wall times, the zone rules turn them into instants. Given a zone, cron-utils
   * (like Spring and Quartz) leaves out a daily run whose wall time a clock change skips; given
   * wall time as if it were UTC, it knows of no clock changes and cannot.
   *
   * One wall time gives one instant, or two when it occurs twice and the hour field is `*`. The
   * first of them, and likewise the last, never decreases from one wall time to the next: before a
   * gap, in it (all at the moment of the change) and after it; in the first pass of an overlap and
   * after it. So the search for the smallest instant after T goes up the wall times and may stop as
   * soon as one begins at or after the best found. It starts at T's own wall time, or, when that
   * one occurs twice, at the beginning of the overlap: an earlier wall time of the overlap may
   * have its second instant still to come.
   *
   * previous() goes back by doubling steps and then forward by next(): the two can never disagree.
   */
  private static final Map<String, String> ALIASES =
      Map.of(
          "@hourly", "0 * * * *",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@weekly", "0 0 * * 0",
          "@monthly", "0 0 1 * *",
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *");

  private static final int INTERVAL_SLOTS = 50_000;

  /// Longer than between the 29 February before and after a year 2100.
  private static final Duration HORIZON = Duration.ofDays(9 * 366);

  private final ExecutionTime wallTimes;
  private final boolean everyHour;
  private final ZoneId zone;
  private final String text;

  private Schedule(ExecutionTime wallTimes, boolean everyHour, ZoneId zone, String text) {
    this.wallTimes = wallTimes;
    this.everyHour = everyHour;
    this.zone = zone;
    this.text = text;
  }

  /// @throws IllegalArgumentException with a message fit for the user
  public static Schedule parse(String cron, ZoneId zone) {
    String expression = cron.strip();
    if (expression.startsWith("@")) {
      String alias = expression.toLowerCase(Locale.ROOT);
      expression = ALIASES.get(alias);
      if (expression == null) {
        throw new IllegalArgumentException(
            "no schedule is called '%s'; there are %s"
                .formatted(
                    cron.strip(), String.join(", ", ALIASES.keySet().stream().sorted().toList())));
      }
    }
    int fields = expression.isEmpty() ? 0 : expression.split("\\s+").length;
    if (fields != 5 && fields != 6) {
      throw new IllegalArgumentException(
          "'%s' has %d fields, a cron expression has five: ".formatted(cron.strip(), fields)
              + "minute hour day-of-month month day-of-week; or six, seconds first");
    }
    Cron parsed = parseFields(expression);
    boolean everyHour = parsed.retrieve(CronFieldName.HOUR).getExpression() instanceof Always;
    Schedule schedule =
        new Schedule(ExecutionTime.forCron(parsed), everyHour, zone, cron.strip() + " " + zone);
    // A leap day is reached from any start within eight years; a 30 February never.
    if (schedule.nextWall(LocalDateTime.of(2024, 1, 1, 0, 0)) == null) {
      throw new IllegalArgumentException("'%s' never comes".formatted(cron.strip()));
    }
    return schedule;
  }

  private static Cron parseFields(String expression) {
    try {
      return new CronParser(definition(expression)).parse(expression).validate();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is no cron expression: %s"
              .formatted(
                  expression,
                  String.valueOf(e.getMessage()).replace("Failed to parse cron expression. ", "")),
          e);
    }
  }

  /// That of Unix, and the same with seconds first.
  private static CronDefinition definition(String expression) {
    if (expression.split("\\s+").length == 5) {
      return CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX);
    }
    return CronDefinitionBuilder.defineCron()
        .withSeconds()
        .withStrictRange()
        .and()
        .withMinutes()
        .withStrictRange()
        .and()
        .withHours()
        .withStrictRange()
        .and()
        .withDayOfMonth()
        .withStrictRange()
        .and()
        .withMonth()
        .withStrictRange()
        .and()
        .withDayOfWeek()
        .withValidRange(0, 7)
        .withMondayDoWValue(1)
        .withIntMapping(7, 0)
        .withStrictRange()
        .and()
        .instance();
  }

  /// The first slot strictly after `after`.
  public Instant next(Instant after) {
    LocalDateTime wall = LocalDateTime.ofInstant(after, zone);
    @Nullable ZoneOffsetTransition change = zone.getRules().getTransition(wall);
    if (change != null && change.isOverlap()) {
      wall = change.getDateTimeAfter().minusSeconds(1);
    }
    Instant best = null;
    for (LocalDateTime slot = nextWall(wall); slot != null; slot = nextWall(slot)) {
      List<Instant> instants = instants(slot);
      if (best != null && !instants.getFirst().isBefore(best)) {
        return best;
      }
      for (Instant instant : instants) {
        if (instant.isAfter(after) && (best == null || instant.isBefore(best))) {
          best = instant;
        }
      }
    }
    if (best == null) {
      throw new IllegalStateException("no slot of '" + text + "' after " + after);
    }
    return best;
  }

  private @Nullable LocalDateTime nextWall(LocalDateTime after) {
    return wallTimes
        .nextExecution(after.atZone(ZoneOffset.UTC))
        .map(next -> next.toLocalDateTime())
        .orElse(null);
  }

  private List<Instant> instants(LocalDateTime wall) {
    List<ZoneOffset> offsets = zone.getRules().getValidOffsets(wall);
    if (offsets.isEmpty()) {
      return List.of(zone.getRules().getTransition(wall).getInstant());
    }
    return offsets.stream().limit(everyHour ? 2 : 1).map(offset -> wall.toInstant(offset)).toList();
  }

  /// The last slot at or before `at`.
  public Instant previous(Instant at) {
    Instant afterAt = at.plusNanos(1);
    for (Duration back = Duration.ofMinutes(1); ; back = back.multipliedBy(2)) {
      Instant slot = next(at.minus(back));
      if (slot.isBefore(afterAt)) {
        for (Instant later = next(slot); later.isBefore(afterAt); later = next(later)) {
          slot = later;
        }
        return slot;
      }
      if (back.compareTo(HORIZON) > 0) {
        throw new IllegalStateException("no slot of '" + text + "' before " + at);
      }
    }
  }

  /// The longest time between two slots in the year after `from` (or among the first 50 000 slots,
  /// when the year has more).
  public Duration interval(Instant from) {
    Instant slot = previous(from);
    Instant end = from.plus(366, ChronoUnit.DAYS);
    Duration longest = Duration.ZERO;
    for (int slots = 0; slots < INTERVAL_SLOTS && !slot.isAfter(end); slots++) {
      Instant later = next(slot);
      Duration gap = Duration.between(slot, later);
      longest = gap.compareTo(longest) > 0 ? gap : longest;
      slot = later;
    }
    return longest;
  }

  /// The slot that is due now: the last one at or before `now` unless it was handled. So a slot
  /// that passed while nobody ran is caught up, the newest one only, until the next takes its
  /// place.
  ///
  /// After the clock stepped back, the slots between now and where it had been are handled ones and
  /// do not run again; nor does the slot before them, when the coming one is handled already. Slots
  /// handled beyond the coming one (a clock that was a year wrong for a moment) count for nothing.
  ///
  /// @param handled the slots of stored backups and of attempts
  public Optional<Instant> due(Collection<Instant> handled, Instant now) {
    Instant slot = previous(now);
    Instant coming = next(now);
    return handled.contains(slot) || handled.contains(coming)
        ? Optional.empty()
        : Optional.of(slot);
  }

  /// The expression and the zone.
  @Override
  public String toString() {
    return text;
  }
}
