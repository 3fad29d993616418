package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.FailureReason;
import dev.lifeboat.backup.Occasion;
import dev.lifeboat.backup.Progress;
import dev.lifeboat.schedule.Slot;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The one place where this agent begins backups, by schedule or by hand, one at a time, each on a
/// virtual thread of its own. Closing interrupts the run in progress and waits until it has cleaned
/// up after itself.
final class BackupRuns implements AutoCloseable {
  private static final System.Logger logger = System.getLogger(BackupRuns.class.getName());

  /// Within the two seconds that the whole agent has to end.
  private static final Duration CLEAN_UP = Duration.ofMillis(1500);

  private final Job job;
  private final BiConsumer<Run, BackupOutcome> finished;
  private @Nullable Run current;
  private @Nullable Thread thread;
  private boolean shut;

  /// [dev.lifeboat.backup.Backup#run], or a test's.
  @FunctionalInterface
  interface Job {
    BackupOutcome run(Occasion occasion, Progress progress);
  }

  /// @param finished told of every outcome, on the run's thread, before those who wait for it
  BackupRuns(Job job, BiConsumer<Run, BackupOutcome> finished) {
    this.job = job;
    this.finished = finished;
  }

  /// One backup, from its beginning on.
  static final class Run implements Progress {
    private final Occasion occasion;
    private final CompletableFuture<BackupOutcome> outcome = new CompletableFuture<>();
    private volatile At at = new At("starting", 0);

    record At(String stage, long bytes) {}

    private Run(Occasion occasion) {
      this.occasion = occasion;
    }

    Optional<Slot> slot() {
      return occasion.slot();
    }

    @Override
    public void at(String stage, long bytes) {
      at = new At(stage, bytes);
    }

    At at() {
      return at;
    }

    /// Empty when it is not done after `patience`.
    Optional<BackupOutcome> await(Duration patience) throws InterruptedException {
      try {
        return Optional.of(outcome.get(patience.toNanos(), TimeUnit.NANOSECONDS));
      } catch (TimeoutException e) {
        return Optional.empty();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /// Empty when one is in progress, or when no more are to begin.
  Optional<Run> begin(Optional<Slot> slot) {
    return begin(Occasion.of(slot));
  }

  /// The same with a label or a pin.
  Optional<Run> begin(Occasion occasion) {
    return begin(occasion, job);
  }

  /// The same with another job.
  synchronized Optional<Run> begin(Occasion occasion, Job work) {
    if (shut || current != null) {
      return Optional.empty();
    }
    Run run = new Run(occasion);
    current = run;
    thread = Thread.ofVirtual().name("backup").start(() -> carryOut(run, work));
    return Optional.of(run);
  }

  private void carryOut(Run run, Job work) {
    BackupOutcome outcome = outcome(run, work);
    try {
      finished.accept(run, outcome);
    } catch (RuntimeException e) {
      logger.log(System.Logger.Level.ERROR, "event=backup_accounting_failed", e);
    } finally {
      synchronized (this) {
        current = null;
      }
      run.outcome.complete(outcome);
    }
  }

  private BackupOutcome outcome(Run run, Job work) {
    long began = System.nanoTime();
    try {
      return work.run(run.occasion, run);
    } catch (RuntimeException | Error e) {
      logger.log(System.Logger.Level.ERROR, "event=backup_bug", e);
      return new BackupOutcome.Failed(
          FailureReason.INTERNAL,
          "the agent hit a bug; see its log",
          "",
          Duration.ofNanos(System.nanoTime() - began));
    }
  }

  synchronized Optional<Run> current() {
    return Optional.ofNullable(current);
  }

  /// Lets no more begin; the one in progress goes on.
  synchronized void drain() {
    shut = true;
  }

  /// Takes [#drain] back.
  synchronized void resume() {
    shut = false;
  }

  @Override
  public void close() {
    Optional<Run> last;
    synchronized (this) {
      shut = true;
      last = current();
      if (thread != null) {
        thread.interrupt();
      }
    }
    if (last.isEmpty()) {
      return;
    }
    try {
      if (last.get().await(CLEAN_UP).isEmpty()) {
        logger.log(System.Logger.Level.WARNING, "event=backup_abandoned");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
