package dev.lifeboat.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ScheduleTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Schedule DAILY = Schedule.parse("0 2 * * *", ZoneOffset.UTC);
  private static final Instant SLOT = Instant.parse("2026-11-22T02:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  /// Berlin goes from +1 to +2 on the last Sunday of March at 01:00Z (2026-03-29, 2027-03-28) and
  /// back on the last Sunday of October at 01:00Z (2026-10-25, 2027-10-31).
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0 2 * * *    | 2026-03-27T12:00 | 2026-03-28T01:00 2026-03-29T01:00 2026-03-30T00:00
          30 2 * * *   | 2026-03-27T12:00 | 2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30
          30 2 * * *   | 2027-03-27T12:00 | 2027-03-28T01:00 2027-03-29T00:30 2027-03-30T00:30
          0 2 * * *    | 2026-10-24T12:00 | 2026-10-25T00:00 2026-10-26T01:00 2026-10-27T01:00
          30 2 * * *   | 2026-10-24T12:00 | 2026-10-25T00:30 2026-10-26T01:30 2026-10-27T01:30
          30 2 * * *   | 2027-10-30T12:00 | 2027-10-31T00:30 2027-11-01T01:30 2027-11-02T01:30
          0 3 * * *    | 2026-10-24T12:00 | 2026-10-25T02:00 2026-10-26T02:00 2026-10-27T02:00
          0 * * * *    | 2026-03-28T23:30 | 2026-03-29T00:00 2026-03-29T01:00 2026-03-29T02:00
          0 * * * *    | 2026-10-24T23:30 | 2026-10-25T00:00 2026-10-25T01:00 2026-10-25T02:00
          */20 * * * * | 2026-10-25T00:35 | 2026-10-25T00:40 2026-10-25T01:00 2026-10-25T01:20
          */10 2 * * * | 2026-03-28T12:00 | 2026-03-29T01:00 2026-03-30T00:00 2026-03-30T00:10
          0 */6 * * *  | 2026-03-28T20:00 | 2026-03-28T23:00 2026-03-29T04:00 2026-03-29T10:00
          0 */6 * * *  | 2026-10-24T20:00 | 2026-10-24T22:00 2026-10-25T05:00 2026-10-25T11:00
          0 4 31 * *   | 2026-01-31T12:00 | 2026-03-31T02:00 2026-05-31T02:00 2026-07-31T02:00
          0 4 29 2 *   | 2026-01-01T00:00 | 2028-02-29T03:00 2032-02-29T03:00 2036-02-29T03:00
          0 4 * * 0    | 2026-11-22T00:00 | 2026-11-22T03:00 2026-11-29T03:00 2026-12-06T03:00
          0 4 * * 7    | 2026-11-22T00:00 | 2026-11-22T03:00 2026-11-29T03:00 2026-12-06T03:00
          0 4 * * 1-5  | 2026-11-20T12:00 | 2026-11-23T03:00 2026-11-24T03:00 2026-11-25T03:00
          0 4 13 * 5   | 2026-11-01T00:00 | 2026-11-06T03:00 2026-11-13T03:00 2026-11-20T03:00
          """)
  void slots_in_berlin(String cron, String after, String expected) {
    assertEquals(expected, next(Schedule.parse(cron, BERLIN), after, 3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Australia/Lord_Howe | 15 2 * * *  | 2026-10-03T00:00 | 2026-10-03T15:30 2026-10-04T15:15
          Australia/Lord_Howe | 45 1 * * *  | 2026-04-03T20:00 | 2026-04-04T14:45 2026-04-05T15:15
          Africa/Cairo        | 0 0 * * *   | 2026-04-22T23:00 | 2026-04-23T22:00 2026-04-24T21:00
          Asia/Kathmandu      | 0 2 * * *   | 2026-01-01T00:00 | 2026-01-01T20:15 2026-01-02T20:15
          Pacific/Apia        | 0 2 * * *   | 2011-12-29T00:00 | 2011-12-29T12:00 2011-12-30T10:00
          Antarctica/Troll    | 30 1 * * *  | 2026-03-28T00:00 | 2026-03-28T01:30 2026-03-29T01:00
          America/St_Johns    | 30 2 * * *  | 2026-03-07T12:00 | 2026-03-08T05:30 2026-03-09T05:00
          """)
  void slots_in_zones_with_odd_changes(String zone, String cron, String after, String expected) {
    assertEquals(expected, next(Schedule.parse(cron, ZoneId.of(zone)), after, 2));
  }

  @ParameterizedTest
  @CsvSource({
    "@hourly, 2026-11-22T11:00:00Z",
    "@daily, 2026-11-23T00:00:00Z",
    "@midnight, 2026-11-23T00:00:00Z",
    "@Weekly, 2026-11-29T00:00:00Z",
    "@monthly, 2026-12-01T00:00:00Z",
    "@yearly, 2027-01-01T00:00:00Z",
    "' @annually ', 2027-01-01T00:00:00Z"
  })
  void aliases_stand_for_their_expressions(String alias, Instant expected) {
    assertEquals(
        expected,
        Schedule.parse(alias, ZoneOffset.UTC).next(Instant.parse("2026-11-22T10:30:15.5Z")));
  }

  @Test
  void next_is_strictly_after() {
    Schedule schedule = Schedule.parse("0 2 * * *", ZoneOffset.UTC);
    Instant slot = Instant.parse("2026-11-22T02:00:00Z");

    assertEquals(slot, schedule.next(slot.minusNanos(1)));
    assertEquals(slot.plus(Duration.ofDays(1)), schedule.next(slot));
  }

  @Test
  void previous_is_at_or_before() {
    Schedule schedule = Schedule.parse("0 2 * * *", ZoneOffset.UTC);
    Instant slot = Instant.parse("2026-11-22T02:00:00Z");

    assertEquals(slot, schedule.previous(slot));
    assertEquals(slot, schedule.previous(slot.plusSeconds(86_399)));
    assertEquals(slot.minus(Duration.ofDays(1)), schedule.previous(slot.minusNanos(1)));
  }

  @Test
  void a_daily_run_has_a_slot_on_every_day_of_a_year_in_zones_all_over() {
    List<String> zones = ZoneId.getAvailableZoneIds().stream().sorted().toList();
    for (int i = 0; i < zones.size(); i += 19) {
      Schedule schedule = Schedule.parse("30 2 * * *", ZoneId.of(zones.get(i)));
      Instant slot = Instant.parse("2026-01-01T00:00:00Z");
      Instant end = Instant.parse("2027-01-01T00:00:00Z");
      int slots = 0;
      for (Instant next = schedule.next(slot); next.isBefore(end); next = schedule.next(next)) {
        Duration gap = Duration.between(slot, next);
        assertTrue(next.isAfter(slot), zones.get(i) + " at " + slot);
        assertTrue(gap.compareTo(Duration.ofHours(26)) <= 0, zones.get(i) + " at " + slot);
        slot = next;
        slots++;
      }
      assertEquals(365, slots, zones.get(i));
    }
  }

  /// Ninety minutes on Lord Howe, where 02:00 becomes 01:30 and no full hour occurs twice.
  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 60",
    "America/New_York, 60",
    "Australia/Lord_Howe, 90",
    "Africa/Cairo, 60",
    "UTC, 60"
  })
  void an_hourly_run_goes_on_by_the_hour(String zone, int longestMinutes) {
    Schedule schedule = Schedule.parse("0 * * * *", ZoneId.of(zone));
    Instant slot = schedule.next(Instant.parse("2026-03-01T00:00:00Z"));
    for (int i = 0; i < 250 * 24; i++) {
      Instant next = schedule.next(slot);
      Duration gap = Duration.between(slot, next);
      assertTrue(gap.isPositive() && gap.toMinutes() <= longestMinutes, zone + " at " + slot);
      slot = next;
    }
  }

  @Test
  void previous_agrees_with_next_around_both_clock_changes() {
    for (String cron : List.of("30 2 * * *", "*/20 * * * *", "0 */6 * * *", "@hourly")) {
      Schedule schedule = Schedule.parse(cron, BERLIN);
      for (String day : List.of("2026-03-28T22:00:00Z", "2026-10-24T22:00:00Z")) {
        Instant at = Instant.parse(day);
        for (int minutes = 0; minutes < 8 * 60; minutes += 5) {
          Instant now = at.plus(Duration.ofMinutes(minutes));
          Instant previous = schedule.previous(now);

          assertTrue(!previous.isAfter(now), cron + " at " + now);
          assertTrue(schedule.next(previous).isAfter(now), cron + " at " + now);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0 2 * * *   | Europe/Berlin | PT25H
          0 2 * * *   | UTC           | PT24H
          0 */6 * * * | Europe/Berlin | PT7H
          @hourly     | Europe/Berlin | PT1H
          @monthly    | UTC           | PT744H
          0 2 * * 1-5 | UTC           | PT72H
          0 4 29 2 *  | UTC           | PT35064H
          """)
  void the_interval_is_the_longest_gap_of_the_year(String cron, String zone, Duration expected) {
    Schedule schedule = Schedule.parse(cron, ZoneId.of(zone));

    assertEquals(expected, schedule.interval(Instant.parse("2026-11-22T10:00:00Z")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''            | '' has 0 fields, FIVE
          0 2 * *       | '0 2 * *' has 4 fields, FIVE
          0 0 0 2 * * * | '0 0 0 2 * * *' has 7 fields, FIVE
          @noon         | no schedule is called '@noon'; there are ALIASES
          0 2 30 2 *    | '0 2 30 2 *' never comes
          """)
  void a_wrong_expression_is_explained(String cron, String expected) {
    assertEquals(
        expected
            .replace(
                "FIVE",
                "a cron expression has five: minute hour day-of-month month day-of-week;"
                    + " or six, seconds first")
            .replace(
                "ALIASES", "@annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly"),
        assertThrows(IllegalArgumentException.class, () -> Schedule.parse(cron, BERLIN))
            .getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"60 2 * * *", "0 24 * * *", "0 2 0 * *", "0 2 * 13 *", "a b c d e", "0 2 ? * *"})
  void a_field_out_of_range_is_named(String cron) {
    var e = assertThrows(IllegalArgumentException.class, () -> Schedule.parse(cron, BERLIN));

    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("'" + cron + "' is no cron expression: "), message);
  }

  /// To the minute, in UTC.
  private static String next(Schedule schedule, String after, int count) {
    List<String> slots = new ArrayList<>();
    Instant slot = Instant.parse(after + ":00Z");
    for (int i = 0; i < count; i++) {
      slot = schedule.next(slot);
      slots.add(slot.toString().replace(":00Z", ""));
    }
    return String.join(" ", slots);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          */10 * * * * * | 2026-11-22T02:00:00Z | 2026-11-22T02:00:10Z
          */10 * * * * * | 2026-11-22T02:00:09.999Z | 2026-11-22T02:00:10Z
          30 0 2 * * 0   | 2026-11-22T02:00:30Z | 2026-11-29T02:00:30Z
          30 0 2 * * 7   | 2026-11-22T02:00:29Z | 2026-11-22T02:00:30Z
          """)
  void a_sixth_field_in_front_is_seconds(String cron, Instant after, Instant expected) {
    Schedule schedule = Schedule.parse(cron, ZoneOffset.UTC);

    assertEquals(expected, schedule.next(after));
    assertEquals(expected, schedule.previous(expected.plusSeconds(5)));
  }

  @Test
  void a_slot_is_due_from_its_instant_on() {
    Set<Instant> yesterday = Set.of(SLOT.minus(DAY));

    assertEquals(Optional.empty(), DAILY.due(yesterday, SLOT.minusNanos(1)));
    assertEquals(Optional.of(SLOT), DAILY.due(yesterday, SLOT));
    assertEquals(Optional.of(SLOT), DAILY.due(yesterday, SLOT.plus(DAY).minusNanos(1)));
  }

  @Test
  void a_handled_slot_is_not_due_again() {
    assertEquals(Optional.empty(), DAILY.due(Set.of(SLOT), SLOT));
    assertEquals(Optional.empty(), DAILY.due(Set.of(SLOT), SLOT.plusSeconds(3600)));
  }

  @Test
  void after_a_long_pause_only_the_newest_slot_is_caught_up() {
    assertEquals(
        Optional.of(SLOT), DAILY.due(Set.of(SLOT.minus(DAY.multipliedBy(9))), SLOT.plusSeconds(5)));
  }

  @Test
  void the_first_backup_ever_is_due_at_once() {
    assertEquals(Optional.of(SLOT), DAILY.due(Set.of(), SLOT.plusSeconds(5)));
  }

  @Test
  void a_clock_that_steps_back_over_a_slot_runs_nothing_again() {
    assertEquals(Optional.empty(), DAILY.due(Set.of(SLOT), SLOT.minusSeconds(10)));
    assertEquals(Optional.empty(), DAILY.due(Set.of(SLOT), SLOT));
  }

  @Test
  void a_clock_that_steps_back_over_many_slots_runs_none_of_them_again() {
    Schedule hourly = Schedule.parse("@hourly", ZoneOffset.UTC);
    Set<Instant> handled =
        Set.of(SLOT, SLOT.plusSeconds(3600), SLOT.plusSeconds(7200), SLOT.plusSeconds(10800));

    for (int minutes = 0; minutes < 240; minutes += 7) {
      Instant now = SLOT.plus(Duration.ofMinutes(minutes));
      assertEquals(Optional.empty(), hourly.due(handled, now), now.toString());
    }
    assertEquals(
        Optional.of(SLOT.plusSeconds(14400)), hourly.due(handled, SLOT.plusSeconds(14400)));
  }

  @Test
  void a_slot_handled_while_the_clock_was_a_year_ahead_does_not_stop_the_backups() {
    assertEquals(Optional.of(SLOT), DAILY.due(Set.of(SLOT.plus(DAY.multipliedBy(365))), SLOT));
  }
}
