package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.store.ForwardingStore;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryTest {
  private static final Instant TAKEN = Instant.parse("2026-11-22T02:00:01Z");
  private static final int BACKUPS = 40;

  @TempDir Path work;
  private Keyring keys;
  private Path folder;
  private CountingStore store;
  private Catalogue catalogue;

  @BeforeEach
  void a_store_with_backups_and_a_record() throws Exception {
    keys = Keyring.in(work);
    folder = work.resolve("store");
    store = new CountingStore(LocalStore.open("near", folder), new ArrayList<>());
    for (int day = 0; day < BACKUPS; day++) {
      made(TAKEN.minus(Duration.ofDays(day)), keys.signing()).storeIn(folder, keys.recipients());
    }
    catalogue =
        new Catalogue(
            List.of(store),
            keys.trusted(),
            InstantSource.fixed(TAKEN),
            new Readers(),
            new Memory());
    Entry newest = catalogue.list().getFirst();
    var verification = catalogue.verify(newest, Optional.empty());
    Checks.write(
        store,
        Check.of(verification, verification.copies().getFirst(), "test", Optional.empty()),
        List.of(),
        keys.signing());
    store.read.clear();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void what_has_not_changed_is_not_read_again() {
    List<Entry> first = catalogue.list();
    assertEquals(1, store.read.size(), "only the record is new: " + store.read);

    store.read.clear();
    List<Entry> second = catalogue.list();

    assertEquals(List.of(), store.read);
    assertEquals(first, second);
    assertEquals(
        List.of(true), second.getFirst().checks().values().stream().map(Check::good).toList());
  }

  @Test
  void another_document_of_the_same_name_is_read() throws Exception {
    var _ = catalogue.list();
    store.read.clear();
    String object = MadeBackup.id(TAKEN) + ".manifest";
    Files.delete(folder.resolve(object));
    Files.write(folder.resolve(object), made(TAKEN, SigningKey.generate("stranger")).document());

    Entry newest = catalogue.list().getFirst();

    assertEquals(List.of(object), store.read);
    assertTrue(newest.trouble().isPresent());
  }

  @Test
  void what_cannot_be_trusted_is_read_every_time_until_it_can() throws Exception {
    String object = MadeBackup.id(TAKEN) + ".manifest";
    byte[] good = Files.readAllBytes(folder.resolve(object));
    Files.write(
        folder.resolve(object), "damaged".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertTrue(catalogue.list().getFirst().trouble().isPresent());
    store.read.clear();

    assertTrue(catalogue.list().getFirst().trouble().isPresent());
    assertEquals(List.of(object), store.read);
    Files.write(folder.resolve(object), good);
    assertTrue(catalogue.list().getFirst().trouble().isEmpty());
  }

  @Test
  void a_backup_that_is_gone_is_gone() throws Exception {
    var _ = catalogue.list();
    Files.delete(folder.resolve(MadeBackup.id(TAKEN) + ".manifest"));

    assertEquals(BACKUPS - 1, catalogue.list().size());
  }

  @Test
  void equal_parts_of_manifests_are_kept_once() {
    List<Entry> entries = catalogue.list();
    Manifest one = entries.getFirst().manifest().orElseThrow();
    Manifest other = entries.getLast().manifest().orElseThrow();

    assertSame(one.peers(), other.peers());
    assertSame(one.mounts(), other.mounts());
    assertSame(one.cluster(), other.cluster());
  }

  @Test
  void a_store_that_does_not_answer_says_so_from_whichever_thread() {
    Catalogue cold = new Catalogue(List.of(store), keys.trusted());
    store.away = true;

    assertThrows(StoreException.class, cold::list);
  }

  private MadeBackup made(Instant at, SigningKey by) {
    return MadeBackup.at(at, by, keys.recipients());
  }

  /// Does what another one does, and says what was read.
  private static final class CountingStore extends ForwardingStore {
    private final Store store;
    private final List<String> read;
    private volatile boolean away;

    CountingStore(Store store, List<String> read) {
      this.store = store;
      this.read = Collections.synchronizedList(read);
    }

    @Override
    public byte[] read(String object, int maxBytes) {
      if (away) {
        throw new StoreException(StoreException.Reason.UNAVAILABLE, "store near: it is a fake");
      }
      read.add(object);
      return store.read(object, maxBytes);
    }

    @Override
    protected Store store() {
      return store;
    }
  }
}
