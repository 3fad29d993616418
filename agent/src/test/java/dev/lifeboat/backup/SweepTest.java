package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.store.Store;
import dev.lifeboat.store.local.LocalStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SweepTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final BackupId RECENT = id("20261115T120001Z-00000001");
  private static final BackupId OLD = id("20261115T115959Z-00000002");
  private static final BackupId DONE = id("20261101T020001Z-00000003");
  private static final String RECIPIENT = "0123456789abcdef";

  @TempDir Path work;

  @Test
  void orphans_older_than_a_week_go_keys_before_data_and_finished_backups_stay() {
    try (Store store = LocalStore.open("here", work.resolve("store"));
        Spool spool = Spool.open(work.resolve("spool"))) {
      put(store, RECENT.data(), RECENT.key(RECIPIENT), OLD.data(), OLD.key(RECIPIENT));
      put(store, OLD.text() + ".0000000b.pin");
      put(store, DONE.data(), DONE.key(RECIPIENT), DONE.manifest(), "notes.txt");

      assertEquals(
          List.of(OLD.text() + ".0000000b.pin", OLD.key(RECIPIENT), OLD.data()),
          Sweep.orphans(Sweep.objectsById(store), List.of(), NOW).get(OLD));
      Sweep.run(List.of(store), spool, NOW);

      assertEquals(
          List.of(
              DONE.key(RECIPIENT),
              DONE.data(),
              DONE.manifest(),
              RECENT.key(RECIPIENT),
              RECENT.data(),
              "notes.txt"),
          names(store));
    }
  }

  @Test
  void what_a_dead_run_of_this_spool_left_goes_at_once() throws Exception {
    Files.createDirectory(work.resolve("spool"));
    Files.write(work.resolve("spool").resolve(RECENT.spooled()), new byte[1]);
    try (Store store = LocalStore.open("here", work.resolve("store"));
        Spool spool = Spool.open(work.resolve("spool"))) {
      put(store, RECENT.data(), RECENT.key(RECIPIENT));

      Sweep.run(List.of(store), spool, NOW);

      assertEquals(List.of(), names(store));
      assertEquals(List.of(), spool.deadRuns());
    }
  }

  @Test
  void a_backup_finished_by_a_run_that_died_afterwards_stays() throws Exception {
    Files.createDirectory(work.resolve("spool"));
    Path left = Files.write(work.resolve("spool").resolve(DONE.spooled()), new byte[1]);
    try (Store store = LocalStore.open("here", work.resolve("store"));
        Spool spool = Spool.open(work.resolve("spool"))) {
      put(store, DONE.data(), DONE.manifest());

      Sweep.run(List.of(store), spool, NOW);

      assertEquals(List.of(DONE.data(), DONE.manifest()), names(store));
      assertEquals(false, Files.exists(left));
    }
  }

  @Test
  void a_dead_run_is_not_forgotten_while_a_store_cannot_be_swept() throws Exception {
    Files.createDirectory(work.resolve("spool"));
    Path left = Files.write(work.resolve("spool").resolve(RECENT.spooled()), new byte[1]);
    try (Store store = LocalStore.open("here", work.resolve("store"));
        Spool spool = Spool.open(work.resolve("spool"))) {
      Files.delete(work.resolve("store"));

      Sweep.run(List.of(store), spool, NOW.plus(Duration.ofDays(8)));

      assertEquals(List.of(RECENT), spool.deadRuns());
      assertEquals(true, Files.exists(left));
    }
  }

  private static BackupId id(String text) {
    return new BackupId(text);
  }

  private static void put(Store store, String... objects) {
    for (String object : objects) {
      store.put(object, new byte[] {1});
    }
  }

  private static List<String> names(Store store) {
    return store.list().stream().map(Store.StoredObject::name).toList();
  }
}
