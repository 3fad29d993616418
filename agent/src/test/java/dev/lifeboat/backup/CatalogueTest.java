package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.backup.Catalogue.Depth;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.backup.Catalogue.Verification;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

final class CatalogueTest {
  private static final String FIRST = "20261121T020001Z-00000001";
  private static final String SECOND = "20261122T020001Z-00000002";
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  @TempDir Path work;
  private Keyring keys;
  private Path near;
  private Path far;
  private Store store;
  private Store other;
  private Catalogue catalogue;
  private MadeBackup made;

  @BeforeEach
  void two_stores_with_one_backup() throws Exception {
    keys = Keyring.in(work);
    near = work.resolve("near");
    far = work.resolve("far");
    store = LocalStore.open("near", near);
    other = LocalStore.open("far", far);
    catalogue = new Catalogue(List.of(store, other), keys.trusted(), InstantSource.fixed(NOW));
    made = made(SECOND);
    made.storeIn(near, keys.recipients()).storeIn(far, keys.recipients());
  }

  @AfterEach
  void close() {
    store.close();
    other.close();
  }

  private MadeBackup made(String id) {
    return MadeBackup.of(id, keys.signing(), keys.recipients());
  }

  @Test
  void backups_are_listed_newest_first_with_their_stores() {
    made(FIRST).storeIn(far, keys.recipients());

    List<Entry> entries = catalogue.list();

    assertEquals(List.of(SECOND, FIRST), entries.stream().map(Entry::id).toList());
    assertEquals(List.of("near", "far"), entries.get(0).stores());
    assertEquals(List.of("far"), entries.get(1).stores());
    assertEquals(Optional.of(made.manifest()), entries.get(0).manifest());
    assertEquals(Optional.empty(), entries.get(0).trouble());
  }

  @Test
  void objects_without_a_manifest_are_no_backup() {
    BackupId unfinished = new BackupId(FIRST);
    MadeBackup.write(near, unfinished.data(), made.data());
    MadeBackup.write(near, "notes.txt", new byte[1]);

    assertEquals(List.of(SECOND), catalogue.list().stream().map(Entry::id).toList());
  }

  @Test
  void a_backup_is_found_by_the_beginning_of_its_id_when_only_one_begins_so() {
    made(FIRST).storeIn(near, keys.recipients());

    assertEquals(SECOND, catalogue.find(SECOND).orElseThrow().id());
    assertEquals(SECOND, catalogue.find("20261122").orElseThrow().id());
    assertEquals(Optional.empty(), catalogue.find("202611"));
    assertEquals(Optional.empty(), catalogue.find(""));
    assertEquals(Optional.empty(), catalogue.find("2027"));
  }

  @Test
  void a_forged_backup_is_listed_as_such_and_shows_what_it_claims() {
    SigningKey forger = SigningKey.generate("node-1");
    MadeBackup.of(FIRST, forger, keys.recipients()).storeIn(near, keys.recipients());

    Entry entry = catalogue.find(FIRST).orElseThrow();

    String trouble = entry.trouble().orElseThrow();
    assertTrue(
        trouble.startsWith("signed by " + forger.signer().id() + ", which is none"), trouble);
    assertEquals("node-1", entry.manifest().orElseThrow().node());
    assertThrows(KeyException.class, () -> extract(entry, keys.escrow()));
    Verification verification = catalogue.verify(entry, Optional.of(keys.escrow()));
    assertEquals(
        List.of(
            made(FIRST).id().manifest(),
            new BackupId(FIRST).key(sortedRecipients().get(0)),
            new BackupId(FIRST).key(sortedRecipients().get(1))),
        verification.findings().stream().map(Finding::object).toList());
  }

  private List<String> sortedRecipients() {
    return keys.recipients().stream().map(r -> r.id()).sorted().toList();
  }

  @Test
  void a_manifest_renamed_to_another_backup_is_not_trusted() {
    MadeBackup.write(near, new BackupId(FIRST).manifest(), made.document());

    Entry entry = catalogue.find(FIRST).orElseThrow();

    assertEquals(Optional.of("it is the manifest of another backup, " + SECOND), entry.trouble());
  }

  @Test
  void one_trusted_copy_speaks_for_the_backup() {
    change(near, made.id().manifest(), CatalogueTest::flip);

    assertEquals(Optional.empty(), catalogue.find(SECOND).orElseThrow().trouble());
    assertFindings("near " + made.id().manifest());
  }

