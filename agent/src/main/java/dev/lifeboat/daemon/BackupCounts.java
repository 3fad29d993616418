package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.Expired;
import dev.lifeboat.backup.FailureReason;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What this process counted of its backup runs; begins at 0 with the process and outlives a
/// reload.
final class BackupCounts {
  private static final double[] UPPER_BOUNDS_SECONDS = {
    0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600
  };

  private final Map<FailureReason, Long> failures = new EnumMap<>(FailureReason.class);
  private final Map<String, Long> leftOut = new HashMap<>();
  private final Histogram duration =
      Histogram.builder()
          .name(BackupCollector.DURATION.name())
          .help(BackupCollector.DURATION.help())
          .unit(Unit.SECONDS)
          .classicOnly()
          .classicUpperBounds(UPPER_BOUNDS_SECONDS)
          .withoutExemplars()
          .build();
  private final Map<String, Long> deleted = new HashMap<>();
  private final Map<String, Long> deleteFailures = new HashMap<>();
  private final Map<String, Long> locked = new HashMap<>();
  private final Map<String, Long> lockFailures = new HashMap<>();
  private final Set<String> expireRefused = new HashSet<>();
  private long runs;
  private long slotsTaken;
  private long slotsHeld;
  private long consecutiveFailures;
  private Optional<Instant> lastAttempt = Optional.empty();
  private Optional<Duration> lastDuration = Optional.empty();
  private long verified;
  private long wrong;

  BackupCounts() {
    for (FailureReason reason : FailureReason.values()) {
      failures.put(reason, 0L);
    }
  }

  /// The one switch from the outcome of a run to its metrics.
  synchronized void finished(BackupOutcome outcome, Instant now) {
    runs += outcome instanceof BackupOutcome.SlotHeld ? 0 : 1;
    switch (outcome) {
      case BackupOutcome.Stored stored -> {
        consecutiveFailures = 0;
        stored.leftOut().keySet().forEach(store -> leftOut.merge(store, 1L, Long::sum));
        lastAttempt = Optional.of(now.minus(stored.took()));
        lastDuration = Optional.of(stored.took());
        duration.observe(stored.took().toNanos() / 1e9);
      }
      case BackupOutcome.SlotTaken taken -> {
        slotsTaken++;
        lastAttempt = Optional.of(now.minus(taken.took()));
      }
      case BackupOutcome.SlotHeld _ -> slotsHeld++;
      case BackupOutcome.Failed failed -> {
        consecutiveFailures++;
        lastAttempt = Optional.of(now.minus(failed.took()));
        failures.merge(failed.reason(), 1L, Long::sum);
      }
    }
  }

  synchronized void expired(String store, Expired expired) {
    deleted.merge(store, (long) expired.deleted().size(), Long::sum);
    deleteFailures.merge(store, (long) expired.failed().size(), Long::sum);
    locked.merge(store, (long) expired.locked().size(), Long::sum);
    lockFailures.merge(store, (long) expired.unlocked().size(), Long::sum);
  }

  /// How the last plan of this store fared.
  synchronized void expireRefused(String store, boolean refused) {
    var _ = refused ? expireRefused.add(store) : expireRefused.remove(store);
  }

  synchronized long deleted(String store) {
    return deleted.getOrDefault(store, 0L);
  }

  synchronized long deleteFailures(String store) {
    return deleteFailures.getOrDefault(store, 0L);
  }

  /// How often the lock of a backup was extended.
  synchronized long locked(String store) {
    return locked.getOrDefault(store, 0L);
  }

  synchronized long lockFailures(String store) {
    return lockFailures.getOrDefault(store, 0L);
  }

  synchronized boolean expireRefused(String store) {
    return expireRefused.contains(store);
  }

  synchronized long runs() {
    return runs;
  }

  synchronized long slotsTaken() {
    return slotsTaken;
  }

  /// How often this agent left a slot to another one that was at it.
  synchronized long slotsHeld() {
    return slotsHeld;
  }

  synchronized long failures(FailureReason reason) {
    return failures.getOrDefault(reason, 0L);
  }

  /// How many backups were stored without this store.
  synchronized long leftOut(String store) {
    return leftOut.getOrDefault(store, 0L);
  }

  synchronized long consecutiveFailures() {
    return consecutiveFailures;
  }

  synchronized Optional<Instant> lastAttempt() {
    return lastAttempt;
  }

  synchronized Optional<Duration> lastDuration() {
    return lastDuration;
  }

  /// A scheduled verification that came to an end.
  synchronized void verified(boolean good) {
    verified++;
    wrong += good ? 0 : 1;
  }

  synchronized long verifications() {
    return verified;
  }

  /// Of stored backups, and of those that a run read back.
  synchronized long verificationFailures() {
    return wrong + failures(FailureReason.READBACK);
  }

  MetricSnapshot duration() {
    return duration.collect();
  }
}
