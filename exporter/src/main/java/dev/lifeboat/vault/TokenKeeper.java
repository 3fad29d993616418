package dev.lifeboat.vault;

import dev.lifeboat.config.Secret;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/// Holds one token: logs in at the first use, renews it in the background before it ends, logs in
/// again when it was refused or cannot be renewed. One login serves for as long as it lives.
public final class TokenKeeper implements AutoCloseable {
  public static TokenKeeper open(VaultClient client, VaultConfig.Auth auth, InstantSource clock) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Whether a login is configured at all.
  public boolean configured() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// A token that was good when last looked at. Blocks for a login when there is none.
  public Secret token() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Says that the server answered 403 to this token: the next [#token] logs in anew (or reads the
  /// file again), at most once per 10 s.
  public void refused(Secret token) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// When the token ends; empty without one, or for a token that never ends.
  public Optional<Instant> expiry() {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
