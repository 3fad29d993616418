package dev.lifeboat.http;

import dev.lifeboat.config.Section;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The `http` block.
///
/// @param host loopback unless TLS or basic auth is configured, or `allow-plain` says otherwise
/// @param users name to bcrypt hash; empty for no basic auth
public record HttpConfig(String host, int port, Optional<Tls> tls, Map<String, String> users) {
  public HttpConfig {
    users = Map.copyOf(users);
  }

  /// PEM files; read again at each reload. A client CA makes client certificates mandatory.
  public record Tls(Path certificateFile, Path privateKeyFile, Optional<Path> clientCaFile) {}

  public static HttpConfig from(Section http) {
    throw new UnsupportedOperationException("skeleton");
  }
}
