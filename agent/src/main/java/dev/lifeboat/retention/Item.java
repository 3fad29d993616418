package dev.lifeboat.retention;

import java.time.Instant;
import java.util.ArrayList;
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
/// @param lock until when all that restores it is locked; empty when it is not, or nobody asked
public record Item(
    String id,
    Optional<Instant> takenAt,
    Optional<Instant> slot,
    long storedBytes,
    Optional<Instant> verifiedAt,
    Optional<String> trouble,
    List<Hold> holds,
    Optional<Instant> lock) {
  public Item {
    holds = List.copyOf(holds);
    if (trouble.isEmpty() && takenAt.isEmpty()) {
      throw new IllegalArgumentException("when was it taken? " + id);
    }
  }

  /// One of whose lock nothing is known.
  public Item(
      String id,
      Optional<Instant> takenAt,
      Optional<Instant> slot,
      long storedBytes,
      Optional<Instant> verifiedAt,
      Optional<String> trouble,
      List<Hold> holds) {
    this(id, takenAt, slot, storedBytes, verifiedAt, trouble, holds, Optional.empty());
  }

  /// The same, held by this as well.
  public Item heldBy(Hold hold) {
    List<Hold> more = new ArrayList<>(holds);
    more.add(hold);
    return new Item(id, takenAt, slot, storedBytes, verifiedAt, trouble, more, lock);
  }

  /// The same, locked until then.
  public Item lockedUntil(Instant until) {
    return new Item(id, takenAt, slot, storedBytes, verifiedAt, trouble, holds, Optional.of(until));
  }

  boolean counts() {
    return trouble.isEmpty();
  }

  /// Of one that counts.
  Instant taken() {
    return takenAt.orElseThrow();
  }
}
