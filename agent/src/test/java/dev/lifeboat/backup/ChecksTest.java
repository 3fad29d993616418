package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Catalogue.Copy;
import dev.lifeboat.backup.Catalogue.Depth;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.backup.Catalogue.Verification;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.retention.Decision;
import dev.lifeboat.retention.Period;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.retention.Rule;
import dev.lifeboat.store.PacedStore;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChecksTest {
  private static final Instant TAKEN = Instant.parse("2026-11-20T02:00:00Z");
  private static final Instant NOW = Instant.parse("2026-11-22T04:00:00Z");

  @TempDir Path work;
  private Keyring keys;
  private Path near;
  private Store store;
  private Store other;
  private final AtomicReference<Instant> clock = new AtomicReference<>(NOW);
  private Catalogue catalogue;
  private MadeBackup made;

  @BeforeEach
  void one_backup_in_two_stores() throws IOException {
    keys = Keyring.in(work);
    near = work.resolve("near");
    store = LocalStore.open("near", near);
    other = LocalStore.open("far", work.resolve("far"));
    catalogue = new Catalogue(List.of(store, other), keys.trusted(), clock::get);
    made = MadeBackup.at(TAKEN, keys.signing(), keys.recipients());
    made.storeIn(near, keys.recipients()).storeIn(work.resolve("far"), keys.recipients());
  }

  @AfterEach
  void close() {
    store.close();
    other.close();
  }

  @Test
  void a_record_says_what_was_found_in_each_store() {
    verifyAndRecord(Optional.of(keys.escrow()));

    Entry entry = entry();
    Check check = newest("near");
    assertEquals(List.of("far", "near"), List.copyOf(entry.checks().keySet()));
    assertTrue(check.good());
    assertEquals(made.id().text(), check.backup());
    assertEquals(NOW, check.at());
    assertEquals(Depth.ARCHIVE, check.depth());
    assertEquals("root at node-1", check.by());
    assertEquals(made.data().length, check.bytes());
    assertEquals(Optional.of(NOW), check.slot());
    assertEquals("2026-11-22 archive", entry.verified());
  }

  @Test
  void without_a_private_key_the_record_speaks_of_the_stored_bytes() {
    verifyAndRecord(Optional.empty());

    assertEquals("2026-11-22 stored bytes", entry().verified());
  }

  @Test
  void without_a_record_a_backup_was_verified_when_it_was_taken() {
    assertEquals(Map.of(), entry().checks());
    assertEquals("when taken", entry().verified());
  }

  @Test
  void damage_is_recorded_for_the_store_that_has_it() throws IOException {
    byte[] data = made.data().clone();
    data[data.length / 2] ^= 1;
    Files.write(near.resolve(made.id().data()), data);

    verifyAndRecord(Optional.empty());

    Check wrong = newest("near");
    assertFalse(wrong.good());
    assertEquals(
        List.of(made.id().data()), wrong.findings().stream().map(Finding::object).toList());
    assertTrue(newest("far").good());
    assertEquals("near: WRONG 2026-11-22; far: 2026-11-22 stored bytes", entry().verified());
  }

  @Test
  void a_newer_record_takes_the_place_of_the_older() {
    verifyAndRecord(Optional.empty());
    clock.set(NOW.plus(Duration.ofDays(7)));

    verifyAndRecord(Optional.of(keys.second()));

    assertEquals("2026-11-29 archive", entry().verified());
    assertEquals(1, records(store).size());
  }

  @Test
  void an_older_record_that_cannot_be_deleted_stays_and_the_newer_counts() {
    verifyAndRecord(Optional.empty());
    clock.set(NOW.plus(Duration.ofDays(7)));
    Store locked =
        new FaultyStore(
            store, _ -> false, StoreException.Reason.DENIED, false, o -> o.endsWith(".check"));
    Verification verification = catalogue.verify(entry(), Optional.empty());
    Copy copy = verification.copies().getFirst();

    Checks.write(
        locked,
        Check.of(verification, copy, "root at node-1", Optional.empty()),
        copy.records(),
        keys.signing());

    assertEquals(2, records(store).size());
    assertEquals(clock.get(), newest("near").at());
  }

  @Test
  void a_record_that_nobody_trusted_has_signed_does_not_count() {
    SigningKey forger = SigningKey.generate("node-1");
    store.put(made.id().check(new java.util.Random(1)), forger.sign(check("near").toJson()));

    assertEquals(Map.of(), entry().checks());
  }

  @Test
  void a_record_of_another_store_or_backup_does_not_count() {
    store.put(made.id().check(new java.util.Random(1)), keys.signing().sign(check("far").toJson()));
    MadeBackup later =
        MadeBackup.at(TAKEN.plusSeconds(86400), keys.signing(), keys.recipients())
            .storeIn(near, keys.recipients());
    store.put(
        later.id().check(new java.util.Random(2)), keys.signing().sign(check("near").toJson()));

    assertTrue(catalogue.list().stream().allMatch(entry -> entry.checks().isEmpty()));
  }

  @Test
  void a_document_of_another_type_or_one_that_contradicts_itself_is_no_record() {
    Pin pin = new Pin(made.id().text(), NOW, Optional.empty(), "root at node-1");
    assertThrows(IllegalArgumentException.class, () -> Check.parse(pin.toJson()));
    String good = new String(check("near").toJson(), java.nio.charset.StandardCharsets.UTF_8);
    for (String bad :
        List.of(
            good.replace("\"good\" : true", "\"good\" : false"),
            good.replace("\"archive\"", "\"deep\""),
            good.replace("2026-11-22T04:00:00Z", "yesterday"),
            good.substring(20))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> Check.parse(bad.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
          bad);
    }
  }

  @Test
  void what_could_not_be_read_to_its_end_is_no_verdict() {
    Store slow =
        new PacedStore(
            store,
            _ -> {
              throw new IOException("the connection was cut");
            });

    for (var identity :
        List.of(
            Optional.of(keys.escrow()), Optional.<dev.lifeboat.keys.RecipientIdentity>empty())) {
      Verification verification =
          new Catalogue(List.of(slow), keys.trusted(), InstantSource.fixed(NOW))
              .verify(entry(), identity);
      Copy copy = verification.copies().getFirst();
      assertFalse(copy.finished());
      assertThrows(
          IllegalStateException.class,
          () -> Check.of(verification, copy, "root at node-1", Optional.empty()));
    }
  }

  @Test
  void the_last_verified_one_stays_and_one_found_wrong_counts_for_nothing() throws IOException {
    verifyAndRecord(Optional.empty());
    List<MadeBackup> later =
        List.of(
            MadeBackup.at(TAKEN.plusSeconds(86400), keys.signing(), keys.recipients()),
            MadeBackup.at(TAKEN.plusSeconds(2 * 86400), keys.signing(), keys.recipients()));
    later.forEach(each -> each.storeIn(near, keys.recipients()));
    RetentionPolicy lastOne = policy(1);

    assertEquals("last verified", decision(lastOne, made).reason());
    assertTrue(decision(lastOne, later.getFirst()).expires());

    Files.write(near.resolve(later.getLast().id().data()), new byte[made.data().length]);
    recordAll();
    assertTrue(
        decision(lastOne, later.getLast()).reason().startsWith("verified 2026-11-22T04:00:00Z: "),
        decision(lastOne, later.getLast()).reason());
    assertTrue(
        decision(lastOne, later.getFirst()).reason().startsWith("newest"),
        decision(lastOne, later.getFirst()).reason());
  }

  @Test
  void records_go_with_their_backup() {
    verifyAndRecord(Optional.empty());
    MadeBackup.at(TAKEN.plusSeconds(86400), keys.signing(), keys.recipients())
        .storeIn(near, keys.recipients());
    clock.set(NOW.plusSeconds(60));
    recordAll();
    Expiry expiry = new Expiry(keys.trusted(), new Readers(), clock::get, Milestones.NONE);

    Expired expired = expiry.carryOut(store, expiry.plan(store, policy(1), false), Progress.NONE);

    assertEquals(List.of(made.id().text()), expired.deleted());
    assertTrue(
        store.list().stream().noneMatch(object -> object.name().startsWith(made.id().text())));
  }

  @Test
  void a_record_without_its_backup_goes_with_the_sweep() {
    BackupId gone = new BackupId("20261101T020000Z-00000001");
    store.put(gone.check(new java.util.Random(1)), new byte[] {'x', '\n'});

    try (Spool spool = Spool.open(work.resolve("spool"))) {
      Sweep.run(List.of(store), spool, NOW);
    }

    assertTrue(records(store).isEmpty());
  }

  private static RetentionPolicy policy(int last) {
    return new RetentionPolicy(List.of(new Rule.Count(Period.ALL, last)), 100);
  }

  private Decision decision(RetentionPolicy policy, MadeBackup of) {
    return new Expiry(keys.trusted(), new Readers(), clock::get, Milestones.NONE)
        .plan(store, policy, false)
        .decision(of.id().text())
        .orElseThrow();
  }

  private Check check(String where) {
    return new Check(
        made.id().text(),
        where,
        NOW,
        Depth.ARCHIVE,
        List.of(),
        "root at node-1",
        Duration.ofSeconds(2),
        10,
        Optional.empty());
  }

  private Check newest(String where) {
    return Optional.ofNullable(entry().checks().get(where)).orElseThrow();
  }

  private Entry entry() {
    return catalogue.find(made.id().text()).orElseThrow();
  }

  private void verifyAndRecord(Optional<dev.lifeboat.keys.RecipientIdentity> identity) {
    record(catalogue.verify(entry(), identity));
  }

  private void recordAll() {
    catalogue.list().forEach(each -> record(catalogue.verify(each, Optional.empty())));
  }

  private void record(Verification verification) {
    for (Copy copy : verification.copies()) {
      Checks.write(
          copy.store().equals("near") ? store : other,
          Check.of(verification, copy, "root at node-1", Optional.of(NOW)),
          copy.records(),
          keys.signing());
    }
  }

  private static List<String> records(Store of) {
    return of.list().stream()
        .map(Store.StoredObject::name)
        .filter(name -> name.endsWith(".check"))
        .toList();
  }
}
