package dev.lifeboat.ssh;

import java.nio.file.Path;

/// What a server must prove to be. In the configuration `known-hosts-file` or `host-key`.
public sealed interface HostKey {
  /// OpenSSH's format, names hashed or not; read for every connection.
  record KnownHosts(Path file) implements HostKey {}

  /// @param line such as `ssh-ed25519 AAAA…`
  record Pinned(String line) implements HostKey {}
}
