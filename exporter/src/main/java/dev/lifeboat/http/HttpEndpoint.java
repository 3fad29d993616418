package dev.lifeboat.http;

import dev.lifeboat.metrics.Exposition;
import dev.lifeboat.status.Status;
import java.net.URI;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// The HTTP server: `/metrics`, `/livez`, `/readyz`, `/` and a 404 with a hint elsewhere.
public final class HttpEndpoint implements AutoCloseable {
  /// Listens before it returns; a port in use is an [java.io.UncheckedIOException] naming it.
  public static HttpEndpoint open(
      HttpConfig config, Exposition exposition, BooleanSupplier ready, Supplier<Status> status) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Where it listens, with the real port when 0 was configured.
  public URI address() {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