  @Test
  void a_store_that_cannot_be_read_is_not_half_a_list() throws Exception {
    for (Store.StoredObject object : other.list()) {
      Files.delete(far.resolve(object.name()));
    }
    Files.delete(far);

    assertThrows(StoreException.class, catalogue::list);
    Catalogue.Survey survey = catalogue.survey();
    assertEquals(List.of(SECOND), survey.entries().stream().map(Entry::id).toList());
    assertEquals(List.of("far"), List.copyOf(survey.failures().keySet()));
  }

  @Test
  void a_good_backup_verifies_at_both_depths() {
    Verification shallow = verify(Optional.empty());
    Verification deep = verify(Optional.of(keys.second()));

    assertWhole(Depth.STORED_BYTES, shallow);
    assertWhole(Depth.ARCHIVE, deep);
  }

  private void assertWhole(Depth depth, Verification verification) {
    assertEquals(
        new Verification(
            SECOND, depth, List.of(), 2L * made.data().length, NOW, verification.copies()),
        verification);
    assertEquals(
        List.of("near", "far"), verification.copies().stream().map(Catalogue.Copy::store).toList());
    for (Catalogue.Copy copy : verification.copies()) {
      assertEquals(depth, copy.depth());
      assertEquals(made.data().length, copy.bytesRead());
      assertTrue(copy.finished());
    }
  }

  @Test
  void a_changed_byte_of_the_data_is_named() {
    change(far, made.id().data(), CatalogueTest::flip);

    assertFindings("far " + made.id().data());
    assertTrue(
        verify(Optional.empty())
            .findings()
            .getFirst()
            .message()
            .startsWith("changed: its SHA-256"));
  }

  @Test
  void cut_data_is_named() {
    change(near, made.id().data(), bytes -> Arrays.copyOf(bytes, bytes.length - 100));

    assertFindings("near " + made.id().data());
    assertTrue(
        verify(Optional.of(keys.escrow()))
            .findings()
            .getFirst()
            .message()
            .startsWith("cut: it is"));
  }

  @Test
  void missing_data_is_named() {
    store.delete(made.id().data());

    assertFindings("near " + made.id().data());
    assertEquals("missing", verify(Optional.empty()).findings().getFirst().message());
  }

  @Test
  void data_swapped_with_another_backup_is_named() {
    MadeBackup first = made(FIRST).storeIn(near, keys.recipients());
    change(near, made.id().data(), _ -> first.data());

    assertFindings("near " + made.id().data());
  }

  @Test
  void an_edited_manifest_is_named() {
    change(
        near,
        made.id().manifest(),
        bytes -> text(bytes).replace("\"node-1\"", "\"node-2\"").getBytes(StandardCharsets.UTF_8));

    assertFindings("near " + made.id().manifest());
  }

  @Test
  void a_manifest_of_the_other_store_says_what_should_be_beside_a_damaged_one() {
    change(near, made.id().manifest(), _ -> new byte[] {1, 2, 3});
    change(near, made.id().data(), CatalogueTest::flip);

    assertFindings("near " + made.id().manifest(), "near " + made.id().data());
  }

  @Test
  void a_missing_key_is_named() {
    String object = made.id().key(keys.second().recipient().id());
    store.delete(object);

    assertFindings("near " + object);
  }

  @Test
  void a_changed_key_is_named() {
    String object = made.id().key(keys.escrow().recipient().id());
    change(near, object, CatalogueTest::flip);

    assertFindings("near " + object);
  }

  @Test
  void keys_swapped_with_those_of_another_backup_are_named() {
    MadeBackup first = made(FIRST).storeIn(near, keys.recipients());
    String object = made.id().key(keys.escrow().recipient().id());
    change(near, object, _ -> first.keyDocument(keys.escrow().recipient()));

    assertFindings("near " + object);
    assertEquals(
        "it is a key of another backup, " + FIRST,
        verify(Optional.empty()).findings().getFirst().message());
  }

  @Test
  void keys_swapped_between_recipients_are_named() {
    String object = made.id().key(keys.escrow().recipient().id());
    change(near, object, _ -> made.keyDocument(keys.second().recipient()));

    assertFindings("near " + object);
  }

  @Test
  void a_signed_key_that_wraps_something_else_is_named_by_its_own_recipient() {
    String object = made.id().key(keys.escrow().recipient().id());
    var escrow = keys.escrow().recipient();
    var wrong =
        new WrappedKey(
            SECOND,
            escrow.id(),
            escrow.comment(),
            Base64.getEncoder().encodeToString(new byte[80]));
    change(near, object, _ -> keys.signing().sign(wrong.toJson()));

    assertEquals(List.of(), verify(Optional.empty()).findings());
    assertEquals(List.of("near " + object), named(verify(Optional.of(keys.escrow()))));
  }

