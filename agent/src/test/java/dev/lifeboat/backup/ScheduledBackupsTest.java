package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.retention.Period;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.retention.Rule;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backups whose manifests are named by their slots: found, verified, swept around and expired by
/// the ids that the manifests name.
final class ScheduledBackupsTest {
  private static final String ID = "20261122T020001Z-0000000a";
  private static final String MANIFEST = "daily-20261122T020000Z.manifest";

  @TempDir Path work;
  private Keyring keys;
  private Path near;
  private Path far;
  private Store nearStore;
  private Store farStore;
  private MadeBackup made;

  @BeforeEach
  void open() throws IOException {
    keys = Keyring.in(work);
    near = work.resolve("near");
    far = work.resolve("far");
    nearStore = LocalStore.open("near", near);
    farStore = LocalStore.open("far", far);
    made = MadeBackup.of(ID, keys.signing(), keys.recipients()).scheduled("daily");
    made.storeIn(near, keys.recipients());
    made.storeIn(far, keys.recipients());
  }

  @AfterEach
  void close() {
    nearStore.close();
    farStore.close();
  }

  private Catalogue catalogue() {
    return new Catalogue(List.of(nearStore, farStore), keys.trusted());
  }

  private void damage(Path folder) throws IOException {
    Files.write(folder.resolve(MANIFEST), new byte[] {1, 2, 3});
  }

  private static List<String> names(Store store) {
    return store.list().stream().map(Store.StoredObject::name).toList();
  }

  @Test
  void a_backup_is_found_by_its_id_and_by_its_slot() {
    for (String begin : List.of(ID, ID.substring(0, 12), MANIFEST, "daily-20261122")) {
      Entry entry = catalogue().find(begin).orElseThrow();

      assertEquals(ID, entry.id());
      assertEquals(List.of("near", "far"), entry.stores());
      assertTrue(catalogue().verify(entry, Optional.of(keys.escrow())).good());
    }
  }

  @Test
  void a_manifest_under_the_name_of_another_slot_is_not_trusted() throws IOException {
    String later = "daily-20261123T020000Z.manifest";
    Files.move(near.resolve(MANIFEST), near.resolve(later));
    Files.delete(far.resolve(MANIFEST));

    Entry entry = catalogue().list().getFirst();

    assertEquals(ID, entry.id());
    assertEquals(Optional.of("it is the manifest of another backup, " + ID), entry.trouble());
  }

  @Test
  void a_damaged_manifest_is_told_by_that_of_another_store() throws IOException {
    damage(near);

    List<Entry> entries = catalogue().list();

    assertEquals(List.of(ID), entries.stream().map(Entry::id).toList());
    List<Finding> findings =
        catalogue().verify(entries.getFirst(), Optional.of(keys.escrow())).findings();
    assertEquals(List.of("near " + MANIFEST), findings.stream().map(this::place).toList());
  }

  private String place(Finding finding) {
    return finding.store() + " " + finding.object();
  }

  @Test
  void a_manifest_damaged_everywhere_is_listed_by_its_name() throws IOException {
    damage(near);
    damage(far);

    Entry entry = catalogue().find("daily-2026").orElseThrow();

    assertEquals(MANIFEST, entry.id());
    assertEquals(2, catalogue().verify(entry, Optional.empty()).findings().size());
  }

  @Test
  void a_stranger_who_names_a_backup_a_second_time_does_not_hide_it() {
    byte[] forged = SigningKey.generate("stranger").sign(made.manifest().toJson());
    MadeBackup.write(near, ID + ".manifest", forged);

    List<Entry> entries = catalogue().list();

    assertEquals(List.of(ID + ".manifest", ID), entries.stream().map(Entry::id).toList());
    assertEquals(Optional.empty(), entries.getLast().trouble());
  }

  @Test
  void the_sweep_keeps_what_a_manifest_of_a_slot_names_and_removes_the_rest() {
    BackupId orphan = new BackupId("20261101T020001Z-0000000b");
    MadeBackup.write(near, orphan.data(), new byte[1]);
    List<String> whole = names(farStore);
    try (Spool spool = Spool.open(work.resolve("spool"))) {
      Sweep.run(List.of(nearStore, farStore), spool, Instant.parse("2027-11-22T02:00:00Z"));
    }

    assertEquals(whole, names(nearStore));
    assertEquals(whole, names(farStore));
  }

  @Test
  void the_sweep_stops_before_a_manifest_that_does_not_say_whose_it_is() throws IOException {
    damage(near);
    List<String> before = names(nearStore);
    try (Spool spool = Spool.open(work.resolve("spool"))) {
      Sweep.run(List.of(nearStore), spool, Instant.parse("2027-11-22T02:00:00Z"));
    }

    assertEquals(before, names(nearStore));
  }

  @Test
  void expiry_deletes_the_manifest_of_the_slot_and_the_objects_of_the_id() {
    Instant later = Instant.parse("2026-11-23T02:00:01Z");
    MadeBackup newer = MadeBackup.at(later, keys.signing(), keys.recipients()).scheduled("daily");
    newer.storeIn(near, keys.recipients());
    Expiry expiry = new Expiry(keys.trusted(), new Readers(), () -> later, Milestones.NONE);
    RetentionPolicy last = new RetentionPolicy(List.of(new Rule.Count(Period.ALL, 1)), 100);

    RetentionPlan plan = expiry.plan(nearStore, last, true);
    Expired expired = expiry.carryOut(nearStore, plan, Progress.NONE);

    assertEquals(List.of(ID), expired.deleted());
    assertTrue(expired.done());
    assertFalse(names(nearStore).stream().anyMatch(name -> name.startsWith(ID)));
    assertEquals(
        List.of("daily-20261123T020000Z.manifest"),
        names(nearStore).stream().filter(ManifestName::isManifest).toList());
  }

  @Test
  void the_newest_of_each_schedule_stays_for_it_says_that_its_slot_was_done() {
    Instant later = Instant.parse("2026-11-25T09:00:01Z");
    for (String hour : List.of("07", "08", "09")) {
      MadeBackup.at(
              Instant.parse("2026-11-25T" + hour + ":00:01Z"), keys.signing(), keys.recipients())
          .scheduled("hourly")
          .storeIn(near, keys.recipients());
    }
    Expiry expiry = new Expiry(keys.trusted(), new Readers(), () -> later, Milestones.NONE);
    RetentionPolicy last = new RetentionPolicy(List.of(new Rule.Count(Period.ALL, 1)), 100);

    RetentionPlan plan = expiry.plan(nearStore, last, true);

    assertEquals(List.of("newest of daily"), plan.decision(ID).orElseThrow().reasons());
    assertEquals(2, plan.toDelete().size());
  }
}
