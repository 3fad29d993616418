package dev.lifeboat.telemetry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Telemetry of real servers, as `./lifeboat lab telemetry` recorded it.
public final class Texts {
  private Texts() {}

  /// @param name such as `openbao-active`
  public static String of(String name) {
    Path file =
        Path.of(System.getProperty("lifeboat.root", ".."))
            .resolve("exporter/src/test/resources/native")
            .resolve(name + ".prom");
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What is put behind an empty page.
  static byte[] text(Relay relay) {
    return relay.appendedTo(new byte[0], new byte[0], false);
  }

  static List<String> lines(Rendered rendered, boolean openMetrics) {
    byte[] page = new byte[rendered.length(openMetrics)];
    rendered.copyTo(page, 0, openMetrics);
    return lines(page);
  }

  static List<String> lines(byte[] page) {
    return new String(page, StandardCharsets.UTF_8).lines().toList();
  }
}
