package dev.lifeboat.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number with a unit, as people write it: `5s`, `1.5h`, `64 MiB`.
final class Quantity {
  /// Why a text is no quantity; becomes the message of a [Problem].
  static final class Wrong extends Exception {
    private final String hint;

    Wrong(String message, String hint) {
      super(message);
      this.hint = hint;
    }

    String message() {
      return String.valueOf(getMessage());
    }

    String hint() {
      return hint;
    }
  }

  private static final Pattern SHAPE = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)\\s*(\\p{L}*)");
  private static final Map<String, Long> NANOS =
      Map.ofEntries(
          Map.entry("ms", 1_000_000L),
          Map.entry("millis", 1_000_000L),
          Map.entry("milliseconds", 1_000_000L),
          Map.entry("s", 1_000_000_000L),
          Map.entry("second", 1_000_000_000L),
          Map.entry("seconds", 1_000_000_000L),
          Map.entry("m", 60_000_000_000L),
          Map.entry("minute", 60_000_000_000L),
          Map.entry("minutes", 60_000_000_000L),
          Map.entry("h", 3_600_000_000_000L),
          Map.entry("hour", 3_600_000_000_000L),
          Map.entry("hours", 3_600_000_000_000L),
          Map.entry("d", 86_400_000_000_000L),
          Map.entry("day", 86_400_000_000_000L),
          Map.entry("days", 86_400_000_000_000L));
  private static final Map<String, Long> BYTES =
      Map.of(
          "B", 1L,
          "kB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L,
          "TB", 1_000_000_000_000L,
          "KiB", 1L << 10,
          "MiB", 1L << 20,
          "GiB", 1L << 30,
          "TiB", 1L << 40);

  private Quantity() {}

  static Duration duration(String text) throws Wrong {
    return Duration.ofNanos(parse(text, "duration", NANOS, "use ms, s, m, h or d", "5s"));
  }

  static ByteSize size(String text) throws Wrong {
    return new ByteSize(
        parse(text, "size", BYTES, "use B, KiB, MiB, GiB, TiB or kB, MB, GB, TB", "64KiB"));
  }

  private static long parse(
      String text, String what, Map<String, Long> units, String hint, String example) throws Wrong {
    Matcher match = SHAPE.matcher(text.strip());
    if (!match.matches()) {
      throw new Wrong("expected a %s, found \"%s\"".formatted(what, text), hint);
    }
    String unit = match.group(2);
    if (unit.isEmpty()) {
      throw new Wrong(
          "expected a %s with its unit, found %s".formatted(what, text),
          "write " + example + " for example");
    }
    Long factor = units.get(unit);
    if (factor == null) {
      throw new Wrong("unknown unit '%s' in \"%s\"".formatted(unit, text), hint);
    }
    try {
      return new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(factor)).longValueExact();
    } catch (ArithmeticException tooLargeOrFractional) {
      throw new Wrong("\"%s\" is too large or too fine a %s".formatted(text, what), hint);
    }
  }

  /// The shortest exact text: `90s`, `2h`.
  static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0 || millis == 0) {
      return millis == 0 ? "0s" : millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}
