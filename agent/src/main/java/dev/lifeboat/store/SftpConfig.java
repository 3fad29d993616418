package dev.lifeboat.store;

import dev.lifeboat.config.SecretSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// A folder of another machine, reached by SFTP.
///
/// @param folder absolute, as the server names it after the login
/// @param hostKey what the server must prove to be
/// @param privateKeyFile OpenSSH or PEM, of its owner alone
/// @param passphrase of that file
/// @param certificateFile of the user, in OpenSSH's format; the bare key when absent
/// @param connectTimeout for the connection and for the login, each
/// @param stallTimeout how long the server may be silent; also when an unused connection is closed
public record SftpConfig(
    String host,
    int port,
    String user,
    String folder,
    HostKey hostKey,
    Path privateKeyFile,
    Optional<SecretSource> passphrase,
    Optional<Path> certificateFile,
    Duration connectTimeout,
    Duration stallTimeout)
    implements StoreConfig.Where {

  /// In the configuration `known-hosts-file` or `host-key`.
  public sealed interface HostKey {
    /// OpenSSH's format, names hashed or not; read for every connection.
    record KnownHosts(Path file) implements HostKey {}

    /// @param line such as `ssh-ed25519 AAAA…`
    record Pinned(String line) implements HostKey {}
  }

  @Override
  public String place() {
    return "sftp://%s@%s:%d%s".formatted(user, host, port, folder);
  }
}
