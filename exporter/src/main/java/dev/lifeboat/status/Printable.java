package dev.lifeboat.status;

/// Text of others made safe for a terminal: control and format characters, with which a name could
/// move the cursor, hide a line or turn it round, become `?`.
public final class Printable {
  private Printable() {}

  public static String of(String text) {
    return text.codePoints().anyMatch(Printable::isHarmful)
        ? text.codePoints()
            .map(c -> isHarmful(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString()
        : text;
  }

  private static boolean isHarmful(int c) {
    return Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
  }
}
