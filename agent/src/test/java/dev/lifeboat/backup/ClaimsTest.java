package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Claims.HeldElsewhere;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.schedule.Slot;
import dev.lifeboat.store.ForwardingStore;
import dev.lifeboat.store.ObjectKind;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes that claim a slot in one store.
final class ClaimsTest {
  private static final Instant AT = Instant.parse("2026-11-22T02:00:00Z");
  private static final Slot SLOT = new Slot("daily", AT, AT.plus(Duration.ofDays(2)));
  private static final ClaimConfig RULES =
      new ClaimConfig(Duration.ofMinutes(2), 3, Duration.ofMinutes(15));
  private static final BackupId RUN = new BackupId("20261122T020001Z-0000000a");

  @TempDir Path work;
  private LocalStore folder;
  private Store store;
  private final SigningKey first = SigningKey.generate("node-1");
  private final SigningKey second = SigningKey.generate("node-2");
  private final TrustedSigners trusted =
      TrustedSigners.of(List.of(first.signer(), second.signer()));
  private final List<Claims.Held> held = new ArrayList<>();

  @BeforeEach
  void open() {
    folder = LocalStore.open("shared", work.resolve("store"));
    store = folder;
  }

  @AfterEach
  void close() {
    held.forEach(Claims.Held::close);
    folder.close();
  }

  private Claims node(int number, ClaimConfig rules, Store in) {
    SigningKey key = number == 1 ? first : second;
    return new Claims(in, new Claims.Self("node-" + number, key, trusted, rules), SLOT);
  }

  private Claims node(int number) {
    return node(number, RULES, store);
  }

  private Claims.Held take(int number) {
    return take(node(number));
  }

  private Claims.Held take(Claims claims) {
    Claims.Held taken = claims.take(RUN);
    held.add(taken);
    return taken;
  }

  private HeldElsewhere refused(int number) {
    return assertThrows(HeldElsewhere.class, () -> take(number));
  }

  private Set<String> names() {
    return folder.list().stream().map(Store.StoredObject::name).collect(Collectors.toSet());
  }

