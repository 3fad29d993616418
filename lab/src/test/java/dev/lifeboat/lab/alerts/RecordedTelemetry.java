package dev.lifeboat.lab.alerts;

import dev.lifeboat.lab.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What real servers exposed at `sys/metrics`, recorded by `./lifeboat lab telemetry`.
final class RecordedTelemetry {
  private RecordedTelemetry() {}

  /// Of every sample of both products in any role.
  static Set<String> names() {
    Set<String> names = new TreeSet<>();
    Path folder = Checkout.root().resolve("exporter/src/test/resources/native");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.readAllLines(file).stream()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.replaceFirst("[{ ].*", ""))
            .forEach(names::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }
}
