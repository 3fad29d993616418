package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.retention.Hold;
import dev.lifeboat.schedule.Slot;
import dev.lifeboat.store.LateStore;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import dev.lifeboat.vault.FakeVault.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BackupTest {
  static Set<Milestone> milestones() {
    return Milestone.ofRun();
  }

  private static final Instant NOW = Instant.parse("2026-11-22T02:00:01.500Z");
  private static final Instant SLOT = Instant.parse("2026-11-22T02:00:00Z");

  private static final Slot DUE = new Slot("daily", SLOT, SLOT.plus(Duration.ofDays(2)));

  @TempDir Path work;
  private Keyring keys;
  private ScriptedCluster cluster;
  private Spool spool;
  private LocalStore near;
  private LocalStore far;
  private Optional<CanaryConfig> canary = Optional.empty();
  private boolean farRequired = true;
  private KitConfig kit = KitConfig.NONE;
  private Duration stallTimeout = Duration.ofSeconds(5);

  @BeforeEach
  void open() throws Exception {
    keys = Keyring.in(work);
    cluster = new ScriptedCluster(work);
    spool = Spool.open(work.resolve("spool"));
    near = LocalStore.open("near", work.resolve("near"));
    far = LocalStore.open("far", work.resolve("far"));
  }

  @AfterEach
  void close() {
    near.close();
    far.close();
    spool.close();
    cluster.close();
  }

  private Backup backup(Milestones milestones, Store... stores) {
    var config =
        new BackupConfig(
            "node-1",
            Optional.empty(),
            Map.of(),
            work.resolve("spool"),
            stallTimeout,
            keys.recipientsFile(),
            keys.signingKeyFile(),
            keys.trustedSignersFile(),
            Optional.empty(),
            canary,
            "near",
            VerificationConfig.NONE,
            List.of(
                new StoreConfig("near", true, new StoreConfig.Local(work.resolve("near"))),
                new StoreConfig("far", farRequired, new StoreConfig.Local(work.resolve("far")))),
            List.of(),
            kit,
            ClaimConfig.DEFAULT,
            Optional.empty());
    return new Backup(
        cluster.client,
        cluster.keeper,
        config,
        List.of(stores),
        spool,
        InstantSource.fixed(NOW),
        milestones);
  }

  @Test
  void a_kit_lies_beside_the_data_and_its_sum_is_in_the_manifest() throws Exception {
    kit = new KitConfig(true, false, List.of(work + "/gone"), List.of(), List.of());

    Manifest manifest = stored(run());

    byte[] box = near.read(manifest.id() + ".kit", 1 << 20);
    assertEquals(Optional.of(new Manifest.Kit(StoredHash.of(box).content(), 0, 1)), manifest.kit());
    assertArrayEquals(box, far.read(manifest.id() + ".kit", 1 << 20));
  }

  @Test
  void a_required_kit_fails_the_run_when_a_file_is_missing() throws Exception {
    kit = new KitConfig(true, true, List.of(work + "/gone"), List.of(), List.of());

    BackupOutcome.Failed failed = failedWithoutATrace(FailureReason.KIT, run());

    assertTrue(failed.message().contains(work + "/gone cannot be read"), failed.message());
  }

  private BackupOutcome run() {
    return backup(Milestones.NONE, near, far).run(Optional.empty(), Progress.NONE);
  }

  private Manifest stored(BackupOutcome outcome) {
    return assertInstanceOf(BackupOutcome.Stored.class, outcome, outcome.toString()).manifest();
  }

  private BackupOutcome.Failed failed(FailureReason reason, BackupOutcome outcome) {
    var failed = assertInstanceOf(BackupOutcome.Failed.class, outcome);
    assertEquals(reason, failed.reason(), failed.message());
    assertFalse(failed.message().contains("hint:"), failed.message());
    return failed;
  }

  /// The usual end of a failed run: not one file of it anywhere.
  private BackupOutcome.Failed failedWithoutATrace(FailureReason reason, BackupOutcome outcome)
      throws IOException {
    BackupOutcome.Failed failed = failed(reason, outcome);
    assertEquals(List.of(), files(work.resolve("near")));
    assertEquals(List.of(), files(work.resolve("far")));
    assertEquals(List.of(".lock"), files(work.resolve("spool")));
    return failed;
  }

  private static List<String> files(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          // An empty file, for a day: a manifest may yet arrive.
          .filter(name -> !name.startsWith(".undone-"))
          .sorted()
          .toList();
    }
  }

  @Test
  void a_backup_is_stored_verified_and_extracts_to_the_very_snapshot() throws Exception {
    Manifest manifest =
        stored(backup(Milestones.NONE, near, far).run(Optional.of(DUE), Progress.NONE));

    assertTrue(manifest.id().matches("20261122T020001Z-[0-9a-f]{8}"), manifest.id());
    Catalogue catalogue = new Catalogue(List.of(near, far), keys.trusted());
    Catalogue.Entry entry = catalogue.find(manifest.id()).orElseThrow();
    assertEquals(Optional.of(manifest), entry.manifest());
    assertEquals(Optional.empty(), entry.trouble());
    assertEquals(List.of("near", "far"), entry.stores());
    assertEquals(List.of(), catalogue.verify(entry, Optional.of(keys.second())).findings());
    var plain = new ByteArrayOutputStream();
    catalogue.extract(entry, keys.escrow(), plain);
    assertArrayEquals(MadeBackup.snapshot(), plain.toByteArray());
    assertEquals(List.of(".lock"), files(work.resolve("spool")));
  }

  @Test
  void a_label_is_signed_and_a_pin_lies_beside_the_backup_in_every_store() {
    Occasion occasion =
        new Occasion(
            Optional.empty(),
            Optional.of("pre-upgrade"),
            Optional.of(new Occasion.Pinning(Optional.of(Duration.ofDays(90)), "ops at n1")));

    Manifest manifest = stored(backup(Milestones.NONE, near, far).run(occasion, Progress.NONE));

    Catalogue catalogue = new Catalogue(List.of(near, far), keys.trusted());
    Catalogue.Entry entry = catalogue.find(manifest.id()).orElseThrow();
    assertEquals(Optional.of("pre-upgrade"), entry.manifest().orElseThrow().label());
    assertEquals(List.of(), catalogue.verify(entry, Optional.of(keys.escrow())).findings());
    for (Store store : List.of(near, far)) {
      assertEquals(
          Optional.of(new Hold.Pinned(Optional.of(NOW.plus(Duration.ofDays(90))))),
          Pins.of(store, manifest.id(), keys.trusted()));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new Occasion(Optional.empty(), Optional.of("a\nb"), Optional.empty()));
  }

  @Test
  void the_manifest_says_what_a_restore_will_need() {
    canary =
        Optional.of(new CanaryConfig("secret/lifeboat/canary", Optional.of("transit/lifeboat")));
    cluster.canary();

    Manifest manifest = stored(backup(Milestones.NONE, near).run(Optional.of(DUE), Progress.NONE));

    assertEquals(
        new Manifest.Cluster("c1", "vault-cluster-1", "openbao", "2.7.2"), manifest.cluster());
    assertEquals("node-1", manifest.node());
    assertEquals(cluster.vault.address(), manifest.takenFrom());
    assertEquals(Optional.of(SLOT), manifest.slot());
    assertEquals(Optional.of("daily"), manifest.schedule());
    assertEquals(NOW, manifest.startedAt());
    assertEquals(37, manifest.raft().orElseThrow().index());
    assertEquals(MadeBackup.snapshot().length, manifest.plain().bytes());
    assertEquals(
        new Manifest.Seal("shamir", "raft", 3, 2, Optional.empty(), Optional.of(4)),
        manifest.seal());
    assertEquals(
        List.of(
            new Manifest.Peer("n1", "127.0.0.1:8201", Optional.of("http://127.0.0.1:8200"), true)),
        manifest.peers());
    assertEquals(
        List.of(new Manifest.Mount("secret/", "kv"), new Manifest.Mount("sys/", "system")),
        manifest.mounts());
    assertEquals(
        new Manifest.Counts(Optional.of(2), Optional.of(1), Optional.of(0)), manifest.counts());
    var written = manifest.canary().orElseThrow();
    assertEquals(7, written.version());
    assertEquals(Optional.of("vault:v1:c1ph3r"), written.ciphertext());
    assertEquals(
        List.of("escrow", "second"),
        manifest.recipients().stream().map(Manifest.Recipient::comment).toList());
  }

  @Test
  void facts_that_the_token_may_not_read_are_left_out_and_the_backup_is_taken() {
    for (String path :
        List.of(
            "sys/key-status",
            "sys/mounts",
            "sys/auth",
            "sys/policies/acl",
            "identity/entity/id",
            "sys/ha-status",
            "sys/storage/raft/configuration")) {
      cluster.vault.on(path, Reply.denied());
    }

    Manifest manifest = stored(run());

    assertEquals(Optional.empty(), manifest.seal().keyEpoch());
    assertEquals(List.of(), manifest.peers());
    assertEquals(List.of(), manifest.mounts());
    assertEquals(
        new Manifest.Counts(Optional.empty(), Optional.empty(), Optional.empty()),
        manifest.counts());
  }

  @Test
  void a_stream_that_ends_early_with_a_clean_200_is_truncated_and_stores_nothing()
      throws Exception {
    byte[] snapshot = MadeBackup.snapshot();
    for (int bytes : new int[] {0, 1, 512, snapshot.length / 2, snapshot.length - 1}) {
      cluster.snapshot(Reply.body(200, "application/gzip", Arrays.copyOf(snapshot, bytes)));

      failedWithoutATrace(FailureReason.TRUNCATED, run());
    }
  }

  @Test
  void a_connection_that_breaks_is_truncated() throws Exception {
    cluster.snapshot(Reply.chunks(3, 1000, Reply.cut()));

    BackupOutcome outcome = run();
    assertTrue(
        outcome instanceof BackupOutcome.Failed(var reason, _, _, _)
            && (reason == FailureReason.TRUNCATED || reason == FailureReason.CORRUPT),
        outcome.toString());
    assertEquals(List.of(), files(work.resolve("near")));
  }

  @Test
  void a_stream_that_stands_still_is_stalled() throws Exception {
    stallTimeout = Duration.ofSeconds(1);
    byte[] snapshot = MadeBackup.snapshot();
    cluster.snapshot(
        wire -> {
          wire.out()
              .write(
                  "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
                      .formatted(snapshot.length)
                      .getBytes(StandardCharsets.UTF_8));
          wire.out().write(snapshot, 0, 5000);
          wire.out().flush();
          wire.over().await();
        });

    failedWithoutATrace(FailureReason.STALLED, run());
  }

  @Test
  void a_changed_byte_is_corrupt() throws Exception {
    byte[] snapshot = MadeBackup.snapshot();
    snapshot[snapshot.length / 2] ^= 1;
    cluster.snapshot(Reply.body(200, "application/gzip", snapshot));

    failedWithoutATrace(FailureReason.CORRUPT, run());
  }

  @Test
  void something_that_is_no_snapshot_is_corrupt() throws Exception {
    cluster.snapshot(Reply.html(200));

    failedWithoutATrace(FailureReason.CORRUPT, run());
  }

  @Test
  void a_snapshot_behind_what_the_leader_had_applied_is_stale() throws Exception {
    cluster.leader(38);

    var failed = failedWithoutATrace(FailureReason.STALE, run());
    assertTrue(
        failed.message().endsWith("ends at raft index 37, but the leader had applied 38 before it"),
        failed.message());
  }

  @Test
  void a_standby_that_answers_is_not_asked_for_a_snapshot() throws Exception {
    cluster.vault.standby(cluster.vault.address());

    failedWithoutATrace(FailureReason.NO_LEADER, run());
    assertEquals(List.of(), cluster.vault.requests("sys/storage/raft/snapshot"));
  }

  @Test
  void a_sealed_node_is_sealed() throws Exception {
    cluster.vault.sealed();

    failedWithoutATrace(FailureReason.SEALED, run());
  }

  @Test
  void a_node_that_is_down_is_unreachable() throws Exception {
    cluster.vault.close();

    failedWithoutATrace(FailureReason.UNREACHABLE, run());
  }

  @Test
  void a_refusal_before_anything_is_streamed_is_tried_once_more() {
    AtomicInteger asked = new AtomicInteger();
    cluster.vault.script(
        "sys/storage/raft/snapshot",
        _ ->
            asked.incrementAndGet() == 1
                ? Reply.denied()
                : Reply.body(200, "application/gzip", MadeBackup.snapshot()));

    stored(run());
    assertEquals(2, asked.get());
  }

  @Test
  void a_token_without_the_policy_is_denied_after_one_retry() throws Exception {
    cluster.snapshot(Reply.denied());

    var failed = failedWithoutATrace(FailureReason.DENIED, run());
    assertFalse(failed.message().contains("s.good"), failed.message());
    assertEquals(2, cluster.vault.requests("sys/storage/raft/snapshot").size());
  }

  @Test
  void a_canary_that_does_not_read_back_fails_the_run() throws Exception {
    canary = Optional.of(new CanaryConfig("secret/lifeboat/canary", Optional.empty()));
    cluster.canary();
    cluster.json(
        "secret/data/lifeboat/canary",
        "{\"data\":{\"version\":7,\"data\":{\"value\":\"x\"},\"metadata\":{\"version\":7}}}");

    failedWithoutATrace(FailureReason.CANARY, run());
  }

  @Test
  void a_recipients_file_that_is_wrong_is_found_before_the_server_is_asked() throws Exception {
    for (String recipients : List.of("", "lifeboat-recipient-1 nonsense x\n")) {
      Files.writeString(keys.recipientsFile(), recipients);

      failedWithoutATrace(FailureReason.KEYS, run());
    }
    assertEquals(List.of(), cluster.vault.requests());
  }

  @Test
  void a_signing_key_that_no_reader_trusts_is_refused_with_the_line_to_add() throws Exception {
    Files.writeString(keys.trustedSignersFile(), SigningKey.generate("other").signer() + "\n");

    var failed = failedWithoutATrace(FailureReason.KEYS, run());
    assertTrue(failed.hint().endsWith(keys.signing().signer().toString()), failed.hint());
  }

  @ParameterizedTest
  @ValueSource(strings = {".data", ".key", ".manifest"})
  void a_store_that_fails_at_an_object_leaves_nothing_in_any_store(String suffix) throws Exception {
    for (boolean after : new boolean[] {false, true}) {
      Predicate<String> fails = object -> object.endsWith(suffix);
      Store faulty = new FaultyStore(far, fails, StoreException.Reason.UNAVAILABLE, after);

      var failed =
          failedWithoutATrace(
              FailureReason.STORE,
              backup(Milestones.NONE, near, faulty).run(Optional.empty(), Progress.NONE));
      assertEquals("it is a fake", failed.hint());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".data", ".key", ".manifest"})
  void a_store_that_is_not_required_is_left_out_without_a_trace(String suffix) throws Exception {
    farRequired = false;
    for (boolean after : new boolean[] {false, true}) {
      Predicate<String> fails = object -> object.endsWith(suffix);
      Store faulty = new FaultyStore(far, fails, StoreException.Reason.UNAVAILABLE, after);

      BackupOutcome outcome =
          backup(Milestones.NONE, faulty, near).run(Optional.empty(), Progress.NONE);

      Manifest manifest = stored(outcome);
      var stored = assertInstanceOf(BackupOutcome.Stored.class, outcome);
      assertEquals(List.of("far"), List.copyOf(stored.leftOut().keySet()));
      String why = stored.leftOut().values().iterator().next();
      assertTrue(why.startsWith("store faulty: cannot store " + manifest.id()), why);
      assertEquals(List.of(), files(work.resolve("far")));
      assertEquals(List.of(".lock"), files(work.resolve("spool")));
      Catalogue.Entry entry =
          new Catalogue(List.of(near, far), keys.trusted()).find(manifest.id()).orElseThrow();
      assertEquals(List.of("near"), entry.stores());
    }
  }

  @Test
  void a_store_that_cannot_be_opened_is_left_out_until_it_can() throws Exception {
    farRequired = false;
    Path blocked = Files.writeString(work.resolve("blocked"), "a file");
    Store late = new LateStore("far", () -> LocalStore.open("far", work.resolve("blocked/store")));

    BackupOutcome first = backup(Milestones.NONE, near, late).run(Optional.empty(), Progress.NONE);
    Files.delete(blocked);
    BackupOutcome second = backup(Milestones.NONE, near, late).run(Optional.empty(), Progress.NONE);

    assertEquals(
        1, assertInstanceOf(BackupOutcome.Stored.class, first).leftOut().size(), first.toString());
    assertEquals(0, assertInstanceOf(BackupOutcome.Stored.class, second).leftOut().size());
    assertEquals(
        List.of(stored(second).id()),
        late.list().stream()
            .map(Store.StoredObject::name)
            .filter(name -> name.endsWith(".manifest"))
            .map(name -> name.replace(".manifest", ""))
            .toList());
  }

  @Test
  void a_full_store_is_disk_full_and_one_that_reads_back_otherwise_is_readback() throws Exception {
    Store full = new FaultyStore(far, _ -> true, StoreException.Reason.FULL, false);
    Store lying = new FaultyStore(far, _ -> true, StoreException.Reason.CORRUPTED, false);

    failedWithoutATrace(
        FailureReason.DISK_FULL,
        backup(Milestones.NONE, near, full).run(Optional.empty(), Progress.NONE));
    failedWithoutATrace(
        FailureReason.READBACK,
        backup(Milestones.NONE, near, lying).run(Optional.empty(), Progress.NONE));
  }

  @Test
  void a_spool_file_that_reads_back_otherwise_is_found_before_it_is_stored() throws Exception {
    Milestones damage =
        milestone -> {
          if (milestone == Milestone.SPOOL_DURABLE) {
            flipAByteInTheSpool();
          }
        };

    failedWithoutATrace(
        FailureReason.READBACK, backup(damage, near, far).run(Optional.empty(), Progress.NONE));
  }

  private void flipAByteInTheSpool() {
    try (var files = Files.newDirectoryStream(work.resolve("spool"), "*.spooled")) {
      for (Path file : files) {
        try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          var one = ByteBuffer.allocate(1);
          channel.read(one, 3000);
          one.flip().put(0, (byte) (one.get(0) ^ 1));
          channel.write(one, 3000);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_second_run_at_the_same_time_is_busy() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Milestones holding =
        milestone -> {
          if (milestone == Milestone.STREAM_BEGUN) {
            reached.countDown();
            await(goOn);
          }
        };
    Backup backup = backup(holding, near);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = threads.submit(() -> backup.run(Optional.empty(), Progress.NONE));
      await(reached);

      failed(FailureReason.BUSY, backup.run(Optional.empty(), Progress.NONE));
      backup.cleanUp();
      goOn.countDown();

      stored(first.get());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @MethodSource("milestones")
  void an_interrupt_at_any_point_leaves_no_trace_or_a_whole_backup(Milestone at) throws Exception {
    Milestones interrupting =
        milestone -> {
          if (milestone == at) {
            Thread.currentThread().interrupt();
          }
        };

    BackupOutcome outcome = backup(interrupting, near, far).run(Optional.empty(), Progress.NONE);

    assertTrue(Thread.interrupted(), "the thread stays interrupted");
    if (at == Milestone.MANIFEST_STORED) {
      stored(outcome);
    } else {
      failedWithoutATrace(FailureReason.INTERRUPTED, outcome);
    }
  }

  @ParameterizedTest
  @MethodSource("milestones")
  void a_bug_at_any_point_leaves_no_trace(Milestone at) throws Exception {
    Milestones buggy =
        milestone -> {
          if (milestone == at) {
            throw new IllegalStateException("a bug at " + at);
          }
        };

    var failed =
        failedWithoutATrace(
            FailureReason.INTERNAL, backup(buggy, near, far).run(Optional.empty(), Progress.NONE));
    assertTrue(failed.message().contains("a bug at " + at), failed.message());
  }

  /// The folders as they are at a point are what a process that dies there leaves.
  @ParameterizedTest
  @MethodSource("milestones")
  void a_death_at_any_point_is_cleaned_up_and_loses_no_finished_backup(Milestone at)
      throws Exception {
    String earlier = stored(run()).id();
    Path image = work.resolve("image");
    Milestones photographing =
        milestone -> {
          if (milestone == at) {
            copy(List.of("spool", "near", "far"), image);
          }
        };
    String id = stored(backup(photographing, near, far).run(Optional.empty(), Progress.NONE)).id();

    Files.delete(image.resolve("spool/.lock"));
    try (Spool left = Spool.open(image.resolve("spool"));
        Store leftNear = LocalStore.open("near", image.resolve("near"));
        Store leftFar = LocalStore.open("far", image.resolve("far"))) {
      Sweep.run(List.of(leftNear, leftFar), left, NOW);

      Catalogue catalogue = new Catalogue(List.of(leftNear, leftFar), keys.trusted());
      boolean finished = at == Milestone.MANIFEST_STORED;
      assertEquals(
          finished ? List.of(earlier, id).stream().sorted().toList() : List.of(earlier),
          catalogue.list().stream().map(Catalogue.Entry::id).sorted().toList());
      for (Catalogue.Entry entry : catalogue.list()) {
        assertTrue(catalogue.verify(entry, Optional.of(keys.escrow())).good());
      }
      assertEquals(finished ? 8 : 4, leftNear.list().size());
      assertEquals(List.of(".lock"), files(image.resolve("spool")));
    }
  }

  private void copy(List<String> folders, Path to) {
    try {
      for (String folder : folders) {
        Files.createDirectories(to.resolve(folder));
        for (String file : files(work.resolve(folder))) {
          Files.copy(work.resolve(folder).resolve(file), to.resolve(folder).resolve(file));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void milestones_come_in_the_order_of_the_crash_table_and_progress_in_stages() {
    List<Milestone> milestones = new ArrayList<>();
    List<String> stages = new ArrayList<>();
    backup(milestones::add, near)
        .run(
            Optional.empty(),
            (stage, _) -> {
              if (stages.isEmpty() || !stages.getLast().equals(stage)) {
                stages.add(stage);
              }
            });

    assertEquals(List.copyOf(Milestone.ofRun()), milestones);
    assertEquals(List.of("snapshot", "proving", "storing"), stages);
  }

  @Test
  void what_an_undo_could_not_delete_is_swept_before_the_next_run() throws Exception {
    var broken = new AtomicBoolean(true);
    Store stuck =
        new FaultyStore(
            far,
            object -> object.endsWith(".key") && broken.get(),
            StoreException.Reason.UNAVAILABLE,
            false);
    Milestones removing =
        milestone -> {
          if (milestone == Milestone.DATA_STORED && broken.get()) {
            copy(List.of("far"), work.resolve("kept"));
          }
        };
    failed(FailureReason.STORE, backup(removing, near, stuck).run(Optional.empty(), Progress.NONE));
    // As if the deletion had failed: the object is back, and the spool remembers the run.
    for (String file : files(work.resolve("kept/far"))) {
      Files.copy(work.resolve("kept/far").resolve(file), work.resolve("far").resolve(file));
      spool.abandon(BackupId.ofObject(file).orElseThrow());
    }
    broken.set(false);

    stored(backup(Milestones.NONE, near, stuck).run(Optional.empty(), Progress.NONE));

    assertEquals(4, files(work.resolve("far")).size());
  }
}
