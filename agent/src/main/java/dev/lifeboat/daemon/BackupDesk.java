package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.status.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What the agent knows of its backups, for the status page, the control socket and the metrics.
final class BackupDesk {
  private final BackupConfig config;
  private final Shelf shelf;
  private final BackupCounts counts;
  private final InstantSource clock;
  private volatile Duration interval = Duration.ZERO;
  private volatile Optional<BackupOutcome.Failed> lastFailure = Optional.empty();

  BackupDesk(BackupConfig config, Shelf shelf, BackupCounts counts, InstantSource clock) {
    this.config = config;
    this.shelf = shelf;
    this.counts = counts;
    this.clock = clock;
  }

  void finished(BackupOutcome outcome) {
    counts.finished(outcome, clock.instant());
    lastFailure =
        switch (outcome) {
          case BackupOutcome.Stored _, BackupOutcome.SlotTaken _ -> Optional.empty();
          case BackupOutcome.SlotHeld _ -> lastFailure;
          case BackupOutcome.Failed failed -> Optional.of(failed);
        };
    shelf.refresh();
  }

  BackupConfig config() {
    return config;
  }

  BackupCounts counts() {
    return counts;
  }

  Shelf.Reading reading() {
    return shelf.reading();
  }

  /// Looks a year ahead, which takes seconds for a schedule of every minute. Of several schedules
  /// the one counts that comes most often: it says how old the newest backup may be.
  void measureInterval() {
    Instant now = clock.instant();
    config.schedules().values().stream()
        .map(schedule -> schedule.interval(now))
        .min(Comparator.naturalOrder())
        .ifPresent(shortest -> interval = shortest);
  }

  /// Zero without a schedule, and until it was measured.
  Duration interval() {
    return interval;
  }

  Status.Backups status(boolean inProgress, Optional<Instant> nextRun) {
    Shelf.Reading reading = shelf.reading();
    return StatusFacts.backups(
            reading.stores(),
            reading.contents().map(Shelf.Contents::entries).orElse(List.of()),
            inProgress,
            nextRun,
            lastFailure.map(BackupOutcome.Failed::message))
        .withUnreadable(StatusFacts.unreadable(reading.failures(), config))
        .withMissing(StatusFacts.missing(reading.missing()));
  }
}
