package dev.lifeboat.vault;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.config.Section;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The `vault` block: which node, how to reach it, who we are.
///
/// @param address the API address of the node beside us
/// @param peers API addresses of the other nodes; only these and `address` ever see a token
/// @param expectedPeers how many raft peers a whole cluster has; 0 when not said
/// @param namespace sent as `X-Vault-Namespace` when present
public record VaultConfig(
    URI address,
    List<URI> peers,
    int expectedPeers,
    Optional<String> namespace,
    Tls tls,
    Auth auth,
    Duration connectTimeout,
    Duration requestTimeout) {
  public VaultConfig {
    peers = List.copyOf(peers);
  }

  /// By the same rules, elsewhere.
  ///
  /// @param others that see a token as well
  public VaultConfig at(URI there, List<URI> others) {
    return new VaultConfig(there, others, 0, namespace, tls, auth, connectTimeout, requestTimeout);
  }

  /// @param caFile PEM; the JDK's own certificate authorities when absent
  /// @param serverName checked instead of the address's host
  public record Tls(
      Optional<Path> caFile,
      Optional<Path> certificateFile,
      Optional<Path> privateKeyFile,
      Optional<String> serverName) {
    public static final Tls DEFAULT =
        new Tls(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// How a token is had. In the configuration `auth { method = none | token | approle | cert }`.
  public sealed interface Auth {
    record None() implements Auth {}

    record Token(SecretSource token) implements Auth {}

    record AppRole(String mount, SecretSource roleId, SecretSource secretId) implements Auth {}

    record Certificate(String mount, Optional<String> role) implements Auth {}

    static Auth from(Section auth) {
      return AuthSyntax.read(auth);
    }
  }

  public static VaultConfig from(Section vault) {
    Tls tls = tls(vault.section("tls"));
    Auth auth = Auth.from(vault.section("auth"));
    if (auth instanceof Auth.Certificate && tls.certificateFile().isEmpty()) {
      vault
          .section("auth")
          .problem("method", "cert needs a client certificate", "set vault.tls.certificate-file");
    }
    URI address = vault.address("address");
    List<URI> peers = vault.addresses("peers");
    refusePlain(vault, "address", address);
    peers.forEach(peer -> refusePlain(vault, "peers", peer));
    Optional<String> namespace = vault.optionalText("namespace");
    if (namespace.isPresent() && !namespace.get().matches(AuthSyntax.NAME)) {
      vault.problem(
          "namespace",
          "expected a namespace, found \"" + namespace.get() + "\"",
          "such as team-a/");
    }
    return new VaultConfig(
        address,
        peers,
        vault.number("expected-peers", 0, 99),
        namespace,
        tls,
        auth,
        vault.duration("connect-timeout", Duration.ofMillis(50), Duration.ofMinutes(1)),
        vault.duration("request-timeout", Duration.ofMillis(100), Duration.ofMinutes(5)));
  }

  private static Tls tls(Section tls) {
    var files =
        new Tls(
            tls.optionalPath("ca-file"),
            tls.optionalPath("certificate-file"),
            tls.optionalPath("private-key-file"),
            tls.optionalText("server-name"));
    if (files.certificateFile().isPresent() && files.privateKeyFile().isEmpty()) {
      tls.problem("certificate-file", "has no private key", "set private-key-file beside it");
    }
    if (files.privateKeyFile().isPresent() && files.certificateFile().isEmpty()) {
      tls.problem("private-key-file", "has no certificate", "set certificate-file beside it");
    }
    return files;
  }

  /// A token in plain HTTP is everybody's on the way.
  public static void refusePlain(Section vault, String key, URI address) {
    if (address.getScheme().equals("http") && !Authority.of(address).loopback()) {
      vault.problem(
          key,
          "plain http leaves this machine, found " + address,
          "use https://; plain http is for loopback addresses such as http://127.0.0.1:8200");
    }
  }
}
