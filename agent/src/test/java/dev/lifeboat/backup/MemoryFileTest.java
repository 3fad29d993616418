package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.local.LocalStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryFileTest {
  private static final Instant TAKEN = Instant.parse("2026-11-22T02:00:01Z");
  private static final int BACKUPS = 20;

  @TempDir Path work;
  private Keyring keys;
  private Path folder;
  private Store store;
  private Path file;

  @BeforeEach
  void an_agent_has_read_a_store_and_saved_what_it_knows() throws Exception {
    keys = Keyring.in(work);
    folder = work.resolve("store");
    file = work.resolve(".known-documents");
    store = LocalStore.open("near", folder);
    for (int day = 0; day < BACKUPS; day++) {
      MadeBackup.at(TAKEN.minus(Duration.ofDays(day)), keys.signing(), keys.recipients())
          .storeIn(folder, keys.recipients());
    }
    Memory memory = new Memory();
    Catalogue catalogue = catalogue(memory);
    Entry newest = catalogue.list().getFirst();
    var verification = catalogue.verify(newest, Optional.empty());
    Checks.write(
        store,
        Check.of(verification, verification.copies().getFirst(), "test", Optional.empty()),
        List.of(),
        keys.signing());
    var _ = catalogue.list();
    MemoryFile.save(work, memory, keys.trusted(), keys::signing);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void who_loads_it_knows_the_same_without_a_look_into_the_store() throws Exception {
    List<Entry> read = catalogue(new Memory()).list();
    damageEveryDocument();

    List<Entry> remembered = catalogue(MemoryFile.load(work, keys.trusted())).list();

    assertEquals(read, remembered);
    assertEquals(
        List.of(true), remembered.getFirst().checks().values().stream().map(Check::good).toList());
    assertSame(
        remembered.getFirst().manifest().orElseThrow().mounts(),
        remembered.getLast().manifest().orElseThrow().mounts());
  }

  /// Saved again and loaded again it is the same.
  @Test
  void it_is_for_its_owner_alone_and_stays_the_same() throws Exception {
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    Memory loaded = MemoryFile.load(work, keys.trusted());
    MemoryFile.save(work, loaded, keys.trusted(), keys::signing);

    assertEquals(loaded.documents().size(), documents(keys.trusted()));
    assertEquals(BACKUPS + 1, documents(keys.trusted()));
    assertFalse(Files.exists(work.resolve(".known-documents.partial")));
  }

  @Test
  void who_trusts_others_takes_nothing_from_it() {
    SigningKey other = SigningKey.generate("other");

    assertEquals(0, documents(TrustedSigners.of(List.of(other.signer()))));
    assertEquals(0, documents(TrustedSigners.of(List.of(keys.signing().signer(), other.signer()))));
  }

  @Test
  void one_that_a_stranger_signed_says_nothing() {
    SigningKey stranger = SigningKey.generate("stranger");
    MemoryFile.save(work, MemoryFile.load(work, keys.trusted()), keys.trusted(), () -> stranger);

    assertEquals(0, documents(keys.trusted()));
  }

  @Test
  void one_that_is_damaged_or_cut_anywhere_says_nothing() throws Exception {
    byte[] good = Files.readAllBytes(file);
    List<Memory.Document> all = MemoryFile.load(work, keys.trusted()).documents();
    for (int at = 0; at < good.length; at += Math.max(1, good.length / 60)) {
      byte[] damaged = good.clone();
      damaged[at] ^= 0x10;
      Files.write(file, damaged);
      // Not all of gzip's own is read, such as the time in its header.
      List<Memory.Document> loaded = MemoryFile.load(work, keys.trusted()).documents();
      assertTrue(loaded.isEmpty() || loaded.equals(all), "damaged at " + at);
      Files.write(file, Arrays.copyOf(good, at));
      loaded = MemoryFile.load(work, keys.trusted()).documents();
      assertTrue(loaded.isEmpty() || (loaded.equals(all) && at > good.length - 12), "cut at " + at);
    }
  }

  @Test
  void without_it_nothing_is_known() throws Exception {
    Files.delete(file);

    assertEquals(0, documents(keys.trusted()));
  }

  @Test
  void a_document_that_was_exchanged_since_is_read() throws Exception {
    damageEveryDocument();
    Path newest = folder.resolve(MadeBackup.id(TAKEN) + ".manifest");
    Files.delete(newest);
    Files.writeString(newest, "another");

    Entry entry = catalogue(MemoryFile.load(work, keys.trusted())).list().getFirst();

    assertTrue(entry.trouble().isPresent());
  }

  /// The node's key cannot be read, or the spool is not there: nothing but a line in the log.
  @Test
  void that_it_cannot_be_saved_harms_nobody() {
    Memory memory = MemoryFile.load(work, keys.trusted());

    MemoryFile.save(
        work,
        memory,
        keys.trusted(),
        () -> {
          throw new KeyException(KeyException.Reason.BAD_KEY_FILE, "no key\nhint: make one");
        });
    MemoryFile.save(work.resolve("nowhere"), memory, keys.trusted(), keys::signing);

    assertEquals(BACKUPS + 1, documents(keys.trusted()));
  }

  private int documents(TrustedSigners signers) {
    return MemoryFile.load(work, signers).documents().size();
  }

  private Catalogue catalogue(Memory memory) {
    return new Catalogue(
        List.of(store), keys.trusted(), InstantSource.fixed(TAKEN), new Readers(), memory);
  }

  /// In place and with the time of before, so that their versions stay.
  private void damageEveryDocument() throws Exception {
    for (Store.StoredObject object : store.list()) {
      if (object.name().endsWith(".manifest") || object.name().endsWith(".check")) {
        Path path = folder.resolve(object.name());
        var time = Files.getLastModifiedTime(path);
        Files.write(path, new byte[] {'x'});
        Files.setLastModifiedTime(path, time);
      }
    }
  }
}
