package dev.lifeboat.watch;

import dev.lifeboat.vault.VaultException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What one poll of one endpoint gave. A value exists only in [Known]: a failed poll takes the
/// place of the value before it and can never leave a frozen figure behind.
public sealed interface Reading<T> {
  record Known<T>(T value, Instant at, Duration took) implements Reading<T> {}

  record Failed<T>(VaultException.Reason reason, String message, Instant at, Duration took)
      implements Reading<T> {}

  /// Not polled in this state: cluster endpoints on a standby, those of raft on a node without it,
  /// anything that needs a token without one, everything before the first poll.
  record NotAsked<T>() implements Reading<T> {}

  default Optional<T> known() {
    return this instanceof Known<T> known ? Optional.of(known.value()) : Optional.empty();
  }

  default Optional<VaultException.Reason> failure() {
    return this instanceof Failed<T> failed ? Optional.of(failed.reason()) : Optional.empty();
  }

  /// When it was asked; empty when it never was.
  default Optional<Instant> asked() {
    return switch (this) {
      case Known<T> known -> Optional.of(known.at());
      case Failed<T> failed -> Optional.of(failed.at());
      case NotAsked<T> _ -> Optional.empty();
    };
  }
}
