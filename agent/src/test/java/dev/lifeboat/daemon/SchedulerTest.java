package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.FailureReason;
import dev.lifeboat.backup.MadeBackup;
import dev.lifeboat.backup.StandIn;
import dev.lifeboat.schedule.Schedule;
import dev.lifeboat.schedule.Slot;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulerTest {
  private static final Instant SLOT = Instant.parse("2026-11-22T02:00:00Z");

  private Instant now = SLOT;
  private long nanos;
  private boolean active = true;
  private Optional<Collection<Instant>> handled = Optional.of(new HashSet<>());
  private Optional<Collection<Instant>> storedMeanwhile = Optional.empty();
  private int readings;
  private boolean failing;
  private Optional<BackupOutcome> stored = Optional.empty();
  private final List<Instant> begun = new ArrayList<>();
  private boolean standby;
  private StandIn verdict = StandIn.WAIT;
  private final List<Duration> waits = new ArrayList<>();
  private final Scheduler.Reserve reserve =
      new Scheduler.Reserve(
          () -> standby,
          (_, waited) -> {
            waits.add(waited);
            return verdict;
          },
          Duration.ofMinutes(15));
  private final BackupRuns runs =
      new BackupRuns(
          (occasion, _) -> {
            begun.add(occasion.slot().orElseThrow().at());
            return new BackupOutcome.Failed(
                FailureReason.UNREACHABLE, "no", "", Duration.ofSeconds(1));
          },
          this::finished);
  private final Scheduler scheduler =
      new Scheduler(
          Map.of("daily", Schedule.parse("0 2 * * *", ZoneOffset.UTC)),
          new Scheduler.Duties(() -> active, _ -> handled, this::readNow, reserve, runs),
          () -> now,
          () -> nanos);

  private Optional<Collection<Instant>> readNow(String schedule) {
    readings++;
    handled = storedMeanwhile.or(() -> handled);
    return handled;
  }

  private void finished(BackupRuns.Run run, BackupOutcome outcome) {
    if (stored.isPresent()) {
      scheduler.finished(run.slot(), stored.get());
    } else if (failing) {
      scheduler.finished(run.slot(), outcome);
    } else {
      handled = Optional.of(Set.of(run.slot().orElseThrow().at()));
    }
  }

  @Test
  void a_due_slot_is_taken_once() throws InterruptedException {
    ticks(Duration.ofMinutes(2));

    assertEquals(List.of(SLOT), begun);
  }

  @Test
  void a_node_that_does_not_lead_takes_none() throws InterruptedException {
    active = false;
    ticks(Duration.ofMinutes(2));
    assertEquals(List.of(), begun);

    active = true;
    ticks(Duration.ofSeconds(2));
    assertEquals(List.of(SLOT), begun);
  }

  @Test
  void a_slot_that_the_store_holds_is_not_repeated() throws InterruptedException {
    handled = Optional.of(Set.of(SLOT));

    ticks(Duration.ofMinutes(2));

    assertEquals(List.of(), begun);
  }

  @Test
  void a_slot_that_the_leader_before_this_one_stored_a_moment_ago_is_not_repeated()
      throws InterruptedException {
    storedMeanwhile = Optional.of(Set.of(SLOT));

    ticks(Duration.ofMinutes(2));

    assertEquals(List.of(), begun);
    assertEquals(1, readings);
  }

  @Test
  void stores_that_cannot_be_read_do_not_silence_the_schedule() throws InterruptedException {
    handled = Optional.empty();

    ticks(Duration.ofMinutes(2));

    assertEquals(List.of(SLOT), begun);
  }

  @Test
  void a_slot_that_was_stored_is_not_taken_again_though_the_stores_do_not_show_it()
      throws InterruptedException {
    stored = Optional.of(MadeBackup.stored());

    ticks(Duration.ofHours(1));

    assertEquals(List.of(SLOT), begun);
  }

  @Test
  void a_failed_run_is_tried_again_after_1_2_4_8_and_every_15_minutes()
      throws InterruptedException {
    failing = true;
    List<Long> minutes = new ArrayList<>();
    for (int second = 0; second < 60 * 60; second++) {
      int before = begun.size();
      tick();
      if (begun.size() > before) {
        minutes.add(Duration.between(SLOT, now).toMinutes());
      }
      pass(Duration.ofSeconds(1));
    }

    assertEquals(List.of(0L, 1L, 3L, 7L, 15L, 30L, 45L), minutes);
  }

  @Test
  void the_next_slot_is_tried_at_once_whatever_happened_to_the_one_before()
      throws InterruptedException {
    failing = true;
    now = SLOT.minusSeconds(1).plus(Duration.ofDays(1));
    tick();
    pass(Duration.ofSeconds(1));
    tick();

    assertEquals(List.of(SLOT, SLOT.plus(Duration.ofDays(1))), begun);
  }

  @Test
  void the_next_run_is_the_next_try_or_else_the_next_slot() throws InterruptedException {
    failing = true;
    assertEquals(Map.of("daily", SLOT.plus(Duration.ofDays(1))), scheduler.nextRuns());

    tick();

    assertEquals(Map.of("daily", SLOT.plus(Duration.ofMinutes(1))), scheduler.nextRuns());
  }

  @Test
  void a_slot_that_another_took_is_looked_at_again_after_a_minute() throws InterruptedException {
    Slot slot = new Slot("daily", SLOT, SLOT.plus(Duration.ofDays(2)));
    stored = Optional.of(new BackupOutcome.SlotTaken(slot, "other", Duration.ofSeconds(1)));

    ticks(Duration.ofSeconds(60));
    assertEquals(List.of(SLOT), begun);

    ticks(Duration.ofSeconds(1));
    assertEquals(List.of(SLOT, SLOT), begun);
  }

  @Test
  void a_slot_that_another_node_holds_is_asked_for_again_when_that_is_over_and_is_no_failure()
      throws InterruptedException {
    Slot slot = new Slot("daily", SLOT, SLOT.plus(Duration.ofDays(2)));
    stored =
        Optional.of(
            new BackupOutcome.SlotHeld(
                slot, "node-2", Duration.ofSeconds(7), Duration.ofMillis(20)));

    ticks(Duration.ofSeconds(15));
    assertEquals(List.of(SLOT, SLOT, SLOT), begun);

    failing = true;
    stored = Optional.empty();
    pass(Duration.ofSeconds(7));
    tick();
    assertEquals(now.plus(Duration.ofMinutes(1)), scheduler.nextRuns().get("daily"));
  }

  @Test
  void a_standby_looks_every_half_minute_until_the_slot_has_its_backup()
      throws InterruptedException {
    active = false;
    standby = true;
    ticks(Duration.ofSeconds(95));
    assertEquals(List.of(), begun);
    assertEquals(
        List.of(Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofSeconds(90)), waits);

    verdict = StandIn.DONE;
    ticks(Duration.ofHours(1));
    assertEquals(4, waits.size());
  }

  @Test
  void a_standby_takes_a_slot_that_nobody_else_does_and_tries_again_like_any_other()
      throws InterruptedException {
    active = false;
    standby = true;
    failing = true;
    verdict = StandIn.TAKE;

    ticks(Duration.ofMinutes(5));

    assertEquals(List.of(SLOT, SLOT, SLOT), begun);
  }

  @Test
  void of_several_schedules_each_is_caught_up_once_and_the_longest_waiting_goes_first()
      throws InterruptedException {
    List<String> taken = new ArrayList<>();
    Map<String, Set<Instant>> done = new HashMap<>();
    BackupRuns own =
        new BackupRuns(
            (occasion, _) -> {
              Slot slot = occasion.slot().orElseThrow();
              taken.add(slot.schedule() + " " + slot.at());
              done.computeIfAbsent(slot.schedule(), _ -> new HashSet<>()).add(slot.at());
              return MadeBackup.stored();
            },
            (_, _) -> {});
    Scheduler several =
        new Scheduler(
            Map.of(
                "hourly", Schedule.parse("@hourly", ZoneOffset.UTC),
                "weekly", Schedule.parse("0 2 * * 0", ZoneOffset.UTC)),
            new Scheduler.Duties(
                () -> true,
                name -> Optional.of(done.getOrDefault(name, Set.of())),
                name -> Optional.of(done.getOrDefault(name, Set.of())),
                reserve,
                own),
            () -> now,
            () -> nanos);
    now = Instant.parse("2026-11-24T10:30:00Z");

    for (int tick = 0; tick < 10; tick++) {
      several.tick();
      for (var run = own.current(); run.isPresent(); run = own.current()) {
        Optional<BackupOutcome> _ = run.get().await(Duration.ofSeconds(10));
      }
    }

    assertEquals(List.of("weekly 2026-11-22T02:00:00Z", "hourly 2026-11-24T10:00:00Z"), taken);
  }

  private void ticks(Duration time) throws InterruptedException {
    for (long second = 0; second < time.toSeconds(); second++) {
      tick();
      pass(Duration.ofSeconds(1));
    }
  }

  /// One look at the clock, and the end of what it began.
  private void tick() throws InterruptedException {
    scheduler.tick();
    Optional<BackupRuns.Run> run = runs.current();
    if (run.isPresent()) {
      Optional<BackupOutcome> _ = run.get().await(Duration.ofSeconds(10));
    }
  }

  private void pass(Duration time) {
    now = now.plus(time);
    nanos += time.toNanos();
  }
}
