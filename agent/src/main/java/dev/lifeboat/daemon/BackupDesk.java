package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.status.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What the agent says of its backups: in the log, on the status page, through the control socket.
final class BackupDesk {
  private static final System.Logger logger = System.getLogger(BackupDesk.class.getName());

  private final BackupConfig config;
  private final Shelf shelf;
  private final BackupCounts counts;
  private final InstantSource clock;
  private final Duration interval;
  private volatile Optional<BackupOutcome.Failed> lastFailure = Optional.empty();

  BackupDesk(BackupConfig config, Shelf shelf, BackupCounts counts, InstantSource clock) {
    this.config = config;
    this.shelf = shelf;
    this.counts = counts;
    this.clock = clock;
    this.interval =
        config.schedule().map(schedule -> schedule.interval(clock.instant())).orElse(Duration.ZERO);
  }

  /// The one switch from the outcome of a run to its log line.
  void finished(Optional<Instant> slot, BackupOutcome outcome) {
    counts.finished(outcome, clock.instant());
    String of = slot.map(instant -> "slot=" + instant).orElse("slot=none");
    switch (outcome) {
      case BackupOutcome.Stored(Manifest manifest, Duration took) -> {
        lastFailure = Optional.empty();
        logger.log(
            System.Logger.Level.INFO,
            "event=backup_stored id=%s %s raft_index=%d plain_bytes=%d stored_bytes=%d took_seconds=%s"
                .formatted(
                    manifest.id(),
                    of,
                    manifest.raft().index(),
                    manifest.plain().bytes(),
                    manifest.stored().bytes(),
                    seconds(took)));
      }
      case BackupOutcome.Failed failed -> {
        lastFailure = Optional.of(failed);
        logger.log(
            System.Logger.Level.ERROR,
            "event=backup_failed reason=%s %s took_seconds=%s message=%s hint=%s"
                .formatted(
                    failed.reason().label(),
                    of,
                    seconds(failed.took()),
                    LogLines.quoted(failed.message()),
                    LogLines.quoted(failed.hint())));
      }
    }
    shelf.refresh();
  }

  private static String seconds(Duration took) {
    return String.format(Locale.ROOT, "%.3f", took.toMillis() / 1000.0);
  }

  BackupConfig config() {
    return config;
  }

  BackupCounts counts() {
    return counts;
  }

  Optional<Shelf.Contents> contents() {
    return shelf.latest();
  }

  Duration interval() {
    return interval;
  }

  Status.Backups status(boolean inProgress, Optional<Instant> nextRun) {
    return StatusFacts.backups(
        shelf.latest().map(Shelf.Contents::entries).orElse(List.of()),
        inProgress,
        nextRun,
        lastFailure.map(BackupOutcome.Failed::message));
  }
}
