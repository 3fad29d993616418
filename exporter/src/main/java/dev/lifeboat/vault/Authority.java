package dev.lifeboat.vault;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/// Whom a request goes to: scheme, host and port, in one spelling, so that `HTTPS://Vault:443/` and
/// `https://vault` are the same. Names are not resolved: what a name resolves to is not ours to
/// trust.
record Authority(String scheme, String host, int port) {
  static Authority of(URI uri) {
    String scheme = lower(uri.getScheme());
    int port = uri.getPort();
    if (port < 0) {
      port = scheme.equals("http") ? 80 : 443;
    }
    String host = lower(uri.getHost());
    return new Authority(
        scheme, host.endsWith(".") ? host.substring(0, host.length() - 1) : host, port);
  }

  /// An address as a server wrote it; empty when it is none.
  static Optional<URI> parse(String text) {
    try {
      URI uri = new URI(text);
      return uri.getHost() == null || uri.getScheme() == null ? Optional.empty() : Optional.of(uri);
    } catch (URISyntaxException notAnAddress) {
      return Optional.empty();
    }
  }

  boolean loopback() {
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  }

  private static String lower(String text) {
    return text == null ? "" : text.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return scheme + "://" + host + ":" + port;
  }
}
