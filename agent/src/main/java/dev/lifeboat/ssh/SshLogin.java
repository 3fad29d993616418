package dev.lifeboat.ssh;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.config.Section;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// A user of another machine, and what to log in with.
///
/// @param hostKey what the server must prove to be
/// @param privateKeyFile OpenSSH or PEM, of its owner alone
/// @param passphrase of that file
/// @param certificateFile of the user, in OpenSSH's format; the bare key when absent
/// @param connectTimeout for the connection and for the login, each
/// @param stallTimeout how long the server may be silent
public record SshLogin(
    String host,
    int port,
    String user,
    HostKey hostKey,
    Path privateKeyFile,
    Optional<SecretSource> passphrase,
    Optional<Path> certificateFile,
    Duration connectTimeout,
    Duration stallTimeout) {

  /// Reads `host`, `port`, `user`, `known-hosts-file` or `host-key`, `private-key-file`,
  /// `passphrase`, `certificate-file`, `connect-timeout` and `stall-timeout` of a block.
  ///
  /// @param stall the default of the last
  public static SshLogin from(Section block, Duration stall) {
    return SshSyntax.read(block, stall);
  }

  /// `user@host:port`
  public String address() {
    return "%s@%s:%d".formatted(user, host, port);
  }
}
