package dev.lifeboat.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class SlotTest {
  @Test
  void a_slot_can_be_stored_until_a_day_after_the_next_one() {
    Schedule daily = Schedule.parse("0 2 * * *", ZoneOffset.UTC);

    Slot slot = Slot.of("daily", daily, Instant.parse("2026-11-22T02:00:00Z"));

    assertEquals(Instant.parse("2026-11-24T02:00:00Z"), slot.until());
  }

  @Test
  void a_name_that_could_not_be_part_of_an_object_is_a_bug() {
    Instant at = Instant.parse("2026-11-22T02:00:00Z");

    assertThrows(IllegalArgumentException.class, () -> new Slot("Daily.", at, at));
  }
}
