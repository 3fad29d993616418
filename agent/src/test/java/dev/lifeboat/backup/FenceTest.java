package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.schedule.Slot;
import dev.lifeboat.store.ForwardingStore;
import dev.lifeboat.store.ObjectKind;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two agents that take the same slot, in one process.
final class FenceTest {
  private static final Instant NOW = Instant.parse("2026-11-22T02:00:01.500Z");
  private static final Instant AT = Instant.parse("2026-11-22T02:00:00Z");
  private static final Slot SLOT = new Slot("daily", AT, AT.plus(Duration.ofDays(2)));
  private static final String MANIFEST = "daily-20261122T020000Z.manifest";

  @TempDir Path work;
  private Keyring keys;
  private ScriptedCluster cluster;
  private LocalStore near;
  private LocalStore far;
  private boolean nearRequired = true;
  private Instant now = NOW;
  private final List<Spool> spools = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    keys = Keyring.in(work);
    cluster = new ScriptedCluster(work);
    near = LocalStore.open("near", work.resolve("near"));
    far = LocalStore.open("far", work.resolve("far"));
  }

  @AfterEach
  void close() {
    spools.forEach(Spool::close);
    near.close();
    far.close();
    cluster.close();
  }

  /// An agent of its own, with a spool of its own; `near` is its coordination store.
  private Backup agent(Milestones milestones, Store... stores) {
    return agent("node-1", keys.signingKeyFile(), milestones, stores);
  }

  private Backup agent(String node, Path signingKey, Milestones milestones, Store... stores) {
    Spool spool = Spool.open(work.resolve("spool-" + spools.size()));
    spools.add(spool);
    InstantSource clock = () -> now;
    var config =
        new BackupConfig(
            node,
            Optional.empty(),
            Map.of(),
            spool.folder(),
            Duration.ofSeconds(5),
            keys.recipientsFile(),
            signingKey,
            keys.trustedSignersFile(),
            Optional.empty(),
            Optional.empty(),
            "near",
            VerificationConfig.NONE,
            List.of(
                new StoreConfig("near", nearRequired, new StoreConfig.Local(work.resolve("near"))),
                new StoreConfig("far", true, new StoreConfig.Local(work.resolve("far")))));
    return new Backup(
        cluster.client, cluster.keeper, config, List.of(stores), spool, clock, milestones);
  }

  private static BackupOutcome take(Backup agent) {
    return agent.run(Optional.of(SLOT), Progress.NONE);
  }

  private static BackupOutcome.Stored stored(BackupOutcome outcome) {
    return assertInstanceOf(BackupOutcome.Stored.class, outcome, outcome.toString());
  }

  /// All but claims, which are no part of a backup.
  private static Set<String> names(Store store) {
    return store.list().stream()
        .map(Store.StoredObject::name)
        .filter(name -> !ObjectKind.CLAIM.is(name))
        .collect(Collectors.toSet());
  }

  private Set<String> objectsOf(String id) {
    BackupId backup = new BackupId(id);
    return Set.of(
        MANIFEST,
        backup.data(),
        backup.key(keys.escrow().recipient().id()),
        backup.key(keys.second().recipient().id()));
  }

  @Test
  void a_run_that_wakes_up_after_another_took_its_slot_loses_and_leaves_nothing() {
    for (Milestone milestone : Set.of(Milestone.PROVEN, Milestone.KEYS_STORED)) {
      List<BackupOutcome> winner = new ArrayList<>();
      Backup sleeper =
          agent(
              reached -> {
                if (reached == milestone) {
                  winner.add(take(agent(Milestones.NONE, near, far)));
                }
              },
              near,
              far);

      BackupOutcome.SlotTaken lost =
          assertInstanceOf(BackupOutcome.SlotTaken.class, take(sleeper), milestone::toString);

      String id = stored(winner.getFirst()).manifest().id();
      assertEquals(id, lost.by());
      assertEquals(SLOT, lost.slot());
      assertEquals(objectsOf(id), names(near));
      assertEquals(objectsOf(id), names(far));
      names(near).forEach(near::delete);
      names(far).forEach(far::delete);
    }
  }

  /// Another node, with a signing key of its own that everybody trusts.
  private Path secondNode() throws IOException {
    SigningKey key = SigningKey.generate("node-2");
    Path file = work.resolve("signing-key-2");
    KeyFiles.writePrivate(file, key.line());
    Files.writeString(keys.trustedSignersFile(), key.signer() + "\n", StandardOpenOption.APPEND);
    return file;
  }

  @Test
  void a_slot_that_another_node_is_at_costs_the_cluster_no_second_snapshot() throws IOException {
    Path key = secondNode();
    List<BackupOutcome> second = new ArrayList<>();
    List<Milestone> reached = new ArrayList<>();
    Backup first =
        agent(
            milestone -> {
              if (milestone == Milestone.PROVEN) {
                second.add(take(agent("node-2", key, reached::add, near, far)));
              }
            },
            near,
            far);

    String id = stored(take(first)).manifest().id();

    BackupOutcome.SlotHeld held = assertInstanceOf(BackupOutcome.SlotHeld.class, second.getFirst());
    assertEquals("node-1", held.node());
    assertEquals(List.of(), reached);
    assertEquals(objectsOf(id), names(near));
    assertEquals(objectsOf(id).size(), near.list().size(), "a slot that is done needs no claim");
  }

  @Test
  void a_node_that_failed_as_often_as_it_may_leaves_the_slot_to_a_standby() throws IOException {
    Path key = secondNode();
    Store full = new FaultyStore(far, ObjectKind.DATA::is, StoreException.Reason.FULL, false);
    Backup first = agent(Milestones.NONE, near, full);
    Backup second = agent("node-2", key, Milestones.NONE, near, far);
    for (int failure = 1; failure <= ClaimConfig.DEFAULT.yieldAfter(); failure++) {
      assertEquals(StandIn.WAIT, second.standIn(SLOT, Duration.ZERO));
      assertInstanceOf(BackupOutcome.Failed.class, take(first));
    }

    assertInstanceOf(BackupOutcome.SlotHeld.class, take(first));
    assertEquals(StandIn.TAKE, second.standIn(SLOT, Duration.ZERO));
    String id = stored(take(second)).manifest().id();

    assertEquals(objectsOf(id), names(far));
    assertEquals(StandIn.DONE, second.standIn(SLOT, Duration.ofDays(1)));
  }

  @Test
  void a_standby_waits_while_the_coordination_store_is_away() throws IOException {
    Path key = secondNode();
    near.close();
    Store away =
        new ForwardingStore() {
          @Override
          protected Store store() {
            return near;
          }

          @Override
          public List<StoredObject> list() {
            throw new StoreException(StoreException.Reason.UNAVAILABLE, "near is away");
          }
        };

    assertEquals(
        StandIn.WAIT,
        agent("node-2", key, Milestones.NONE, away, far).standIn(SLOT, Duration.ofDays(1)));
  }

  @Test
  void a_slot_that_is_stored_costs_the_cluster_no_second_snapshot() {
    String id = stored(take(agent(Milestones.NONE, near, far))).manifest().id();
    List<Milestone> reached = new ArrayList<>();

    BackupOutcome second = take(agent(reached::add, near, far));

    assertEquals(id, assertInstanceOf(BackupOutcome.SlotTaken.class, second).by());
    assertEquals(List.of(), reached);
    assertEquals(objectsOf(id), names(near));
  }

  @Test
  void a_slot_won_in_the_coordination_store_and_lost_in_another_is_left_out_there() {
    String other = stored(take(agent(Milestones.NONE, far))).manifest().id();

    BackupOutcome.Stored won = stored(take(agent(Milestones.NONE, far, near)));

    assertEquals(Set.of("far"), won.leftOut().keySet());
    assertTrue(won.leftOut().toString().contains(other), won.leftOut().toString());
    assertEquals(objectsOf(won.manifest().id()), names(near));
    assertEquals(objectsOf(other), names(far));
  }

  @Test
  void while_the_coordination_store_is_away_each_store_has_one_manifest_of_its_own() {
    nearRequired = false;
    Store away = new FaultyStore(near, _ -> true, StoreException.Reason.UNAVAILABLE, false);
    BackupOutcome.Stored first = stored(take(agent(Milestones.NONE, away, far)));
    assertEquals(Set.of("near"), first.leftOut().keySet());

    BackupOutcome second = take(agent(Milestones.NONE, away, far));

    assertEquals(
        first.manifest().id(), assertInstanceOf(BackupOutcome.SlotTaken.class, second).by());
    assertEquals(objectsOf(first.manifest().id()), names(far));
  }

  @Test
  void a_put_whose_answer_was_lost_and_that_finds_its_own_manifest_has_the_slot() {
    Store retried = new FaultyStore(near, MANIFEST::equals, StoreException.Reason.EXISTS, true);

    String id = stored(take(agent(Milestones.NONE, retried, far))).manifest().id();

    assertEquals(objectsOf(id), names(near));
  }

  @Test
  void a_failed_run_takes_its_own_manifest_back_and_never_that_of_another() {
    Store broken = new FaultyStore(far, MANIFEST::equals, StoreException.Reason.UNAVAILABLE, true);
    assertInstanceOf(BackupOutcome.Failed.class, take(agent(Milestones.NONE, near, broken)));
    assertEquals(Set.of(), names(near));
    assertEquals(Set.of(), names(far));

    List<BackupOutcome> winner = new ArrayList<>();
    Store silent =
        new FaultyStore(near, MANIFEST::equals, StoreException.Reason.UNAVAILABLE, false);
    Backup loser =
        agent(
            reached -> {
              if (reached == Milestone.KEYS_STORED) {
                winner.add(take(agent(Milestones.NONE, near, far)));
              }
            },
            silent,
            far);
    assertInstanceOf(BackupOutcome.Failed.class, take(loser));

    String id = stored(winner.getFirst()).manifest().id();
    assertEquals(objectsOf(id), names(near));
    assertEquals(objectsOf(id), names(far));
  }

  @Test
  void a_run_that_slept_until_its_slot_was_long_over_stores_nothing() {
    Backup sleeper =
        agent(
            reached -> {
              if (reached == Milestone.KEYS_STORED) {
                now = SLOT.until();
              }
            },
            near,
            far);

    BackupOutcome.Failed failed = assertInstanceOf(BackupOutcome.Failed.class, take(sleeper));

    assertEquals(FailureReason.LATE, failed.reason(), failed.message());
    assertEquals(Set.of(), names(near));
    assertEquals(Set.of(), names(far));
  }

  @Test
  void a_manifest_of_the_slot_that_nobody_trusts_is_a_failure_and_stays() {
    MadeBackup forged =
        MadeBackup.of(
                "20261122T020001Z-00000bad", SigningKey.generate("stranger"), keys.recipients())
            .scheduled("daily");
    MadeBackup.write(work.resolve("near"), MANIFEST, forged.document());

    BackupOutcome.Failed failed =
        assertInstanceOf(BackupOutcome.Failed.class, take(agent(Milestones.NONE, near, far)));

    assertEquals(FailureReason.STORE, failed.reason());
    assertTrue(failed.message().contains(MANIFEST), failed.message());
    assertEquals(Set.of(MANIFEST), names(near));
    assertEquals(Set.of(), names(far));
  }
}
