package dev.lifeboat.backup;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What one expiry of one store did.
///
/// @param locked by id: until when backups are locked whose lock was extended
/// @param deleted ids of the backups that are no more, in the order of deletion
/// @param unlocked by id: why its lock could not be extended
/// @param failed by id: why it could not be deleted, whole or in part
/// @param brokenOff why the rest was not tried
public record Expired(
    Map<String, Instant> locked,
    List<String> deleted,
    Map<String, String> unlocked,
    Map<String, String> failed,
    Optional<String> brokenOff) {
  public static final Expired NOTHING =
      new Expired(Map.of(), List.of(), Map.of(), Map.of(), Optional.empty());

  public Expired {
    locked = Collections.unmodifiableMap(new TreeMap<>(locked));
    deleted = List.copyOf(deleted);
    unlocked = Collections.unmodifiableMap(new TreeMap<>(unlocked));
    failed = Collections.unmodifiableMap(new TreeMap<>(failed));
  }

  /// Whether everything that was to go is gone, and locked what was to be.
  public boolean done() {
    return unlocked.isEmpty() && failed.isEmpty() && brokenOff.isEmpty();
  }
}
