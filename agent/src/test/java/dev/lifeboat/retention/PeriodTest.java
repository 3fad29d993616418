package dev.lifeboat.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

class PeriodTest {
  private static final ZonedDateTime AT = ZonedDateTime.parse("2026-11-22T02:03:04Z");

  @Test
  void each_backup_is_a_period_of_its_own_that_ends_as_it_begins() {
    assertEquals(AT, Period.ALL.begin(AT));
    assertEquals(AT, Period.ALL.later(AT, 7));
  }

  @Test
  void a_week_begins_on_monday_and_a_year_on_its_first_day() {
    assertEquals(ZonedDateTime.parse("2026-11-16T00:00Z"), Period.WEEKLY.begin(AT));
    assertEquals(ZonedDateTime.parse("2026-01-01T00:00Z"), Period.YEARLY.begin(AT));
    assertEquals(ZonedDateTime.parse("2026-11-22T02:00Z"), Period.HOURLY.begin(AT));
    assertEquals(
        ZonedDateTime.parse("2026-12-01T00:00Z"),
        Period.MONTHLY.later(Period.MONTHLY.begin(AT), 1));
  }
}
