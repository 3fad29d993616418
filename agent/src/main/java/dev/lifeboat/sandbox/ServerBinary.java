package dev.lifeboat.sandbox;

import dev.lifeboat.vault.Product;
import java.nio.file.Path;

/// A `bao` or `vault` program on this machine, and what it says it is.
public record ServerBinary(Path path, Product product, String version) {
  /// Runs `PATH version`; [java.io.UncheckedIOException] when it is no such program.
  public static ServerBinary detect(Path path) {
    throw new UnsupportedOperationException("skeleton");
  }
}
