package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Expired;
import dev.lifeboat.backup.Expiry;
import dev.lifeboat.backup.MadeBackup;
import dev.lifeboat.backup.Milestones;
import dev.lifeboat.backup.Readers;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Deletion by the agent, after a backup and for the command line, and pins that it signs.
class ExpiriesTest {
  private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");

  @TempDir Path folder;
  private final SigningKey signing = SigningKey.generate("n1");
  private final RecipientIdentity escrow = RecipientIdentity.generate("ops");
  private final BackupCounts counts = new BackupCounts();
  private BackupConfig config;
  private OpenStores stores;
  private Expiry expiry;
  private Expiries expiries;
  private PinDesk pins;

  @BeforeEach
  void open() throws IOException {
    KeyFiles.writePrivate(folder.resolve("signing-key"), signing.line());
    KeyFiles.writePublic(folder.resolve("trusted-signers"), signing.signer().toString());
    Path file =
        Files.writeString(
            folder.resolve("lifeboat.conf"),
            """
            backup {
              signing-key-file = "DIR/signing-key"
              trusted-signers-file = "DIR/trusted-signers"
            }
            stores.near { type = local, path = "DIR/near", retention.last = 2 }
            stores.far { type = local, path = "DIR/far" }
            control.socket = "DIR/control.sock"
            """
                .replace("DIR", folder.toString()));
    config = LifeboatConfig.read(file, Map.of()).backup().orElseThrow();
    stores = OpenStores.open(config);
    expiry =
        new Expiry(
            TrustedSigners.of(List.of(signing.signer())),
            new Readers(),
            () -> NOW,
            Milestones.NONE);
    expiries = new Expiries(config, stores.all(), expiry, counts);
    pins = new PinDesk(config, stores.all(), () -> NOW);
  }

  @AfterEach
  void close() {
    stores.close();
  }

  @Test
  void after_a_backup_each_store_expires_by_its_own_retention() throws IOException {
    daily(4);

    assertTrue(expiries.afterBackup(Set.of()));

    assertEquals(2, manifests("near"));
    assertEquals(4, manifests("far"));
    assertEquals(2, counts.deleted("near"));
    assertEquals(0, counts.deleted("far"));
    assertFalse(counts.expireRefused("near"));
  }

  @Test
  void a_refusal_deletes_nothing_and_is_seen_until_it_is_over() throws IOException {
    daily(5);

    assertFalse(expiries.afterBackup(Set.of()));

    assertEquals(5, manifests("near"));
    assertTrue(counts.expireRefused("near"));
    assertEquals(0, counts.deleted("near"));

    assertEquals(3, client().run(near(), policy(), true, shown(true)).deleted().size());
    assertFalse(expiries.afterBackup(Set.of()));
    assertFalse(counts.expireRefused("near"));
  }

  @Test
  void a_store_that_did_not_take_the_backup_keeps_what_it_has() throws IOException {
    daily(4);

    assertFalse(expiries.afterBackup(Set.of("near")));

    assertEquals(4, manifests("near"));
  }

  @Test
  void a_store_that_cannot_be_read_fails_nothing() throws IOException {
    Files.delete(folder.resolve("near"));

    assertFalse(expiries.afterBackup(Set.of()));

    assertEquals(0, counts.deleted("near"));
  }

  @Test
  void the_agent_carries_out_the_plan_that_was_shown() throws IOException {
    daily(4);
    try (var _ = ControlSocket.open(socket(), Map.of("expire", expiries::answer))) {
      Expired expired = client().run(near(), policy(), false, shown(false));

      assertEquals(List.of(id(19), id(20)), expired.deleted());
      assertTrue(expired.done());
    }
    assertEquals(2, manifests("near"));
    assertEquals(2, counts.deleted("near"));
  }

  @Test
  void another_plan_than_the_one_shown_deletes_nothing() throws IOException {
    daily(4);
    RetentionPlan shown = shown(false);
    Files.delete(folder.resolve("near").resolve(id(19) + ".manifest"));

    try (var _ = ControlSocket.open(socket(), Map.of("expire", expiries::answer))) {
      assertChanged(shown);
    }
    assertChanged(shown);
    assertEquals(3, manifests("near"));
  }

