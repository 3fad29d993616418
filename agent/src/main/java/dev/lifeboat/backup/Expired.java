package dev.lifeboat.backup;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What one expiry of one store did.
///
/// @param deleted ids of the backups that are no more, in the order of deletion
/// @param failed by id: why it could not be deleted, whole or in part
/// @param brokenOff why the rest was not tried
public record Expired(
    List<String> deleted, Map<String, String> failed, Optional<String> brokenOff) {
  public static final Expired NOTHING = new Expired(List.of(), Map.of(), Optional.empty());

  public Expired {
    deleted = List.copyOf(deleted);
    failed = Collections.unmodifiableMap(new TreeMap<>(failed));
  }

  /// Whether everything that was to go is gone.
  public boolean done() {
    return failed.isEmpty() && brokenOff.isEmpty();
  }
}
