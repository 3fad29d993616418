package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.retention.Period;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.retention.Rule;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Expiry in a store that locks.
class LockingTest {
  private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");
  private static final Instant SOON = Instant.parse("2026-11-25T02:00:00Z");
  private static final Instant NEXT_MONTHS = Instant.parse("2026-12-23T00:00:00Z");
  private static final RetentionPolicy DAILY = policy(new Rule.Count(Period.DAILY, 32));
  private static final RetentionPolicy LAST_TWO = policy(new Rule.Count(Period.ALL, 2));

  @TempDir Path work;
  private Keyring keys;
  private LockableStore store;
  private Expiry expiry;

  @BeforeEach
  void open() throws IOException {
    keys = Keyring.in(work);
    store = new LockableStore(LocalStore.open("near", work.resolve("store")), Duration.ofDays(7));
    expiry = new Expiry(keys.trusted(), new Readers(), () -> NOW, Milestones.NONE);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void what_is_promised_is_locked_for_as_long_with_all_that_restores_it() {
    daily(2);
    store.list().forEach(object -> store.locks.put(object.name(), SOON));
    Pins.pin(store, new Pin(id(21), NOW, Optional.empty(), "ops"), keys.signing());

    RetentionPlan plan = plan(DAILY);
    assertEquals(
        "daily 2 of 32, pinned; extend lock to 2026-11-29T03:00:00Z",
        plan.decision(id(21)).orElseThrow().reason());
    assertEquals(1, Pins.unpin(store, id(21)));
    Expired expired = expiry.carryOut(store, plan(DAILY), Progress.NONE);

    assertEquals(Map.of(id(21), NEXT_MONTHS), expired.locked());
    assertTrue(expired.done());
    assertEquals(3, locked(id(21), NEXT_MONTHS));
    assertEquals(3, locked(id(22), SOON));
    assertEquals(List.of(), plan(DAILY).toLock());
  }

  @Test
  void a_lock_that_is_long_enough_is_asked_for_once() {
    daily(3);
    var _ = expiry.carryOut(store, plan(DAILY), Progress.NONE);
    var _ = plan(DAILY);
    store.asked.clear();

    assertEquals(List.of(), plan(DAILY).toLock());
    assertEquals(Map.of(), store.asked);
  }

  @Test
  void what_is_kept_for_ever_is_asked_for_once_and_renewed_at_half_time() {
    daily(2);
    Instant[] now = {NOW};
    Expiry ever = new Expiry(keys.trusted(), new Readers(), () -> now[0], Milestones.NONE);
    RetentionPolicy all = RetentionPolicy.FOR_EVER;
    assertEquals(
        Set.of(NOW.plus(Duration.ofDays(7))),
        Set.copyOf(
            ever.carryOut(store, ever.plan(store, all, false), Progress.NONE).locked().values()));
    store.asked.clear();

    now[0] = NOW.plus(Duration.ofDays(3));
    assertEquals(List.of(), ever.plan(store, all, false).toLock());
    now[0] = NOW.plus(Duration.ofDays(4));
    assertEquals(2, ever.plan(store, all, false).toLock().size());
    assertEquals(Map.of(), store.asked);
  }

  @Test
  void one_that_cannot_be_extended_is_told_and_done_the_next_time() {
    daily(3);
    store.fails = (id(21) + ".manifest")::equals;

    Expired first = expiry.carryOut(store, plan(DAILY), Progress.NONE);

    assertEquals(Set.of(id(20)), first.locked().keySet());
    assertEquals(
        Map.of(
            id(21),
            "its lock was not extended: store near: cannot lock %s.manifest".formatted(id(21))),
        first.unlocked());
    assertEquals(2, locked(id(21), NEXT_MONTHS));
    store.fails = _ -> false;
    assertEquals(
        Map.of(id(21), NEXT_MONTHS), expiry.carryOut(store, plan(DAILY), Progress.NONE).locked());
  }

  @Test
  void a_key_that_was_added_later_is_locked_too() {
    daily(3);
    var _ = expiry.carryOut(store, plan(DAILY), Progress.NONE);
    store.put(id(21) + ".fedcba9876543210.key", new byte[1]);

    assertEquals(
        Map.of(id(21), NEXT_MONTHS), expiry.carryOut(store, plan(DAILY), Progress.NONE).locked());
    assertEquals(4, locked(id(21), NEXT_MONTHS));
  }

  @Test
  void a_store_that_does_not_answer_ends_it_before_anything_is_deleted() {
    daily(4);
    Pins.pin(store, new Pin(id(21), NOW, Optional.of(SOON), "ops"), keys.signing());
    store.fails = _ -> true;
    store.reason = StoreException.Reason.UNAVAILABLE;

    Expired expired = expiry.carryOut(store, plan(LAST_TWO), Progress.NONE);

    assertTrue(expired.brokenOff().isPresent());
    assertEquals(List.of(), expired.deleted());
    assertEquals(Set.of(id(21)), expired.unlocked().keySet());
  }

  @Test
  void a_failure_to_lock_keeps_nothing_from_being_deleted() {
    daily(4);
    Pins.pin(store, new Pin(id(21), NOW, Optional.of(SOON), "ops"), keys.signing());
    store.fails = _ -> true;

    Expired expired = expiry.carryOut(store, plan(LAST_TWO), Progress.NONE);

    assertEquals(List.of(id(19), id(20)), expired.deleted());
    assertEquals(Set.of(id(21)), expired.unlocked().keySet());
  }

  @Test
  void a_backup_of_which_one_object_is_locked_stays_whole() {
    daily(4);
    store.locks.put(id(19) + ".data", SOON);
    store.locks.put(id(20) + ".manifest", Instant.MAX);

    RetentionPlan plan = plan(LAST_TWO);
    Expired expired = expiry.carryOut(store, plan, Progress.NONE);

    assertEquals("locked until 2026-11-25T02:00:00Z", plan.decision(id(19)).orElseThrow().reason());
    assertEquals("locked by a legal hold", plan.decision(id(20)).orElseThrow().reason());
    assertEquals(Expired.NOTHING, expired);
    assertEquals(12, store.list().size());
  }

  @Test
  void list_knows_what_a_lock_keeps() {
    daily(3);
    store.locks.put(id(20) + ".data", SOON);

    Catalogue.Overview overview =
        new Catalogue(List.of(store), keys.trusted(), () -> NOW).overview(Map.of("near", LAST_TWO));

    assertEquals(
        "locked until 2026-11-25T02:00:00Z",
        overview.plans().values().iterator().next().decision(id(20)).orElseThrow().reason());
  }

  @Test
  void a_manifest_that_was_exchanged_since_locks_nothing() throws IOException {
    daily(3);
    RetentionPlan plan = plan(DAILY);
    Files.writeString(work.resolve("store").resolve(id(21) + ".manifest"), "something else");

    Expired expired = expiry.carryOut(store, plan, Progress.NONE);

    assertEquals(Set.of(id(20)), expired.locked().keySet());
    assertEquals(
        Map.of(id(21), "its manifest is not the one that was planned with"), expired.unlocked());
  }

  @Test
  void an_interrupt_ends_it() {
    daily(3);
    store.fails =
        object -> {
          Thread.currentThread().interrupt();
          return false;
        };

    Expired expired = expiry.carryOut(store, plan(DAILY), Progress.NONE);

    assertTrue(Thread.interrupted());
    assertEquals(Optional.of("it was told to stop"), expired.brokenOff());
    assertEquals(Set.of(id(21)), expired.locked().keySet());
  }

  private long locked(String id, Instant until) {
    return store.locks.entrySet().stream()
        .filter(lock -> lock.getKey().startsWith(id) && lock.getValue().equals(until))
        .count();
  }

  private void daily(int count) {
    for (int day = 22; day > 22 - count; day--) {
      MadeBackup.at(at(day), keys.signing(), keys.recipients().subList(0, 1))
          .storeIn(work.resolve("store"), keys.recipients().subList(0, 1));
    }
  }

  private static Instant at(int day) {
    return Instant.parse("2026-11-%02dT02:00:00Z".formatted(day));
  }

  private static String id(int day) {
    return MadeBackup.id(at(day));
  }

  private static RetentionPolicy policy(Rule... rules) {
    return new RetentionPolicy(List.of(rules), 50);
  }

  private RetentionPlan plan(RetentionPolicy policy) {
    return expiry.plan(store, policy, false);
  }
}
