package dev.lifeboat.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void an_age_has_one_unit() {
    assertEquals("now", when(0));
    assertEquals("1 second ago", when(1));
    assertEquals("119 seconds ago", when(119));
    assertEquals("2 minutes ago", when(120));
    assertEquals("119 minutes ago", when(7199));
    assertEquals("2 hours ago", when(7200));
    assertEquals("47 hours ago", when(2 * 86_400 - 1));
    assertEquals("2 days ago", when(2 * 86_400));
    assertEquals("in 5 minutes", when(-300));
  }

  private static String when(long seconds) {
    return Words.when(Typed.NOW.minusSeconds(seconds), Typed.NOW);
  }

  @Test
  void a_duration_is_exact_when_short() {
    assertEquals("1.9 s", Words.took(Duration.ofMillis(1912)));
    assertEquals("4 min 10 s", Words.took(Duration.ofSeconds(250)));
  }

  @Test
  void columns_are_aligned_and_lines_do_not_end_in_spaces() {
    Table table = new Table("A", "LONG");
    table.row("wide cell", "x");

    assertEquals("A          LONG\nwide cell  x\n", table.toString());
    assertEquals(
        "head\n  a     1\n  long  2\n",
        new Facts("head").add("a", "1").add("long", "2").toString());
  }

  @Test
  void progress_is_silent_for_a_second_and_leaves_the_line_clean() {
    AtomicLong nanos = new AtomicLong();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream terminal = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (ProgressMeter meter = new ProgressMeter(terminal, true, nanos::get)) {
      meter.at("snapshot", 1 << 20);
      nanos.set(Duration.ofSeconds(2).toNanos());
      meter.at("snapshot", 4 << 20);
      meter.at("snapshot", 5 << 20);
    }

    assertEquals(
        "\r\u001b[Ksnapshot       4 MiB  2 MiB/s\r\u001b[K",
        bytes.toString(StandardCharsets.UTF_8));
  }
}
