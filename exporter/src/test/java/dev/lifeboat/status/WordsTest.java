package dev.lifeboat.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "PT0S, now",
    "PT0.9S, now",
    "PT1S, 1 second ago",
    "PT119S, 119 seconds ago",
    "PT120S, 2 minutes ago",
    "PT119M, 119 minutes ago",
    "PT2H, 2 hours ago",
    "PT47H, 47 hours ago",
    "PT48H, 2 days ago",
    "PT9000H, 375 days ago",
    "PT-3M, in 3 minutes",
    "PT-16H, in 16 hours"
  })
  void ages_are_told_as_people_do(Duration age, String words) {
    assertEquals(words, Words.ago(NOW.minus(age), NOW));
  }

  @Test
  void numbers_have_the_same_shape_everywhere() {
    assertEquals("1,234,567", Words.grouped(1234567));
    assertEquals("1.2 s", Words.seconds(Duration.ofMillis(1234)));
    assertEquals("216 MiB", Words.size(226_492_416));
    assertEquals("1 problem", Words.count(1, "problem"));
    assertEquals("0 problems", Words.count(0, "problem"));
    assertEquals("2026-11-22 10:00:00 UTC", Words.utc(NOW));
  }
}
