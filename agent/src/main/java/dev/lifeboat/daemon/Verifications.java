package dev.lifeboat.daemon;

import dev.lifeboat.backup.VerificationConfig;
import dev.lifeboat.daemon.Turns.Done;
import dev.lifeboat.daemon.Turns.Turn;
import dev.lifeboat.schedule.Schedule;
import dev.lifeboat.store.PacedStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Verifies backups by the schedule of `backup.verification`, on the active node, on one thread of
/// its own.
///
/// What a slot still needs is read from the records in the stores, so a slot that passed while
/// nobody ran is caught up once, one that a restart broke off goes on, and a new leader repeats
/// nothing. A backup has precedence: while one is taken, reading pauses where it is.
final class Verifications implements AutoCloseable {
  private static final System.Logger logger = System.getLogger(Verifications.class.getName());
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration WAIT = Duration.ofMinutes(15);

  /// Within the two seconds that the whole agent has to end, with what a backup may need of them.
  private static final Duration CLEAN_UP = Duration.ofMillis(400);

  private final Schedule schedule;
  private final int others;
  private final Duties duties;
  private final ReadingPace pace;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Thread thread;
  private final Set<Done> done = new HashSet<>();
  private @Nullable Instant slot;
  private Instant slotEnd = Instant.MIN;
  private @Nullable Instant looked;
  private long notBefore;

  /// What it looks at, and what it sets off.
  ///
  /// @param active whether this node leads
  /// @param backingUp whether a backup is being taken
  /// @param latest what the stores held when they were last read
  /// @param readNow the same, read now
  record Duties(
      BooleanSupplier active,
      BooleanSupplier backingUp,
      Supplier<Optional<Shelf.Contents>> latest,
      Supplier<Optional<Shelf.Contents>> readNow,
      Proof proof) {}

  /// [Prover#prove], or a test's.
  @FunctionalInterface
  interface Proof {
    boolean prove(Turn turn, Instant slot, PacedStore.Pace pace);
  }

  Verifications(
      Schedule schedule,
      VerificationConfig config,
      Duties duties,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.schedule = schedule;
    this.others = config.others();
    this.duties = duties;
    this.pace = new ReadingPace(config.bytesPerSecond(), duties.active(), duties.backingUp());
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.notBefore = nanoTime.getAsLong();
    this.thread = Thread.ofVirtual().name("verification").unstarted(this::run);
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

  /// One look at the clock, and everything that is due then.
  void tick() {
    try {
      if (!mayRead() || nanoTime.getAsLong() - notBefore < 0) {
        return;
      }
      Instant now = slot();
      Optional<Shelf.Contents> contents = duties.latest().get();
      // The same reading has the same answer: nothing to be asked of a schedule every second.
      if (contents.isEmpty() || contents.get().at().equals(looked)) {
        return;
      }
      looked = contents.get().at();
      if (!due(contents, now).isEmpty()) {
        verify(due(duties.readNow().get(), now), now);
      }
    } catch (RuntimeException e) {
      logger.log(System.Logger.Level.ERROR, "event=verification_bug", e);
      notBefore = nanoTime.getAsLong() + WAIT.toNanos();
    }
  }

  /// The last one at or before now. Asked every second, and a schedule takes its time to answer.
  private Instant slot() {
    Instant now = clock.instant();
    Instant last = slot;
    if (last == null || now.isBefore(last) || !now.isBefore(slotEnd)) {
      last = schedule.previous(now);
      slot = last;
      slotEnd = schedule.next(now);
      done.clear();
      looked = null;
    }
    return last;
  }

  private boolean mayRead() {
    return duties.active().getAsBoolean() && !duties.backingUp().getAsBoolean();
  }

  private List<Turn> due(Optional<Shelf.Contents> contents, Instant now) {
    return contents.map(each -> Turns.due(each.entries(), now, others, done)).orElse(List.of());
  }

  private void verify(List<Turn> turns, Instant now) {
    if (turns.isEmpty()) {
      return;
    }
    logger.log(
        System.Logger.Level.INFO,
        "event=verification_begun slot={0} backups={1}",
        now.toString(),
        Integer.toString(turns.size()));
    int unfinished = 0;
    for (Turn turn : turns) {
      if (Thread.currentThread().isInterrupted() || !duties.active().getAsBoolean()) {
        return;
      }
      if (duties.proof().prove(turn, now, pace)) {
        done.add(turn.done());
      } else {
        unfinished++;
      }
    }
    if (unfinished > 0) {
      notBefore = nanoTime.getAsLong() + WAIT.toNanos();
    }
    var _ = duties.readNow().get();
    logger.log(
        System.Logger.Level.INFO,
        "event=verification_done slot={0} unfinished={1}",
        now.toString(),
        Integer.toString(unfinished));
  }

  Instant nextRun() {
    return schedule.next(clock.instant());
  }

  /// What is being read is given up without a verdict.
  @Override
  public void close() {
    pace.stop();
    thread.interrupt();
    try {
      if (thread.getState() != Thread.State.NEW && !thread.join(CLEAN_UP)) {
        logger.log(System.Logger.Level.WARNING, "event=verification_abandoned");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
