package dev.lifeboat.http;

import dev.lifeboat.config.Section;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The `http` block.
///
/// @param host loopback unless TLS is configured, or `allow-plain` says otherwise
/// @param port 0 for any free one
/// @param users name to bcrypt hash; empty for no basic auth
public record HttpConfig(String host, int port, Optional<Tls> tls, Map<String, String> users) {
  public HttpConfig {
    users = Map.copyOf(users);
  }

  /// PEM files; read again at each reload. A client CA makes client certificates mandatory.
  public record Tls(Path certificateFile, Path privateKeyFile, Optional<Path> clientCaFile) {}

  public static HttpConfig from(Section http) {
    String host = http.text("host");
    int port = http.number("port", 0, 65535);
    boolean allowPlain = http.flag("allow-plain");
    Section tlsSection = http.section("tls");
    Optional<Tls> tls = tls(tlsSection);
    Map<String, String> users = users(http);
    if (!tlsAsked(tlsSection) && !loopback(host)) {
      if (!users.isEmpty()) {
        http.problem(
            "users",
            "basic auth without TLS would send passwords readable over the network to " + host,
            "set http.tls.certificate-file and private-key-file, or http.host = \"127.0.0.1\"");
      } else if (!allowPlain) {
        http.problem(
            "host",
            "\"" + host + "\" is reachable from elsewhere, and there is neither TLS nor a user",
            "set http.tls and http.users, or http.allow-plain = true where the network is trusted");
      }
    }
    return new HttpConfig(host, port, tls, users);
  }

  private static boolean tlsAsked(Section tls) {
    return tls.optionalPath("certificate-file").isPresent()
        || tls.optionalPath("private-key-file").isPresent()
        || tls.optionalPath("client-ca-file").isPresent();
  }

  private static Optional<Tls> tls(Section tls) {
    Optional<Path> certificate = tls.optionalPath("certificate-file");
    Optional<Path> key = tls.optionalPath("private-key-file");
    Optional<Path> clientCa = tls.optionalPath("client-ca-file");
    if (certificate.isPresent() && key.isPresent()) {
      return Optional.of(new Tls(certificate.get(), key.get(), clientCa));
    }
    if (certificate.isPresent()) {
      tls.problem(
          "private-key-file",
          "missing, although certificate-file is " + certificate.get(),
          "name the PEM file with its private key");
    } else if (key.isPresent()) {
      tls.problem(
          "certificate-file",
          "missing, although private-key-file is " + key.get(),
          "name the PEM file with its certificate chain");
    } else if (clientCa.isPresent()) {
      tls.problem(
          "client-ca-file",
          clientCa.get() + " has no effect without TLS",
          "set certificate-file and private-key-file too");
    }
    return Optional.empty();
  }

  private static Map<String, String> users(Section http) {
    Map<String, String> users = http.pairs("users");
    users.forEach(
        (name, hash) ->
            BasicAuth.fault(name, hash)
                .ifPresent(
                    fault ->
                        http.section("users")
                            .problem(
                                name,
                                fault,
                                "make one with 'htpasswd -nBC 10 USER', which asks for the"
                                    + " password")));
    return users;
  }

  /// By its literal form: a name other than `localhost` is not looked up, and so not trusted.
  static boolean loopback(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
