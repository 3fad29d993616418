package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.schedule.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Begins a backup when a slot is due and this node is the one to take it.
///
/// Which slots were done is read from the stores, so neither a restart nor a change of the leader
/// repeats one on the same store. A failed run is tried again after a minute, then after two, four,
/// eight and every fifteen, until the next slot takes its place.
final class Scheduler implements AutoCloseable {
  private static final System.Logger logger = System.getLogger(Scheduler.class.getName());
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration FIRST_WAIT = Duration.ofMinutes(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);

  private final Schedule schedule;
  private final Duties duties;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Thread thread;
  private volatile @Nullable Instant taken;
  private volatile Optional<Retry> retry = Optional.empty();

  /// What it looks at, and what it sets off.
  ///
  /// @param active whether this node leads
  /// @param handled the slots of stored backups, as they were last read; empty while not known
  /// @param handledNow the same, read now: the leader before this one may have stored a backup
  ///   since. Asked only when a slot seems to be due
  record Duties(
      BooleanSupplier active,
      Supplier<Optional<Collection<Instant>>> handled,
      Supplier<Optional<Collection<Instant>>> handledNow,
      BackupRuns runs) {}

  /// A slot whose run failed.
  ///
  /// @param notBefore by `nanoTime`, which no clock change moves
  private record Retry(Instant slot, int failures, long notBefore) {}

  Scheduler(Schedule schedule, Duties duties, InstantSource clock, LongSupplier nanoTime) {
    this.schedule = schedule;
    this.duties = duties;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.thread = Thread.ofVirtual().name("scheduler").unstarted(this::run);
  }

  void begin() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(TICK);
        tick();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  /// One look at the clock.
  void tick() {
    try {
      if (duties.active().getAsBoolean() && duties.runs().current().isEmpty()) {
        Instant now = clock.instant();
        due(duties.handled(), now)
            .flatMap(_ -> due(duties.handledNow(), now))
            .ifPresent(this::begin);
      }
    } catch (RuntimeException e) {
      logger.log(System.Logger.Level.ERROR, "event=scheduler_bug", e);
    }
  }

  /// Stores that cannot be read are no reason to stay quiet: the run fails on them, and is counted.
  private Optional<Instant> due(Supplier<Optional<Collection<Instant>>> handled, Instant now) {
    return schedule.due(handled.get().orElse(List.of()), now).filter(this::mayTry);
  }

  private boolean mayTry(Instant slot) {
    // What this process has stored is done, even if its stores do not show it: an untrusted new
    // signing key must not mean a backup every second.
    return !slot.equals(taken) && mayTryAgain(slot);
  }

  private boolean mayTryAgain(Instant slot) {
    return retry
        .filter(last -> last.slot().equals(slot))
        .map(last -> nanoTime.getAsLong() - last.notBefore() >= 0)
        .orElse(true);
  }

  private void begin(Instant slot) {
    // When another run slipped in, the next tick tries again.
    var ignored = duties.runs().begin(Optional.of(slot));
  }

  /// To be told of every run that ended.
  void finished(Optional<Instant> slot, BackupOutcome outcome) {
    if (slot.isEmpty()) {
      return;
    }
    switch (outcome) {
      case BackupOutcome.Stored _ -> {
        retry = Optional.empty();
        taken = slot.get();
      }
      case BackupOutcome.Failed _ -> {
        int failures =
            1 + retry.filter(last -> last.slot().equals(slot.get())).map(Retry::failures).orElse(0);
        retry =
            Optional.of(
                new Retry(slot.get(), failures, nanoTime.getAsLong() + wait(failures).toNanos()));
      }
    }
  }

  static Duration wait(int failures) {
    int doublings = Math.min(failures - 1, 10);
    Duration wait = FIRST_WAIT.multipliedBy(1L << doublings);
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  /// When the next run is due: a failed one's next try, or else the next slot.
  Instant nextRun() {
    Instant now = clock.instant();
    Instant slot = schedule.next(now);
    return retry
        .map(last -> now.plusNanos(Math.max(0, last.notBefore() - nanoTime.getAsLong())))
        .filter(again -> again.isBefore(slot))
        .orElse(slot);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
