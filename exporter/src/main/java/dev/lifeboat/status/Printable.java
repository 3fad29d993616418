package dev.lifeboat.status;

/// Text from a server made safe for a terminal: control characters, with which a name could move
/// the cursor or hide a line, become `?`.
final class Printable {
  private Printable() {}

  static String of(String text) {
    return text.codePoints().anyMatch(Character::isISOControl)
        ? text.codePoints()
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString()
        : text;
  }
}
