package dev.lifeboat.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/// Which Lifeboat this is.
final class Version {
  private Version() {}

  /// `0.1.0`, from the jar's manifest; `development` when it runs from classes.
  static String number() {
    return Objects.requireNonNullElse(
        Version.class.getPackage().getImplementationVersion(), "development");
  }

  /// The commit it was built from, such as `4f2a9c1d0b3e`, with `-dirty` when the sources had been
  /// changed since; `unknown` when there was no repository.
  static String revision() {
    try (InputStream in = Version.class.getResourceAsStream("/build.properties")) {
      if (in == null) {
        return "unknown";
      }
      Properties build = new Properties();
      build.load(in);
      String revision = build.getProperty("revision", "");
      // Where there is no git, Ant leaves the placeholder.
      return revision.isBlank() || revision.startsWith("$") ? "unknown" : revision;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String line() {
    return "lifeboat %s (revision %s, Java %s)".formatted(number(), revision(), Runtime.version());
  }
}
