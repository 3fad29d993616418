package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Replication.Missing;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.retention.Period;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.retention.Rule;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import dev.lifeboat.store.local.LocalStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicationTest {
  private static final Instant TAKEN = Instant.parse("2026-11-22T02:00:01Z");
  private static final String ID = MadeBackup.id(TAKEN);

  @TempDir Path work;
  private Keyring keys;
  private Path near;
  private Path far;
  private Store source;
  private Store target;
  private Replication replication;

  @BeforeEach
  void a_source_with_one_backup() throws Exception {
    keys = Keyring.in(work);
    near = work.resolve("near");
    far = work.resolve("far");
    source = LocalStore.open("near", near);
    target = LocalStore.open("far", far);
    replication =
        new Replication(
            work.resolve("spool/replica"),
            keys.trusted(),
            new Readers(),
            InstantSource.fixed(TAKEN.plusSeconds(3600)),
            new Memory());
    made(TAKEN).storeIn(near, keys.recipients());
  }

  @AfterEach
  void close() {
    source.close();
    target.close();
  }

  @Test
  void a_copy_is_the_backup_byte_by_byte_and_nothing_is_missing_then() throws Exception {
    copyAll();

    assertEquals(files(near), files(far));
    for (String file : files(far)) {
      assertEquals(-1, Files.mismatch(near.resolve(file), far.resolve(file)), file);
    }
    assertEquals(List.of(), missing());
    assertEquals(List.of(), files(work.resolve("spool/replica")));
    var entry = new Catalogue(List.of(target), keys.trusted()).find(ID).orElseThrow();
    assertTrue(
        new Catalogue(List.of(target), keys.trusted()).verify(entry, Optional.empty()).good());
  }

  @Test
  void a_backup_of_a_slot_is_copied_under_the_name_of_its_slot() throws Exception {
    Instant earlier = TAKEN.minus(Duration.ofDays(1));
    made(earlier).scheduled("daily").storeIn(near, keys.recipients());

    copyAll();

    assertTrue(files(far).contains("daily-20261121T020000Z.manifest"), files(far)::toString);
    assertEquals(List.of(), missing());
  }

  @Test
  void the_newest_comes_first() {
    made(TAKEN.minus(Duration.ofDays(2))).storeIn(near, keys.recipients());
    made(TAKEN.minus(Duration.ofDays(1))).storeIn(near, keys.recipients());

    List<Instant> taken = missing().stream().map(Missing::takenAt).toList();

    assertEquals(
        List.of(TAKEN, TAKEN.minus(Duration.ofDays(1)), TAKEN.minus(Duration.ofDays(2))), taken);
  }

  @Test
  void what_the_retention_of_the_replica_would_delete_at_once_is_not_copied() {
    for (int day = 1; day <= 9; day++) {
      made(TAKEN.minus(Duration.ofDays(day))).storeIn(near, keys.recipients());
    }
    RetentionPolicy week =
        new RetentionPolicy(
            List.of(new Rule.Within(Period.ALL, Duration.ofDays(7))),
            RetentionPolicy.MAX_SHARE_PERCENT);

    assertEquals(7, replication.missing(source, target, week).size());
  }

  @Test
  void a_copy_that_broke_off_is_completed() throws Exception {
    for (String suffix : List.of(".data", "." + keys.recipients().getFirst().id() + ".key")) {
      Files.copy(near.resolve(ID + suffix), far.resolve(ID + suffix));
    }

    copyAll();

    assertEquals(files(near), files(far));
  }

  @Test
  void parts_that_are_not_those_of_the_backup_are_replaced_while_there_is_no_manifest()
      throws Exception {
    byte[] data = Files.readAllBytes(near.resolve(ID + ".data"));
    data[100] ^= 1;
    Files.write(far.resolve(ID + ".data"), data);

    copyAll();

    assertEquals(-1, Files.mismatch(near.resolve(ID + ".data"), far.resolve(ID + ".data")));
  }

  @Test
  void damaged_data_is_told_and_nothing_of_the_backup_is_copied() throws Exception {
    byte[] data = Files.readAllBytes(near.resolve(ID + ".data"));
    data[100] ^= 1;
    Files.write(near.resolve(ID + ".data"), data);

    StoreException e = assertThrows(StoreException.class, this::copyAll);

    assertEquals(Reason.CORRUPTED, e.reason());
    assertTrue(String.valueOf(e.getMessage()).contains(ID + ".data is not copied"), e::getMessage);
    assertEquals(List.of(), files(far));
    assertEquals(List.of(), files(work.resolve("spool/replica")));
  }

  @Test
  void a_key_document_that_nobody_trusted_has_signed_is_not_copied() throws Exception {
    MadeBackup forged = made(TAKEN, SigningKey.generate("stranger"));
    String key = ID + "." + keys.recipients().getFirst().id() + ".key";
    Files.write(near.resolve(key), forged.keyDocument(keys.recipients().getFirst()));

    StoreException e = assertThrows(StoreException.class, this::copyAll);

    assertEquals(Reason.CORRUPTED, e.reason());
    assertEquals(List.of(), files(far));
  }

  @Test
  void a_backup_that_cannot_be_trusted_or_is_not_whole_is_not_missing() throws Exception {
    made(TAKEN.minusSeconds(86400), SigningKey.generate("stranger"))
        .storeIn(near, keys.recipients());
    Files.delete(near.resolve(ID + ".data"));

    assertEquals(List.of(), missing());
  }

  @Test
  void records_of_verifications_stay_where_they_are() throws Exception {
    var catalogue = new Catalogue(List.of(source), keys.trusted());
    var entry = catalogue.find(ID).orElseThrow();
    var verification = catalogue.verify(entry, Optional.empty());
    Checks.write(
        source,
        Check.of(verification, verification.copies().getFirst(), "test", Optional.empty()),
        List.of(),
        keys.signing());

    copyAll();

    assertTrue(files(near).stream().anyMatch(file -> file.endsWith(".check")));
    assertEquals(List.of(), files(far).stream().filter(file -> file.endsWith(".check")).toList());
  }

  @Test
  void parts_of_a_copy_that_nobody_finished_go_after_a_week_by_the_clock_of_the_store()
      throws Exception {
    Path young = Files.copy(near.resolve(ID + ".data"), far.resolve(ID + ".data"));
    String other = MadeBackup.id(TAKEN.minus(Duration.ofDays(900)));
    Path old = Files.copy(near.resolve(ID + ".data"), far.resolve(other + ".data"));
    // Copied a moment ago, though the backup is of three years ago: somebody may be at it.
    replication.cleanUp(target);
    assertTrue(Files.exists(old));

    Files.setLastModifiedTime(old, FileTime.from(target.now().minus(Duration.ofDays(8))));
    replication.cleanUp(target);

    assertTrue(Files.exists(young));
    assertTrue(Files.notExists(old));
  }

  @Test
  void what_a_dead_process_left_in_the_folder_goes() throws Exception {
    Path folder = Files.createDirectories(work.resolve("spool/replica"));
    Files.writeString(folder.resolve("copy-1.data"), "half");

    replication.clean();

    assertEquals(List.of(), files(folder));
  }

  private MadeBackup made(Instant at) {
    return made(at, keys.signing());
  }

  private MadeBackup made(Instant at, SigningKey by) {
    return MadeBackup.at(at, by, keys.recipients());
  }

  private List<Missing> missing() {
    return replication.missing(source, target, RetentionPolicy.FOR_EVER);
  }

  private void copyAll() {
    missing().forEach(backup -> replication.copy(backup, source, target));
  }

  private static List<String> files(Path folder) throws Exception {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
