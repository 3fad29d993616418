package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Catalogue.Verification;
import dev.lifeboat.backup.KeyCheck.Outcome;
import dev.lifeboat.backup.Rewrap.Plan;
import dev.lifeboat.backup.Rewrap.Result;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RewrapTest {
  private static final Instant TAKEN = Instant.parse("2026-11-22T02:00:01Z");
  private static final String FIRST = MadeBackup.id(TAKEN.minus(Duration.ofDays(1)));
  private static final String SECOND = MadeBackup.id(TAKEN);

  @TempDir Path work;
  private Keyring keys;
  private Path near;
  private Path far;
  private List<Store> stores;
  private Catalogue catalogue;
  private Rewrap rewrap;
  private MadeBackup second;
  private final RecipientIdentity newcomer = RecipientIdentity.generate("newcomer");

  @BeforeEach
  void two_stores_with_two_backups() throws Exception {
    keys = Keyring.in(work);
    near = work.resolve("near");
    far = work.resolve("far");
    stores = List.of(LocalStore.open("near", near), LocalStore.open("far", far));
    catalogue = new Catalogue(stores, keys.trusted());
    rewrap =
        new Rewrap(
            stores,
            keys.trusted(),
            keys.signing(),
            InstantSource.fixed(Instant.parse("2026-11-22T12:00:00Z")));
    MadeBackup.at(TAKEN.minus(Duration.ofDays(1)), keys.signing(), keys.recipients())
        .storeIn(near, keys.recipients());
    second = MadeBackup.at(TAKEN, keys.signing(), keys.recipients());
    second.storeIn(near, keys.recipients()).storeIn(far, keys.recipients());
  }

  @AfterEach
  void close() {
    stores.forEach(Store::close);
  }

  @Test
  void a_newcomer_opens_every_backup_and_nothing_else_has_changed() throws Exception {
    byte[] manifest = Files.readAllBytes(near.resolve(SECOND + ".manifest"));

    Result result = add();

    assertEquals(3, result.added());
    assertTrue(result.failed().isEmpty(), result.toString());
    assertGood(newcomer);
    assertGood(keys.escrow());
    assertArrayEquals(manifest, Files.readAllBytes(near.resolve(SECOND + ".manifest")));
    assertEquals(3, catalogue.find(SECOND).orElseThrow().keys());
  }

  @Test
  void the_same_request_again_finds_nothing_to_do() {
    Result _ = add();

    Plan plan = rewrap.plan(catalogue.list(), List.of(newcomer.recipient()), Set.of());

    assertTrue(plan.steps().isEmpty());
    assertEquals(2, plan.unchanged());
  }

  @Test
  void what_was_done_half_is_finished_by_the_same_request() {
    MadeBackup.write(
        near, second.id().key(newcomer.recipient().id()), second.keyDocument(newcomer.recipient()));

    Result result = add();

    assertEquals(2, result.added());
    assertGood(newcomer);
  }

  @Test
  void one_taken_away_opens_nothing_any_more_and_its_absence_is_no_damage() {
    String gone = keys.second().recipient().id();

    Result result = carryOut(rewrap.plan(catalogue.list(), List.of(), Set.of(gone)));

    assertEquals(3, result.removed());
    assertGood(keys.escrow());
    var entry = catalogue.find(SECOND).orElseThrow();
    var e =
        assertThrows(KeyException.class, () -> catalogue.verify(entry, Optional.of(keys.second())));
    assertEquals(KeyException.Reason.WRONG_KEY, e.reason());
    assertEquals(1, entry.keys());
  }

  @Test
  void a_key_that_is_missing_without_a_signed_word_is_damage() throws IOException {
    String gone = keys.second().recipient().id();
    Files.delete(near.resolve(second.id().key(gone)));
    assertFalse(verify(keys.escrow()).good());

    SigningKey forger = SigningKey.generate("node-1");
    var note = new RemovedKey(SECOND, gone, Instant.EPOCH);
    MadeBackup.write(near, second.id().removed(gone), forger.sign(note.toJson()));
    assertFalse(verify(keys.escrow()).good());
  }

  @Test
  void one_taken_away_can_come_back() {
    String gone = keys.second().recipient().id();
    Result _ = carryOut(rewrap.plan(catalogue.list(), List.of(), Set.of(gone)));

    Result result =
        carryOut(rewrap.plan(catalogue.list(), List.of(keys.second().recipient()), Set.of()));

    assertEquals(3, result.added());
    assertGood(keys.second());
    assertTrue(Files.notExists(near.resolve(second.id().removed(gone))));
  }

  @Test
  void the_last_key_is_never_taken_away() {
    Set<String> all = Set.of(keys.escrow().recipient().id(), keys.second().recipient().id());

    Plan plan = rewrap.plan(catalogue.list(), List.of(), all);

    assertTrue(plan.steps().isEmpty());
    assertEquals(
        "store near would be left without any key", plan.refused().get(SECOND), plan.toString());
  }

  /// Whoever can write into a store can put anything there under the name of a key.
  @Test
  void a_forged_key_does_not_count_as_one_that_is_left() {
    SigningKey forger = SigningKey.generate("node-1");
    MadeBackup forged = MadeBackup.of(SECOND, forger, keys.recipients());
    String escrow = keys.escrow().recipient().id();
    MadeBackup.write(far, second.id().key(escrow), forged.keyDocument(keys.escrow().recipient()));

    Plan plan =
        rewrap.plan(
            List.of(catalogue.find(SECOND).orElseThrow()),
            List.of(),
            Set.of(keys.second().recipient().id()));

    assertEquals(Set.of(SECOND), plan.refused().keySet());
  }

  @Test
  void a_key_that_opens_nothing_changes_nothing() {
    Plan plan =
        rewrap.plan(
            catalogue.list(),
            List.of(newcomer.recipient()),
            Set.of(keys.second().recipient().id()));

    Result result = rewrap.carryOut(plan, RecipientIdentity.generate("stranger"), Progress.NONE);

    assertEquals(Set.of(FIRST, SECOND), result.failed().keySet());
    assertEquals(0, result.added() + result.removed());
    assertGood(keys.second());
  }

  @Test
  void nothing_is_taken_away_where_something_could_not_be_added() throws Exception {
    Plan plan =
        rewrap.plan(
            catalogue.list(),
            List.of(newcomer.recipient()),
            Set.of(keys.second().recipient().id()));
    // Something else under the name, put there since the plan was made.
    MadeBackup.write(far, second.id().key(newcomer.recipient().id()), new byte[] {'x', '\n'});

    Result result = carryOut(plan);

    assertEquals(Set.of(SECOND), result.failed().keySet());
    assertTrue(Files.exists(near.resolve(second.id().key(keys.second().recipient().id()))));
    assertEquals(1, result.removed());
  }

  /// As object lock does; the note is there already when the deletion is refused.
  @Test
  void a_key_that_a_lock_holds_is_told_and_goes_when_the_lock_has_ended() {
    String gone = keys.second().recipient().id();
    Store locked =
        new FaultyStore(
            stores.getFirst(), _ -> false, StoreException.Reason.DENIED, false, second.id()::isKey);
    Rewrap held =
        new Rewrap(List.of(locked), keys.trusted(), keys.signing(), InstantSource.fixed(TAKEN));
    List<Catalogue.Entry> one = List.of(catalogue.find(SECOND).orElseThrow());

    Result result =
        held.carryOut(held.plan(one, List.of(), Set.of(gone)), keys.escrow(), Progress.NONE);

    assertEquals(Set.of(SECOND), result.failed().keySet());
    String why = result.failed().getOrDefault(SECOND, "");
    assertTrue(why.contains("stays in store near until its lock ends"), why);
    assertGood(keys.escrow());
    assertGood(keys.second());

    Result later = carryOut(rewrap.plan(one, List.of(), Set.of(gone)));
    assertEquals(2, later.removed(), later.toString());
    assertGood(keys.escrow());
  }

  @Test
  void an_untrusted_backup_is_left_alone() {
    SigningKey forger = SigningKey.generate("node-1");
    MadeBackup.of("20261123T020001Z-00000003", forger, keys.recipients())
        .storeIn(near, keys.recipients());

    Plan plan = rewrap.plan(catalogue.list(), List.of(newcomer.recipient()), Set.of());

    assertEquals(Set.of("20261123T020001Z-00000003"), plan.refused().keySet());
    assertEquals(2, plan.steps().size());
  }

  @Test
  void keys_check_proves_the_newest_of_every_store() throws Exception {
    KeyCheck shallow = new KeyCheck(keys.trusted(), keys.escrow(), false);
    KeyCheck deep = new KeyCheck(keys.trusted(), keys.escrow(), true);

    for (KeyCheck check : List.of(shallow, deep)) {
      for (KeyCheck.Line line : check.of(stores)) {
        assertEquals(Outcome.OPENED, line.outcome(), line.toString());
        assertEquals(Optional.of(SECOND), line.backup());
        assertEquals(2, line.keys());
      }
    }

    byte[] data = second.data().clone();
    data[data.length - 1] ^= 1;
    Files.setPosixFilePermissions(
        far.resolve(SECOND + ".data"), PosixFilePermissions.fromString("rw-------"));
    Files.write(far.resolve(SECOND + ".data"), data);
    assertEquals(Outcome.DAMAGED, deep.of(stores.getLast()).outcome());

    Files.delete(far.resolve(SECOND + ".data"));
    assertEquals(Outcome.DAMAGED, shallow.of(stores.getLast()).outcome());
  }

  @Test
  void keys_check_tells_a_stranger_and_an_empty_store() throws Exception {
    KeyCheck check = new KeyCheck(keys.trusted(), newcomer, false);
    assertEquals(Outcome.WRONG_KEY, check.of(stores.getFirst()).outcome());

    Files.delete(far.resolve(SECOND + ".manifest"));
    assertEquals(Outcome.NOTHING_THERE, check.of(stores.getLast()).outcome());
  }

  private Result add() {
    return carryOut(rewrap.plan(catalogue.list(), List.of(newcomer.recipient()), Set.of()));
  }

  private Result carryOut(Plan plan) {
    return rewrap.carryOut(plan, keys.escrow(), Progress.NONE);
  }

  private Verification verify(RecipientIdentity identity) {
    return catalogue.verify(catalogue.find(SECOND).orElseThrow(), Optional.of(identity));
  }

  private void assertGood(RecipientIdentity identity) {
    Verification verification = verify(identity);
    assertTrue(verification.good(), verification.toString());
    assertEquals(Catalogue.Depth.ARCHIVE, verification.depth());
  }
}
