package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.schedule.Slot;
import dev.lifeboat.store.ForwardingStore;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
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
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A process dies while it stores a backup, and the next one of the same spool finishes it.
final class ResumedBackupTest {
  private static final Instant NOW = Instant.parse("2026-11-22T02:00:01.500Z");
  private static final Instant AT = Instant.parse("2026-11-22T02:00:00Z");
  private static final Slot SLOT = new Slot("daily", AT, AT.plus(Duration.ofDays(2)));
  private static final Occasion DUE =
      new Occasion(
          Optional.of(SLOT),
          Optional.of("nightly"),
          Optional.of(new Occasion.Pinning(Optional.empty(), "test")));

  @TempDir Path work;
  private Keyring keys;
  private ScriptedCluster cluster;
  private Instant now = NOW;
  private final List<AutoCloseable> open = new ArrayList<>();
  private Path image;

  @BeforeEach
  void start() throws Exception {
    keys = Keyring.in(work);
    cluster = new ScriptedCluster(work);
    image = work.resolve("image");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    cluster.close();
  }

  /// What one process has of a folder: spool and stores.
  private record Place(Spool spool, Store near, Store far) {}

  private Place place(Path folder) {
    Place place =
        new Place(
            Spool.open(folder.resolve("spool")),
            LocalStore.open("near", folder.resolve("near")),
            LocalStore.open("far", folder.resolve("far")));
    open.addAll(List.of(place.spool(), place.near(), place.far()));
    return place;
  }

  private Backup backup(Place place, Milestones milestones) {
    return backup(place.spool(), milestones, place.near(), place.far());
  }

  private Backup backup(Spool spool, Milestones milestones, Store... stores) {
    var config =
        new BackupConfig(
            "node-1",
            Optional.empty(),
            Map.of(),
            spool.folder(),
            Duration.ofSeconds(5),
            keys.recipientsFile(),
            keys.signingKeyFile(),
            keys.trustedSignersFile(),
            Optional.empty(),
            Optional.empty(),
            "near",
            VerificationConfig.NONE,
            List.of(
                new StoreConfig("near", true, new StoreConfig.Local(work.resolve("near"))),
                new StoreConfig("far", true, new StoreConfig.Local(work.resolve("far")))));
    return new Backup(
        cluster.client, cluster.keeper, config, List.of(stores), spool, () -> now, milestones);
  }

  /// Takes a backup, and leaves in `image` what a process that died at this point had left.
  private String dyingAt(Milestone at) {
    Place place = place(work.resolve("alive"));
    BackupOutcome outcome =
        backup(
                place,
                milestone -> {
                  if (milestone == at) {
                    copy(work.resolve("alive"), image);
                  }
                })
            .run(DUE, Progress.NONE);
    return stored(outcome).manifest().id();
  }