  /// Makes whatever is stored older by so much.
  private void age(Duration by) {
    for (Store.StoredObject object : folder.list()) {
      try {
        Files.setLastModifiedTime(
            work.resolve("store").resolve(object.name()),
            FileTime.from(object.modified().minus(by)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void manifest() {
    folder.put("daily-20261122T020000Z.manifest", new byte[] {1});
  }

  @Test
  void a_slot_is_the_first_nodes_until_its_lease_is_over_on_the_clock_of_the_store() {
    Claims.Held sleeper = take(1);
    assertEquals("node-1", refused(2).node());
    assertTrue(refused(2).again().compareTo(RULES.lease()) <= 0, refused(2).again()::toString);

    age(RULES.lease().plusSeconds(1));
    Claims.Held other = take(2);

    other.require();
    assertEquals("node-2", refused(1).node());
    sleeper.failed(true);
    assertEquals(Set.of(claim(1), claim(2)), names(), "it has nothing to say any more");
  }

  private static String claim(int number) {
    return "daily-20261122T020000Z." + number + ".claim";
  }

  @Test
  void a_node_that_was_stopped_for_longer_than_its_lease_learns_who_has_its_slot()
      throws InterruptedException {
    ClaimConfig brief = new ClaimConfig(Duration.ofSeconds(1), 3, Duration.ofMinutes(15));
    CountDownLatch slept = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    Store stopped =
        new ForwardingStore() {
          @Override
          protected Store store() {
            return store;
          }

          @Override
          public void putControl(String object, byte[] content) {
            if (object.equals(claim(1))) {
              super.putControl(object, content);
              return;
            }
            await(slept);
            try {
              super.putControl(object, content);
            } finally {
              asked.countDown();
            }
          }
        };
    Claims.Held sleeper = take(node(1, brief, stopped));
    age(Duration.ofSeconds(2));
    take(2);
    slept.countDown();

    assertTrue(asked.await(20, TimeUnit.SECONDS));
    HeldElsewhere elsewhere = assertThrows(HeldElsewhere.class, sleeper::require);

    assertEquals("node-2", elsewhere.node());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_claim_is_renewed_while_its_run_goes_on() throws InterruptedException {
    CountDownLatch renewals = new CountDownLatch(3);
    Store watched =
        new ForwardingStore() {
          @Override
          protected Store store() {
            return store;
          }

          @Override
          public void putControl(String object, byte[] content) {
            super.putControl(object, content);
            renewals.countDown();
          }
        };
    Claims.Held running =
        take(node(1, new ClaimConfig(Duration.ofSeconds(1), 3, RULES.standbyAfter()), watched));

    assertTrue(renewals.await(20, TimeUnit.SECONDS));
    running.require();
    assertTrue(names().containsAll(Set.of(claim(1), claim(2), claim(3))), names()::toString);
    running.done();
    assertEquals(Set.of(), names());
  }

  @Test
  void what_a_dead_process_of_this_node_claimed_is_this_nodes_at_once() {
    take(1).close();

    take(1).require();

    assertEquals(Set.of(claim(1), claim(2)), names());
  }

  @Test
  void a_failed_run_lets_the_others_in_and_one_that_was_told_to_stop_counts_for_nothing() {
    for (int stop = 0; stop <= RULES.yieldAfter(); stop++) {
      take(1).failed(false);
    }
    take(1).failed(true);

    take(2).require();

    assertEquals("node-2", refused(1).node());
  }

  @Test
  void after_as_many_failures_as_it_may_have_a_node_leaves_the_slot_to_the_others_for_a_lease() {
    for (int failure = 1; failure <= RULES.yieldAfter(); failure++) {
      take(1).failed(true);
    }

    Duration again = refused(1).again();
    assertTrue(again.compareTo(RULES.lease().dividedBy(2)) > 0, again::toString);
    age(RULES.lease().plusSeconds(1));
    take(1).failed(true);

    // And after the next failure at once again.
    assertTrue(refused(1).again().isPositive());
    take(2).require();
  }

  @Test
  void a_standby_takes_what_was_yielded_at_once_and_what_nobody_took_after_a_while() {
    Claims standby = node(2);
    assertEquals(StandIn.WAIT, standby.standIn(RULES.standbyAfter().minusSeconds(1)));
    assertEquals(StandIn.TAKE, standby.standIn(RULES.standbyAfter()));

    Claims.Held active = take(1);
    assertEquals(StandIn.WAIT, standby.standIn(RULES.standbyAfter()));
    active.failed(true);
    assertEquals(StandIn.WAIT, standby.standIn(Duration.ZERO));
    take(1).failed(true);
    take(1).failed(true);
    assertEquals(StandIn.TAKE, standby.standIn(Duration.ZERO));
    assertEquals(StandIn.WAIT, node(1).standIn(RULES.standbyAfter()));

    manifest();
    assertEquals(StandIn.DONE, standby.standIn(RULES.standbyAfter()));
  }

  @Test
  void what_no_trusted_node_has_signed_holds_nobody_up() {
    SigningKey stranger = SigningKey.generate("node-1");
    Claim forged =
        new Claim("daily", AT, 1, Claim.State.HELD, "node-1", "x", Duration.ofHours(1), 0);
    folder.putControl(claim(1), stranger.sign(forged.toJson()));
    folder.putControl(claim(2), new byte[] {1, 2, 3});
    folder.putControl(claim(7), first.sign(forged.toJson()));

    take(2).require();

    assertTrue(names().contains(claim(8)), names()::toString);
  }

  @Test
  void a_claim_of_the_future_holds_nobody_up() {
    take(1);
    age(ClaimConfig.LEASE_MAX.negated());

    take(2).require();
  }

  @Test
  void a_claim_whose_answer_was_lost_is_ours() {
    Store lost = new FaultyStore(store, ObjectKind.CLAIM::is, StoreException.Reason.EXISTS, true);

    take(node(1, RULES, lost)).require();

    assertEquals(Set.of(claim(1)), names());
  }

  @Test
  void of_many_that_claim_a_slot_at_once_one_has_it() throws Exception {
    List<SigningKey> keys =
        IntStream.range(0, 16).mapToObj(node -> SigningKey.generate("node-" + node)).toList();
    TrustedSigners all = TrustedSigners.of(keys.stream().map(SigningKey::signer).toList());
    List<Callable<Boolean>> nodes = new ArrayList<>();
    for (int node = 0; node < keys.size(); node++) {
      var self = new Claims.Self("node-" + node, keys.get(node), all, RULES);
      nodes.add(
          () -> {
            try (Claims.Held _ = new Claims(store, self, SLOT).take(RUN)) {
              return true;
            } catch (HeldElsewhere e) {
              return false;
            }
          });
    }
    int winners = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var done : threads.invokeAll(nodes)) {
        winners += done.get() ? 1 : 0;
      }
    }
    assertEquals(1, winners);
  }

  @Test
  void claims_that_decide_nothing_any_more_are_swept() {
    Instant now = folder.now();
    take(1).failed(true);
    Claims.sweep(store, store.list(), now.plus(Duration.ofDays(6)));
    assertEquals(Set.of(claim(1), claim(2)), names());

    Claims.sweep(store, store.list(), now.plus(Duration.ofDays(8)));
    assertEquals(Set.of(), names());

    take(1).failed(true);
    manifest();
    Claims.sweep(store, store.list(), now);
    assertEquals(Set.of("daily-20261122T020000Z.manifest"), names());
  }

  @Test
  void where_nobody_may_delete_claims_stay_and_nothing_fails() {
    Store appendOnly =
        new ForwardingStore() {
          @Override
          protected Store store() {
            return folder;
          }

          @Override
          public void delete(String object) {
            throw new StoreException(StoreException.Reason.DENIED, "no right to delete");
          }
        };
    Claims.Held running = take(node(1, RULES, appendOnly));
    manifest();

    running.done();
    Claims.sweep(appendOnly, appendOnly.list(), folder.now());

    assertTrue(names().contains(claim(1)), names()::toString);
  }
}
