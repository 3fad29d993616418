package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Check;
import dev.lifeboat.backup.MadeBackup;
import dev.lifeboat.backup.VerificationConfig;
import dev.lifeboat.config.ByteSize;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.schedule.Schedule;
import dev.lifeboat.store.PacedStore;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class VerificationsTest {
  private static final Instant SLOT = Instant.parse("2026-11-22T04:00:00Z");
  private static final SigningKey KEY = SigningKey.generate("node-1");
  private static final Schedule WEEKLY = Schedule.parse("0 4 * * 0", ZoneOffset.UTC);

  private Instant now = SLOT;
  private long nanos;
  private boolean active = true;
  private boolean backingUp;
  private boolean finishing = true;
  private int readings;
  private int reading;
  private final List<Entry> entries = new ArrayList<>();
  private Shelf.Contents contents = new Shelf.Contents(List.of(), SLOT);
  private final List<String> proven = new ArrayList<>();
  private final Verifications verifications = verifications(this::prove);

  private Verifications verifications(Verifications.Proof proof) {
    return new Verifications(
        WEEKLY,
        new VerificationConfig(Optional.of(WEEKLY), 1, Optional.empty()),
        new Verifications.Duties(
            () -> active,
            () -> backingUp,
            () -> Optional.of(contents),
            () -> {
              readings++;
              contents = read();
              return Optional.of(contents);
            },
            proof),
        () -> now,
        () -> nanos);
  }

  private boolean prove(Turns.Turn turn, Instant slot, PacedStore.Pace pace) {
    proven.add(slot + " " + turn.entry().id().substring(6, 8));
    return finishing;
  }

  @Test
  void a_slot_is_verified_once() {
    backups(20, 21);

    ticks(10);

    assertEquals(List.of(SLOT + " 21", SLOT + " 20"), proven);
  }

  @Test
  void the_next_slot_is_verified_again() {
    backups(21);
    ticks(2);
    now = SLOT.plus(Duration.ofDays(7));
    contents = read();

    ticks(2);

    assertEquals(List.of(SLOT + " 21", now + " 21"), proven);
  }

  @Test
  void slots_that_passed_while_nobody_ran_are_caught_up_once() {
    backups(1);
    now = SLOT.plus(Duration.ofDays(3));

    ticks(10);

    assertEquals(List.of(SLOT + " 01"), proven);
  }

  @Test
  void what_the_leader_before_has_recorded_meanwhile_is_not_repeated() {
    backups(21);
    Check check = TurnsTest.check(SLOT, Optional.of(SLOT));
    Entry last = entries.removeLast();
    entries.add(
        new Entry(
            last.id(), last.manifests(), last.manifest(), Optional.empty(), Map.of("near", check)));

    ticks(3);

    assertEquals(List.of(), proven);
    assertEquals(1, readings);
  }

  @Test
  void a_node_that_does_not_lead_or_takes_a_backup_begins_none() {
    backups(21);
    active = false;
    ticks(2);
    active = true;
    backingUp = true;
    ticks(2);
    assertEquals(List.of(), proven);

    backingUp = false;
    ticks(2);
    assertEquals(List.of(SLOT + " 21"), proven);
  }

  @Test
  void what_came_to_no_end_is_tried_again_after_a_quarter_of_an_hour() {
    backups(21);
    finishing = false;
    ticks(10);
    assertEquals(1, proven.size());

    nanos += Duration.ofMinutes(15).toNanos();
    finishing = true;
    ticks(10);
    assertEquals(2, proven.size());
  }

  @Test
  void reading_keeps_within_the_bandwidth() throws InterruptedIOException {
    var pace = new ReadingPace(Optional.of(new ByteSize(1 << 20)), () -> true, () -> false);
    long began = System.nanoTime();

    for (int i = 0; i < 4; i++) {
      pace.taken(64 << 10);
    }

    assertTrue(System.nanoTime() - began >= Duration.ofMillis(250).toNanos());
  }

  @Test
  void reading_pauses_while_a_backup_is_taken() throws InterruptedException {
    var busy = new AtomicBoolean(true);
    var asked = new CountDownLatch(2);
    var read = new CountDownLatch(1);
    var pace =
        new ReadingPace(
            Optional.empty(),
            () -> true,
            () -> {
              asked.countDown();
              return busy.get();
            });
    Thread.ofVirtual()
        .start(
            () -> {
              take(pace);
              read.countDown();
            });

    assertTrue(asked.await(10, TimeUnit.SECONDS));
    assertEquals(1, read.getCount());
    busy.set(false);
    assertTrue(read.await(10, TimeUnit.SECONDS));
  }

  @Test
  void reading_ends_when_the_node_no_longer_leads() {
    var pace = new ReadingPace(Optional.empty(), () -> false, () -> false);

    assertThrows(InterruptedIOException.class, () -> pace.taken(1));
  }

  @Test
  void closing_ends_what_is_being_read() throws InterruptedException {
    backups(21);
    contents = read();
    var begun = new CountDownLatch(1);
    var ended = new AtomicReference<Boolean>();
    backingUp = false;
    var reading =
        verifications(
            (_, _, pace) -> {
              begun.countDown();
              backingUp = true;
              ended.set(take(pace));
              return false;
            });
    reading.begin();
    assertTrue(begun.await(10, TimeUnit.SECONDS));

    long began = System.nanoTime();
    reading.close();

    assertTrue(System.nanoTime() - began < Duration.ofSeconds(2).toNanos());
    assertFalse(ended.get());
  }

  @Test
  void one_that_never_began_closes_at_once() {
    verifications.close();

    assertEquals(SLOT.plus(Duration.ofDays(7)), verifications.nextRun());
  }

  /// No two readings are of one instant.
  private Shelf.Contents read() {
    return new Shelf.Contents(List.copyOf(entries), now.plusNanos(++reading));
  }

  private static boolean take(PacedStore.Pace pace) {
    try {
      pace.taken(1);
      return true;
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private void backups(int... days) {
    for (int day : days) {
      Instant taken = Instant.parse("2026-11-%02dT02:00:00Z".formatted(day));
      entries.addFirst(
          new Entry(
              MadeBackup.id(taken),
              Map.of("near", MadeBackup.id(taken) + ".manifest"),
              Optional.of(MadeBackup.at(taken, KEY, List.of()).manifest()),
              Optional.empty(),
              Map.of()));
    }
    contents = read();
  }

  private void ticks(int count) {
    for (int i = 0; i < count; i++) {
      verifications.tick();
      nanos += Duration.ofSeconds(1).toNanos();
      // As the shelf does every minute.
      contents = read();
    }
  }
}
