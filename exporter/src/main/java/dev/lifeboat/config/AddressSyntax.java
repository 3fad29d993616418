package dev.lifeboat.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Reads an `http` or `https` address that is nothing but scheme, host and port.
final class AddressSyntax {
  private AddressSyntax() {}

  /// The address with scheme and host in lower case and without a closing slash.
  static URI parse(String text) throws Quantity.Wrong {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException wrong) {
      throw new Quantity.Wrong("expected an address, found " + shown(text), example());
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw new Quantity.Wrong(
          "expected an address with https:// or http://, found " + shown(text), example());
    }
    if (uri.getRawUserInfo() != null) {
      throw new Quantity.Wrong(
          "an address must not name a user", "the login belongs into an auth block");
    }
    if (uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 65_535) {
      throw new Quantity.Wrong("expected an address, found " + shown(text), example());
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    boolean bare = path.isEmpty() || path.equals("/");
    if (!bare || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new Quantity.Wrong(
          "an address ends after host and port, found " + shown(text), example());
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return URI.create(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port);
  }

  /// What stands before an `@` may be a password.
  private static String shown(String text) {
    return text.contains("@") ? "one with a user" : '"' + text + '"';
  }

  private static String example() {
    return "write it like https://vault-1.example.org:8200";
  }
}
