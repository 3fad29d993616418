package dev.lifeboat.cli;

import java.util.Objects;

/// Which Lifeboat this is.
final class Version {
  private Version() {}

  /// `0.1.0`, from the jar's manifest; `development` when it runs from classes.
  static String number() {
    return Objects.requireNonNullElse(
        Version.class.getPackage().getImplementationVersion(), "development");
  }

  static String line() {
    return "lifeboat %s (Java %s)".formatted(number(), Runtime.version());
  }
}
