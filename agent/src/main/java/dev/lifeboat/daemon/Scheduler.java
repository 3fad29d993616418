package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.StandIn;
import dev.lifeboat.schedule.Schedule;
import dev.lifeboat.schedule.Slot;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Begins a backup when a slot of a schedule is due and this node is the one to take it. Of several
/// that are due the one that has waited longest goes first.
///
/// Which slots were done is read from the stores, so neither a restart nor a change of the leader
/// repeats one on the same store; and should two nodes take one at once, the store takes the
/// manifest of one only. A failed run is tried again after a minute, then after two, four, eight
/// and every fifteen, until the next slot of its schedule takes its place.
///
/// Beside a standby it stands in: it takes a slot that the active node has yielded, or that nobody
/// took for long.
final class Scheduler implements AutoCloseable {
  private static final System.Logger logger = System.getLogger(Scheduler.class.getName());
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration FIRST_WAIT = Duration.ofMinutes(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);
  private static final Duration SHORTEST_LOOK = Duration.ofSeconds(1);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);

  private final List<Lane> lanes;
  private final Duties duties;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Thread thread;

  /// What it looks at, and what it sets off.
  ///
  /// @param active whether this node leads
  /// @param handled the slots of a schedule's stored backups, as they were last read; empty while
  ///   not known
  /// @param handledNow the same, read now: the leader before this one may have stored a backup
  ///   since. Asked only when a slot seems to be due
  /// @param reserve what to do beside a standby
  record Duties(
      BooleanSupplier active,
      Function<String, Optional<Collection<Instant>>> handled,
      Function<String, Optional<Collection<Instant>>> handledNow,
      Reserve reserve,
      BackupRuns runs) {}

  /// The part of a standby.
  ///
  /// @param standby whether this node is one, with a leader that it knows
  /// @param standIn what to do about a slot that has been due for so long
  /// @param look how often that is asked, half a minute at the most
  record Reserve(
      BooleanSupplier standby, BiFunction<Slot, Duration, StandIn> standIn, Duration look) {
    Reserve {
      look = look.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : look;
    }
  }

  /// One schedule and what became of its last slot.
  private static final class Lane {
    private final String name;
    private final Schedule schedule;
    private volatile @Nullable Instant taken;
    private volatile Optional<Retry> retry = Optional.empty();
    private Optional<Watched> watched = Optional.empty();

    Lane(String name, Schedule schedule) {
      this.name = name;
      this.schedule = schedule;
    }
  }

  /// A slot whose run failed, or was begun for nothing.
  ///
  /// @param notBefore by `nanoTime`, which no clock change moves
  private record Retry(Instant slot, int failures, long notBefore) {}

  private record Due(Lane lane, Instant slot) {}

  /// A slot that a standby has an eye on; all by `nanoTime`.
  ///
  /// @param since when it was first seen to be due
  /// @param done whether it has its backup
  private record Watched(Instant slot, long since, long lookAt, boolean done) {}

  /// @param schedules by name; may be none
  Scheduler(
      Map<String, Schedule> schedules, Duties duties, InstantSource clock, LongSupplier nanoTime) {
    this.lanes =
        schedules.entrySet().stream()
            .map(each -> new Lane(each.getKey(), each.getValue()))
            .toList();
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
        lanes.stream()
            .flatMap(lane -> due(lane, duties.handled(), now).stream())
            .sorted(Comparator.comparing(Due::slot))
            .flatMap(due -> due(due.lane(), duties.handledNow(), now).stream())
            .findFirst()
            .ifPresent(this::begin);
      } else if (duties.reserve().standby().getAsBoolean() && duties.runs().current().isEmpty()) {
        Instant now = clock.instant();
        lanes.stream()
            .flatMap(lane -> standsIn(lane, now).stream())
            .findFirst()
            .ifPresent(this::begin);
      }
    } catch (RuntimeException e) {
      logger.log(System.Logger.Level.ERROR, "event=scheduler_bug", e);
    }
  }

  /// Stores that cannot be read are no reason to stay quiet: the run fails on them, and is counted.
  private Optional<Due> due(
      Lane lane, Function<String, Optional<Collection<Instant>>> handled, Instant now) {
    return lane.schedule
        .due(handled.apply(lane.name).orElse(List.of()), now)
        .filter(slot -> mayTry(lane, slot))
        .map(slot -> new Due(lane, slot));
  }

  /// Asks the store every now and then for each slot, until it has its backup.
  private Optional<Due> standsIn(Lane lane, Instant now) {
    Instant slot = lane.schedule.previous(now);
    long nanos = nanoTime.getAsLong();
    long look = duties.reserve().look().toNanos();
    Watched seen =
        lane.watched
            .filter(last -> last.slot().equals(slot))
            .orElseGet(() -> new Watched(slot, nanos, nanos + look, false));
    lane.watched = Optional.of(seen);
    if (seen.done() || nanos - seen.lookAt() < 0 || !mayTryAgain(lane, slot)) {
      return Optional.empty();
    }
    StandIn verdict =
        duties
            .reserve()
            .standIn()
            .apply(Slot.of(lane.name, lane.schedule, slot), Duration.ofNanos(nanos - seen.since()));
    long lookAt = nanos + look;
    lane.watched = Optional.of(new Watched(slot, seen.since(), lookAt, verdict == StandIn.DONE));
    if (verdict != StandIn.TAKE) {
      return Optional.empty();
    }
    logger.log(
        System.Logger.Level.INFO,
        "event=slot_stood_in schedule=%s slot=%s".formatted(lane.name, slot));
    return Optional.of(new Due(lane, slot));
  }

  private boolean mayTry(Lane lane, Instant slot) {
    // What this process has stored is done, even if its stores do not show it: an untrusted new
    // signing key must not mean a backup every second.
    return !slot.equals(lane.taken) && mayTryAgain(lane, slot);
  }

  private boolean mayTryAgain(Lane lane, Instant slot) {
    return lane.retry
        .filter(last -> last.slot().equals(slot))
        .map(last -> nanoTime.getAsLong() - last.notBefore() >= 0)
        .orElse(true);
  }

  private void begin(Due due) {
    Slot slot = Slot.of(due.lane().name, due.lane().schedule, due.slot());
    // When another run slipped in, the next tick tries again.
    var ignored = duties.runs().begin(Optional.of(slot));
  }

  /// To be told of every run that ended.
  void finished(Optional<Slot> slot, BackupOutcome outcome) {
    slot.ifPresent(
        done ->
            lanes.stream()
                .filter(lane -> lane.name.equals(done.schedule()))
                .forEach(lane -> finished(lane, done.at(), outcome)));
  }

  private void finished(Lane lane, Instant slot, BackupOutcome outcome) {
    switch (outcome) {
      case BackupOutcome.Stored _ -> {
        lane.retry = Optional.empty();
        lane.taken = slot;
      }
      case BackupOutcome.SlotHeld held -> {
        int failures =
            lane.retry.filter(last -> last.slot().equals(slot)).map(Retry::failures).orElse(0);
        lane.retry =
            Optional.of(
                new Retry(slot, failures, nanoTime.getAsLong() + look(held.again()).toNanos()));
      }
      // Not for good: the other one may still fail in a further store, and take its manifest back.
      case BackupOutcome.SlotTaken _ ->
          lane.retry = Optional.of(new Retry(slot, 0, nanoTime.getAsLong() + FIRST_WAIT.toNanos()));
      case BackupOutcome.Failed _ -> {
        int failures =
            1 + lane.retry.filter(last -> last.slot().equals(slot)).map(Retry::failures).orElse(0);
        lane.retry =
            Optional.of(new Retry(slot, failures, nanoTime.getAsLong() + wait(failures).toNanos()));
      }
    }
  }

  private static Duration look(Duration again) {
    Duration atMost = again.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : again;
    return atMost.compareTo(SHORTEST_LOOK) < 0 ? SHORTEST_LOOK : atMost;
  }

  static Duration wait(int failures) {
    int doublings = Math.min(failures - 1, 10);
    Duration wait = FIRST_WAIT.multipliedBy(1L << doublings);
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  /// By schedule, when its next run is due: a failed one's next try, or else the next slot.
  Map<String, Instant> nextRuns() {
    Instant now = clock.instant();
    Map<String, Instant> next = new TreeMap<>();
    lanes.forEach(lane -> next.put(lane.name, nextRun(lane, now)));
    return next;
  }

  private Instant nextRun(Lane lane, Instant now) {
    Instant slot = lane.schedule.next(now);
    return lane.retry
        .map(last -> now.plusNanos(Math.max(0, last.notBefore() - nanoTime.getAsLong())))
        .filter(again -> again.isBefore(slot))
        .orElse(slot);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
