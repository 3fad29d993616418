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
      throw new UnsupportedOperationException("skeleton");
    }
  }

  public static VaultConfig from(Section vault) {
    throw new UnsupportedOperationException("skeleton");
  }
}