  private void assertChanged(RetentionPlan shown) {
    var e =
        assertThrows(ControlException.class, () -> client().run(near(), policy(), false, shown));
    assertEquals(
        "store near: another plan has come of it since this one was shown\n"
            + "hint: nothing was deleted; look again: lifeboat expire. When it comes again, the"
            + " agent has not read your configuration yet: systemctl reload lifeboat",
        e.getMessage());
  }

  @Test
  void what_the_agent_refuses_is_refused_here() throws IOException {
    daily(5);
    try (var _ = ControlSocket.open(socket(), Map.of("expire", expiries::answer))) {
      var e =
          assertThrows(
              ControlException.class, () -> client().run(near(), policy(), false, shown(true)));
      assertEquals(ControlException.Reason.REFUSED, e.reason());
      Files.delete(folder.resolve("trusted-signers"));
      deleteAll("near");
      var away =
          assertThrows(
              StoreException.class, () -> client().run(near(), policy(), false, emptyPlan()));
      assertEquals(StoreException.Reason.UNAVAILABLE, away.reason());
    }
  }

  @Test
  void the_agent_signs_pins_and_takes_them_away() throws IOException {
    daily(4);
    Instant until = NOW.plusSeconds(3600);
    try (var _ =
        ControlSocket.open(
            socket(), Map.of("pin", (r, _) -> pins.answer(r), "unpin", (r, _) -> pins.answer(r)))) {
      var keep = new PinDesk.Wish.Keep(id(19), Optional.of(until), "ops at n9");
      assertEquals(List.of("near", "far"), pins.ask(socket(), keep));
      assertEquals("pinned until " + until, shown(false).decision(id(19)).orElseThrow().reason());

      var forgotten = new PinDesk.Wish.Release("20200101T000000Z-00000000");
      assertEquals(
          StoreException.Reason.NOT_FOUND,
          assertThrows(StoreException.class, () -> pins.ask(socket(), forgotten)).reason());
      assertEquals(List.of("near", "far"), pins.ask(socket(), new PinDesk.Wish.Release(id(19))));
      Files.delete(folder.resolve("signing-key"));
      assertThrows(ControlException.class, () -> pins.ask(socket(), keep));
    }
    assertTrue(shown(false).decision(id(19)).orElseThrow().expires());
  }

  private void daily(int count) {
    for (int day = 22; day > 22 - count; day--) {
      MadeBackup.at(at(day), signing, List.of(escrow.recipient()))
          .storeIn(folder.resolve("near"), List.of(escrow.recipient()))
          .storeIn(folder.resolve("far"), List.of(escrow.recipient()));
    }
  }

  private static Instant at(int day) {
    return Instant.parse("2026-11-%02dT02:00:00Z".formatted(day));
  }

  private static String id(int day) {
    return MadeBackup.id(at(day));
  }

  private Path socket() {
    return folder.resolve("control.sock");
  }

  private ExpireClient client() {
    return new ExpireClient(socket(), expiry);
  }

  private Store near() {
    return stores.all().getFirst();
  }

  private dev.lifeboat.retention.RetentionPolicy policy() {
    return config.stores().stream()
        .filter(store -> store.name().equals("near"))
        .map(StoreConfig::retention)
        .findFirst()
        .orElseThrow();
  }

  private RetentionPlan shown(boolean forceShare) {
    return expiry.plan(near(), policy(), forceShare);
  }

  private static RetentionPlan emptyPlan() {
    return new RetentionPlan(List.of(), Optional.empty());
  }

  private void deleteAll(String store) throws IOException {
    try (var files = Files.list(folder.resolve(store))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder.resolve(store));
  }

  private long manifests(String store) throws IOException {
    try (var files = Files.list(folder.resolve(store))) {
      return files.filter(file -> file.toString().endsWith(".manifest")).count();
    }
  }
}
