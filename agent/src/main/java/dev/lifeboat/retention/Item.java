package dev.lifeboat.retention;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One backup of one store, as far as retention looks at it.
///
/// @param takenAt by its signed manifest, never by the clock of a store; empty when no manifest
///   could be read
/// @param slot the scheduled instant it stands for
/// @param storedBytes what deleting it frees
/// @param verifiedAt when it was last found good
/// @param trouble why it cannot be counted on (`not trusted: …`, `not whole: …`); it then neither
///   counts nor is deleted
/// @param holds what keeps it besides the policy
public record Item(
    String id,
    Optional<Instant> takenAt,
    Optional<Instant> slot,
    long storedBytes,
    Optional<Instant> verifiedAt,
    Optional<String> trouble,
    List<Hold> holds) {
  public Item {
    holds = List.copyOf(holds);
    if (trouble.isEmpty() && takenAt.isEmpty()) {
      throw new IllegalArgumentException("when was it taken? " + id);
    }
  }

  boolean counts() {
    return trouble.isEmpty();
  }

  /// Of one that counts.
  Instant taken() {
    return takenAt.orElseThrow();
  }
}
