package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.backup.Catalogue.Survey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RememberingTest {
  private static final Survey NOTHING = new Survey(List.of(), Map.of());

  private final Memory memory = new Memory();
  private Instant now = Instant.parse("2026-11-22T02:00:01Z");
  private int saved;

  @Test
  void it_saves_what_was_learnt_at_most_every_ten_minutes() {
    learn();
    var reading = new Remembering(() -> NOTHING, memory, () -> saved++, () -> now);

    after(reading, Duration.ZERO, 0, "nothing but what was loaded");
    learn();
    after(reading, Duration.ofMinutes(1), 1, "something new");
    after(reading, Duration.ofMinutes(11), 1, "nothing since");
    learn();
    after(reading, Duration.ofMinutes(1), 2, "long after the last time");
    learn();
    after(reading, Duration.ofMinutes(9), 2, "too soon");
    after(reading, Duration.ofMinutes(1), 3, "what waited");
  }

  private void after(Remembering reading, Duration passed, int expected, String why) {
    now = now.plus(passed);
    assertEquals(NOTHING, reading.get());
    assertEquals(expected, saved, why);
  }

  private void learn() {
    memory.remember(
        new Memory.Document("near", "x.check", "1", new Checks.Recorded(Optional.empty())));
  }
}
