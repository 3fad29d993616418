package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogLinesTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void an_event_is_one_line_with_its_time_and_level() {
    publish(false, record(Level.INFO, "event=backup_stored id=x"));

    assertEquals("2026-11-22T02:00:09.000Z level=info event=backup_stored id=x\n", printed());
  }

  @Test
  void under_systemd_the_journal_adds_the_time_and_reads_the_level_from_the_prefix() {
    publish(true, record(Level.SEVERE, "event=a"));
    publish(true, record(Level.WARNING, "event=b"));
    publish(true, record(Level.INFO, "event=c"));
    publish(true, record(Level.FINE, "event=d"));

    assertEquals(
        """
        <3>level=error event=a
        <4>level=warning event=b
        <6>level=info event=c
        <7>level=debug event=d
        """,
        printed());
  }

  @Test
  void a_librarys_words_become_an_event_of_their_own() {
    LogRecord record = record(Level.WARNING, "slow \"thing\" {0}\nsecond line");
    record.setLoggerName("io.vertx.core");
    record.setParameters(new Object[] {7});
    publish(false, record);

    assertEquals(
        "2026-11-22T02:00:09.000Z level=warning event=library logger=io.vertx.core"
            + " message=\"slow \\\"thing\\\" 7 second line\"\n",
        printed());
  }

  @Test
  void a_line_end_or_an_escape_in_a_value_cannot_forge_a_second_line() {
    publish(false, record(Level.INFO, "event=x name=a\nlevel=error event=forged\u001b[2J"));

    assertEquals(
        "2026-11-22T02:00:09.000Z level=info event=x name=a level=error event=forged [2J\n",
        printed());
  }

  @Test
  void a_stack_trace_follows_indented_and_with_the_same_prefix() {
    LogRecord record = record(Level.SEVERE, "event=bug");
    record.setThrown(new IllegalStateException("oops"));
    publish(true, record);

    List<String> lines = printed().lines().toList();
    assertEquals("<3>level=error event=bug", lines.get(0));
    assertEquals("<3>  java.lang.IllegalStateException: oops", lines.get(1));
    assertTrue(lines.get(2).startsWith("<3>  at dev.lifeboat.daemon.LogLinesTest"), lines.get(2));
  }

  private void publish(boolean journal, LogRecord record) {
    new LogLines(out, journal).publish(record);
  }

  private static LogRecord record(Level level, String message) {
    LogRecord record = new LogRecord(level, message);
    record.setInstant(Instant.parse("2026-11-22T02:00:09Z"));
    return record;
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