  private static BackupOutcome.Stored stored(BackupOutcome outcome) {
    return assertInstanceOf(BackupOutcome.Stored.class, outcome, outcome.toString());
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(each -> !each.endsWith(".lock")).toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> names(Store store) {
    return store.list().stream()
        .map(Store.StoredObject::name)
        .filter(name -> !name.endsWith(".claim"))
        .toList();
  }

  private List<String> spooled() throws IOException {
    try (Stream<Path> files = Files.list(image.resolve("spool"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DATA_STORED", "KEYS_STORED", "MANIFEST_STORED"})
  void what_was_proven_and_begun_to_be_stored_is_finished_without_asking_the_cluster(Milestone at)
      throws Exception {
    String id = dyingAt(at);
    cluster.close();
    Place left = place(image);
    Backup next = backup(left, Milestones.NONE);
    next.cleanUp();
    assertEquals(Optional.of(SLOT), next.unfinished().flatMap(Occasion::slot));

    BackupOutcome.Stored finished = stored(next.finish(Progress.NONE));

    assertEquals(id, finished.manifest().id());
    assertEquals(Optional.of("nightly"), finished.manifest().label());
    for (Store store : List.of(left.near(), left.far())) {
      assertEquals(5, names(store).size(), names(store)::toString);
      assertEquals(5, store.list().size(), "no claim stays");
      Catalogue catalogue = new Catalogue(List.of(store), keys.trusted());
      var entry = catalogue.list().getFirst();
      assertTrue(catalogue.verify(entry, Optional.of(keys.escrow())).good());
    }
    assertEquals(List.of(".lock"), spooled());
    assertEquals(Optional.empty(), next.unfinished());
  }

  @Test
  void what_was_only_proven_is_swept() throws Exception {
    String id = dyingAt(Milestone.PROVEN);
    Place left = place(image);
    Backup next = backup(left, Milestones.NONE);
    assertEquals(Optional.empty(), next.unfinished());
    assertEquals(
        FailureReason.BUSY,
        assertInstanceOf(BackupOutcome.Failed.class, next.finish(Progress.NONE)).reason());

    next.cleanUp();

    assertEquals(List.of(), left.spool().deadRuns(), id);
    assertEquals(List.of(".lock"), spooled());
  }

  @Test
  void a_new_run_takes_the_place_of_one_that_nobody_finished() {
    String dead = dyingAt(Milestone.KEYS_STORED);
    Place left = place(image);

    String id = stored(backup(left, Milestones.NONE).run(DUE, Progress.NONE)).manifest().id();

    assertTrue(names(left.near()).stream().noneMatch(name -> name.startsWith(dead)), id);
    assertEquals(5, names(left.far()).size());
  }

  @Test
  void a_slot_that_is_over_or_anothers_is_not_finished_and_nothing_stays() throws Exception {
    String dead = dyingAt(Milestone.KEYS_STORED);
    Path twin = work.resolve("twin");
    copy(image, twin);
    Place left = place(image);
    now = SLOT.until();
    var late =
        assertInstanceOf(
            BackupOutcome.Failed.class, backup(left, Milestones.NONE).finish(Progress.NONE));
    assertEquals(FailureReason.LATE, late.reason());
    assertEquals(List.of(), names(left.near()));
    assertEquals(List.of(), names(left.far()));
    assertEquals(List.of(".lock"), spooled());

    now = NOW;
    Place other = place(twin);
    Spool elsewhere = Spool.open(work.resolve("elsewhere"));
    open.add(elsewhere);
    String winner =
        stored(
                backup(elsewhere, Milestones.NONE, other.near(), other.far())
                    .run(DUE, Progress.NONE))
            .manifest()
            .id();
    var taken =
        assertInstanceOf(
            BackupOutcome.SlotTaken.class, backup(other, Milestones.NONE).finish(Progress.NONE));
    assertEquals(winner, taken.by());
    assertTrue(names(other.near()).stream().noneMatch(name -> name.startsWith(dead)));
  }

  @Test
  void a_file_that_changed_since_or_a_journal_that_is_cut_is_no_backup() throws Exception {
    String id = dyingAt(Milestone.DATA_STORED);
    Path journal = image.resolve("spool/" + id + ".spooled.journal");
    byte[] whole = Files.readAllBytes(journal);
    Files.write(journal, java.util.Arrays.copyOf(whole, whole.length / 2));
    Files.write(image.resolve("spool/" + id + ".spooled.journal.partial"), new byte[1]);
    Files.write(image.resolve("spool/20261122T020001Z-00000001.spooled.journal"), whole);
    Place left = place(image);
    Backup next = backup(left, Milestones.NONE);
    assertEquals(Optional.empty(), next.unfinished());
    assertEquals(List.of(".lock", id + ".spooled", id + ".spooled.journal"), spooled());

    Files.write(journal, whole);
    Path data = image.resolve("spool/" + id + ".spooled");
    byte[] changed = Files.readAllBytes(data);
    changed[100] ^= 1;
    Files.delete(data);
    Files.write(data, changed);
    var failed = assertInstanceOf(BackupOutcome.Failed.class, next.finish(Progress.NONE));

    assertEquals(FailureReason.READBACK, failed.reason(), failed.message());
    assertEquals(
        List.of(), names(left.far()).stream().filter(n -> n.endsWith(".manifest")).toList());
  }

  @Test
  void a_manifest_that_arrives_after_its_run_was_undone_does_not_keep_the_slot() throws Exception {
    Place place = place(work.resolve("alive"));
    List<byte[]> late = new ArrayList<>();
    Store slow =
        new ForwardingStore() {
          @Override
          protected Store store() {
            return place.near();
          }

          @Override
          public void put(String object, byte[] content) {
            if (object.endsWith(".manifest") && late.isEmpty()) {
              late.add(content);
              throw new StoreException(StoreException.Reason.UNAVAILABLE, "no answer");
            }
            super.put(object, content);
          }
        };
    Backup agent = backup(place.spool(), Milestones.NONE, slow, place.far());
    assertInstanceOf(BackupOutcome.Failed.class, agent.run(DUE, Progress.NONE));
    assertEquals(List.of(), names(place.near()));
    place.near().put("daily-20261122T020000Z.manifest", late.getFirst());
    Path mark;
    try (Stream<Path> files = Files.list(place.spool().folder())) {
      mark = files.filter(file -> file.toString().contains(".undone-")).findFirst().orElseThrow();
    }

    BackupOutcome.Stored second = stored(agent.run(DUE, Progress.NONE));

    assertEquals(5, names(place.near()).size(), second.manifest().id());
    Files.setLastModifiedTime(mark, FileTime.from(NOW.minus(Duration.ofDays(2))));
    agent.cleanUp();
    assertTrue(Files.notExists(mark));
  }
}
