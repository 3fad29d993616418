package dev.lifeboat.vault;

import dev.lifeboat.config.Secret;
import java.time.Duration;
import java.util.Optional;

/// A token as the server gave or described it.
///
/// @param ttl from the moment of the answer; empty for a token that never ends
/// @param ours made by a login of ours, so ours to revoke
record Grant(Secret token, Optional<Duration> ttl, boolean renewable, boolean ours) {
  static Grant of(Secret token, long ttlSeconds, boolean renewable, boolean ours) {
    return new Grant(
        token,
        ttlSeconds > 0 ? Optional.of(Duration.ofSeconds(ttlSeconds)) : Optional.empty(),
        renewable,
        ours);
  }
}