  @Test
  void a_recipient_added_later_is_fine_when_signed() {
    RecipientIdentity third = RecipientIdentity.generate("third");
    for (Path each : List.of(near, far)) {
      MadeBackup.write(
          each, made.id().key(third.recipient().id()), made.keyDocument(third.recipient()));
    }

    assertTrue(verify(Optional.empty()).good());
    assertTrue(verify(Optional.of(third)).good());
  }

  @Test
  void a_recipient_added_by_a_stranger_is_named() {
    RecipientIdentity third = RecipientIdentity.generate("third");
    String object = made.id().key(third.recipient().id());
    var wrapped = WrappedKey.wrap(third.recipient(), made.dataKey(), SECOND);
    MadeBackup.write(near, object, SigningKey.generate("stranger").sign(wrapped.toJson()));

    assertFindings("near " + object);
  }

  @Test
  void a_manifest_signed_over_other_bytes_is_found_by_its_sums() {
    Manifest m = made.manifest();
    Manifest lying =
        new Manifest(
            m.type(),
            m.id(),
            m.cluster(),
            m.node(),
            m.takenFrom(),
            m.slot(),
            m.startedAt(),
            m.takenAt(),
            Optional.of(new Manifest.Raft(1, 1)),
            new Manifest.Content(1, "00"),
            m.stored(),
            m.recipients(),
            m.seal(),
            m.peers(),
            m.canary(),
            m.mounts(),
            m.counts(),
            m.lifeboatVersion());
    for (Path each : List.of(near, far)) {
      change(each, made.id().manifest(), _ -> keys.signing().sign(lying.toJson()));
    }

    assertTrue(verify(Optional.empty()).good());
    assertEquals(4, verify(Optional.of(keys.escrow())).findings().size());
  }

  @Test
  void an_identity_that_the_backup_was_never_encrypted_to_is_the_wrong_key() {
    RecipientIdentity stranger = RecipientIdentity.generate("stranger");

    assertWrongKey(() -> verify(Optional.of(stranger)));
    assertWrongKey(() -> extract(catalogue.find(SECOND).orElseThrow(), stranger));
  }

  private static void assertWrongKey(Executable action) {
    KeyException e = assertThrows(KeyException.class, action);
    assertEquals(KeyException.Reason.WRONG_KEY, e.reason());
  }

  @Test
  void the_plain_snapshot_is_extracted() {
    assertArrayEquals(
        MadeBackup.snapshot(), extract(catalogue.find(SECOND).orElseThrow(), keys.escrow()));
  }

  @Test
  void extraction_takes_the_whole_copy_of_two() {
    change(near, made.id().data(), CatalogueTest::flip);

    assertArrayEquals(
        MadeBackup.snapshot(), extract(catalogue.find(SECOND).orElseThrow(), keys.escrow()));
  }

  @Test
  void extraction_of_damaged_data_fails() {
    change(near, made.id().data(), CatalogueTest::flip);
    change(far, made.id().data(), CatalogueTest::flip);
    Entry entry = catalogue.find(SECOND).orElseThrow();

    assertThrows(ArchiveException.class, () -> extract(entry, keys.escrow()));
  }

  private byte[] extract(Entry entry, RecipientIdentity identity) {
    var plain = new ByteArrayOutputStream();
    catalogue.extract(entry, identity, plain);
    return plain.toByteArray();
  }

  private Verification verify(Optional<RecipientIdentity> identity) {
    return catalogue.verify(catalogue.find(SECOND).orElseThrow(), identity);
  }

  /// What is found without a private key is found with one as well.
  private void assertFindings(String... storesAndObjects) {
    assertEquals(List.of(storesAndObjects), named(verify(Optional.empty())));
    assertEquals(List.of(storesAndObjects), named(verify(Optional.of(keys.escrow()))));
  }

  private static List<String> named(Verification verification) {
    return verification.findings().stream().map(f -> f.store() + " " + f.object()).toList();
  }

  private static void change(Path in, String object, UnaryOperator<byte[]> change) {
    try {
      MadeBackup.write(in, object, change.apply(Files.readAllBytes(in.resolve(object))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] flip(byte[] bytes) {
    byte[] flipped = bytes.clone();
    flipped[flipped.length / 2] ^= 1;
    return flipped;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
