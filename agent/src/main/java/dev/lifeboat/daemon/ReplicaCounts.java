package dev.lifeboat.daemon;

import dev.lifeboat.store.StoreException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What this process did for its replicas, by their names; outlives a reload.
final class ReplicaCounts {
  private final Map<String, Replica> replicas = new HashMap<>();

  /// Of one replica.
  private static final class Replica {
    private final Map<StoreException.Reason, Long> failures =
        new EnumMap<>(StoreException.Reason.class);
    private long copied;
    private long bytes;
    private Optional<Instant> lastSync = Optional.empty();
    private OptionalLong missing = OptionalLong.empty();
  }

  private Replica of(String name) {
    return replicas.computeIfAbsent(name, _ -> new Replica());
  }

  synchronized void copied(String name, long bytes) {
    Replica replica = of(name);
    replica.copied++;
    replica.bytes += bytes;
  }

  synchronized void failed(String name, StoreException.Reason reason) {
    of(name).failures.merge(reason, 1L, Long::sum);
  }

  /// What a look found missing.
  synchronized void missing(String name, long backups) {
    of(name).missing = OptionalLong.of(backups);
  }

  /// Nothing is missing.
  synchronized void complete(String name, Instant now) {
    Replica replica = of(name);
    replica.lastSync = Optional.of(now);
    replica.missing = OptionalLong.of(0);
  }

  /// What is missing is not known until the next look.
  synchronized void forgetMissing(String name) {
    of(name).missing = OptionalLong.empty();
  }

  /// Another agent looks after the replicas now.
  synchronized void forgetMissing() {
    replicas.values().forEach(replica -> replica.missing = OptionalLong.empty());
  }

  synchronized long copied(String name) {
    return of(name).copied;
  }

  synchronized long bytes(String name) {
    return of(name).bytes;
  }

  synchronized long failures(String name, StoreException.Reason reason) {
    return of(name).failures.getOrDefault(reason, 0L);
  }

  synchronized Optional<Instant> lastSync(String name) {
    return of(name).lastSync;
  }

  synchronized OptionalLong missing(String name) {
    return of(name).missing;
  }
}
