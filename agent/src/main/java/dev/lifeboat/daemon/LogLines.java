package dev.lifeboat.daemon;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.text.MessageFormat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// The log: one line an event on standard error, `key=value`.
///
///     2026-11-22T02:00:09.118Z level=info event=backup_stored id=20261122T020003Z-1f0c9a2e
///
/// Under systemd (`JOURNAL_STREAM`) the journal adds the time and reads the level from the prefix
/// of sd-daemon(3):
///
///     <6>level=info event=backup_stored id=20261122T020003Z-1f0c9a2e
///
/// A library's own words become `event=library logger=… message="…"`. A stack trace follows on
/// lines of its own that begin with two spaces.
public final class LogLines extends Handler {
  /// The values of `log.level`.
  public enum Threshold {
    ERROR,
    WARNING,
    INFO,
    DEBUG;

    private Level level() {
      return switch (this) {
        case ERROR -> Level.SEVERE;
        case WARNING -> Level.WARNING;
        case INFO -> Level.INFO;
        case DEBUG -> Level.FINE;
      };
    }
  }

  private final PrintStream out;
  private final boolean journal;

  LogLines(PrintStream out, boolean journal) {
    this.out = out;
    this.journal = journal;
  }

  /// Replaces whatever the JVM would log with. May be called again, to change the level.
  ///
  /// @param environment for `JOURNAL_STREAM`
  public static void install(
      Threshold threshold, Map<String, String> environment, PrintStream out) {
    Logger root = Logger.getLogger("");
    boolean installed =
        Arrays.stream(root.getHandlers())
            .anyMatch(handler -> handler instanceof LogLines lines && lines.out.equals(out));
    if (!installed) {
      // Only once: a line that is logged between the reset and the new handler is lost.
      LogManager.getLogManager().reset();
      root.addHandler(new LogLines(out, environment.containsKey("JOURNAL_STREAM")));
    }
    root.setLevel(threshold == Threshold.ERROR ? Level.SEVERE : Level.WARNING);
    OWN.setLevel(threshold.level());
    SSH.setLevel(Level.SEVERE);
  }

  /// Held, for a logger that nobody holds forgets its level.
  private static final Logger OWN = Logger.getLogger("dev.lifeboat");

  /// What this library warns of it throws as well, and whoever asked says it in a line of ours.
  private static final Logger SSH = Logger.getLogger("org.apache.sshd");

  @Override
  public void publish(LogRecord record) {
    StringBuilder lines = new StringBuilder();
    String prefix = journal ? "<" + priority(record.getLevel()) + ">" : "";
    lines.append(prefix);
    if (!journal) {
      lines.append(time(record.getInstant())).append(' ');
    }
    lines.append("level=").append(level(record.getLevel())).append(' ').append(text(record));
    if (record.getThrown() != null) {
      StringWriter trace = new StringWriter();
      record.getThrown().printStackTrace(new PrintWriter(trace));
      trace
          .toString()
          .lines()
          .forEach(line -> lines.append('\n').append(prefix).append("  ").append(line.strip()));
    }
    lines.append('\n');
    // One write a record: lines of two threads never mix.
    out.print(lines);
    out.flush();
  }

  private static String text(LogRecord record) {
    String message = message(record);
    if (message.startsWith("event=")) {
      return oneLine(message);
    }
    return "event=library logger=" + record.getLoggerName() + " message=" + quoted(message);
  }

  private static String message(LogRecord record) {
    String message = record.getMessage() == null ? "" : record.getMessage();
    Object[] parameters = record.getParameters();
    if (parameters == null || parameters.length == 0 || !message.contains("{0")) {
      return message;
    }
    try {
      return MessageFormat.format(message, parameters);
    } catch (IllegalArgumentException e) {
      return message;
    }
  }

  /// A value in quotes, on one line, whatever it holds.
  public static String quoted(String value) {
    return '"' + oneLine(value).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints().forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
    return line.toString();
  }

  private static String time(Instant at) {
    String text = at.truncatedTo(ChronoUnit.MILLIS).toString();
    // Instant leaves out zero milliseconds; columns should not jump.
    return text.length() == "2026-11-22T02:00:09Z".length()
        ? text.substring(0, text.length() - 1) + ".000Z"
        : text;
  }

  private static String level(Level level) {
    return switch (priority(level)) {
      case 3 -> "error";
      case 4 -> "warning";
      case 6 -> "info";
      default -> "debug";
    };
  }

  private static int priority(Level level) {
    int value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return 3;
    }
    if (value >= Level.WARNING.intValue()) {
      return 4;
    }
    return value >= Level.INFO.intValue() ? 6 : 7;
  }

  @Override
  public void flush() {
    out.flush();
  }

  @Override
  public void close() {}
}
