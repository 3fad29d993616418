package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import tools.jackson.databind.JsonNode;

/// Genuine backups read back, by hand and by an agent's schedule: what was found is remembered in
/// the store, signed, and everybody goes by it.
class VerificationTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void by_hand_it_leaves_a_record_where_it_can_be_signed() throws IOException {
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site = Site.beside(cluster, folder.resolve("site"));
      var id = site.backup();

      site.run("verify", id, "--no-record").expect(Exit.OK);
      assertEquals(3, Site.files(site.store()).size());
      assertTrue(site.run("list").out().contains("when taken"), site.run("list").out());

      var shallow = site.run("verify", id).expect(Exit.OK);
      assertEquals("", shallow.err());
      assertTrue(site.run("list").out().contains(" stored bytes "), site.run("list").out());
      var deep = site.run("verify", id, "--json", "--identity", site.identity().toString());
      assertEquals("local", deep.json().get(0).path("recorded").get(0).stringValue());
      assertEquals("archive", record(site, id).path("depth").stringValue());
      assertEquals(List.of("check", "data", "key", "manifest"), endings(site));

      // Who cannot sign can verify all the same.
      site.configure("backup.signing-key-file = \"" + folder.resolve("none") + "\"");
      var unsigned = site.run("verify", id).expect(Exit.OK);
      assertTrue(unsigned.err().startsWith("lifeboat: not recorded: "), unsigned.err());
      assertEquals(1, unsigned.err().lines().count(), unsigned.err());
      assertEquals("archive", record(site, id).path("depth").stringValue());
    }
  }

  /// A record is no backup, so it is not locked; and the doctor leaves nothing there.
  @Test
  void in_a_locked_bucket_a_record_is_not_locked_and_the_newer_takes_its_place() {
    try (var minio = Minio.start(folder.resolve("minio"));
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var bucket = minio.bucket("lab-backups", Minio.Kind.LOCKED);
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.far {\n%s}".formatted(minio.storeBlock(bucket)))
              .configure("stores.far { lock { mode = governance, days = 1 } }");
      var id = site.backup();

      site.run("verify", id).expect(Exit.OK);
      var second = site.run("verify", id, "--identity", site.identity().toString());

      assertEquals("", second.expect(Exit.OK).err());
      var verified = site.run("list", "--json").expect(Exit.OK).json().get(0).path("verified");
      assertEquals("archive", verified.path("far").path("depth").stringValue());
      assertEquals("archive", verified.path("local").path("depth").stringValue());
      assertEquals(List.of("check", "data", "key", "manifest"), endings(site));
      assertEquals(4, objects(minio, bucket));

      var looked = site.run("check", "--live").expect(Exit.OK);
      assertTrue(looked.out().contains("what is put stays locked for 1 day"), looked.out());
      assertEquals(4, objects(minio, bucket));
      minio.stop();
      var away = site.run("check", "--live").expect(Exit.STORE_FAILED);
      assertTrue(away.out().contains("store far        WRONG"), away.out());
    }
  }

  private static int objects(Minio minio, String bucket) {
    try (var client = minio.client()) {
      return client.listObjectsV2(r -> r.bucket(bucket)).contents().size();
    }
  }

  @ParameterizedTest
  @BothProducts
  void the_agent_verifies_by_schedule_and_a_restart_forgets_nothing(Product product)
      throws IOException, InterruptedException {
    // All of it is past, so that the command line, which has no shifted clock, believes it.
    var slot =
        Instant.now()
            .atOffset(ZoneOffset.UTC)
            .minusDays(14)
            .with(TemporalAdjusters.previous(DayOfWeek.SUNDAY))
            .truncatedTo(ChronoUnit.DAYS)
            .plusHours(4)
            .toInstant();
    var clock = new ShiftedClock(slot.minusSeconds(7200));
    try (var cluster = TestClusters.start(product, 1, folder)) {
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("watch.interval = 500ms")
              .configure("backup.verification.others = 1");
      site.configure("backup.identity-file = \"" + site.identity() + "\"");
      var agent = AgentHere.start(site, clock, Milestones.NONE);
      String first;
      String second;
      String third;
      try {
        first = site.backup();
        clock.set(slot.minusSeconds(3600));
        second = site.backup();
        clock.set(slot.minusSeconds(1800));
        third = site.backup();
        assertEquals(List.of(), endings(site).stream().filter("check"::equals).toList());

        clock.set(slot.plusSeconds(1));
        awaitRecord(site, third, slot);
        awaitRecord(site, first, slot);
        assertTrue(record(site, second).isMissingNode(), "three were read, not two");
        assertEquals("archive", record(site, third).path("depth").stringValue());
        assertTrue(record(site, third).path("good").asBoolean());
      } finally {
        agent.close();
      }

      caughtUp(site, clock, slot.plus(Duration.ofDays(7)), List.of(third, second));
    }
  }

  /// The weeks in which nobody ran are caught up once, and with it a byte that went bad.
  ///
  /// @param ids those that are read, the wrong one first
  private static void caughtUp(Site site, ShiftedClock clock, Instant slot, List<String> ids)
      throws IOException {
    var file = site.store().resolve(ids.getFirst() + ".data");
    var bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    clock.set(slot.plus(Duration.ofDays(3)));
    Files.delete(site.log());
    var agent = AgentHere.start(site, clock, Milestones.NONE);
    try {
      Await.until(
          "what was verified before the restart",
          BOUND,
          () -> site.scrape().text().contains("vault_backup_last_verified_timestamp_seconds{"));
      ids.forEach(id -> awaitRecord(site, id, slot));
      assertFalse(record(site, ids.getFirst()).path("good").asBoolean());
      Await.until(
          "the metric",
          BOUND,
          () -> site.scrape().has("vault_backup_wrong_snapshots{destination=\"local\"}", 1));
      var _ =
          site.scrape()
              .expect("vault_backup_verifications_total", 2)
              .expect("vault_backup_verification_failures_total", 1)
              .lint();
      var status = site.run("status").expect(Exit.OK).out();
      assertTrue(status.contains("in the store local is not what was written"), status);
    } finally {
      agent.close();
    }
  }

  private static JsonNode record(Site site, String id) {
    for (JsonNode entry : site.run("list", "--json").json()) {
      if (entry.path("id").stringValue().equals(id)) {
        return entry.path("verified").path("local");
      }
    }
    throw new LabException("not listed: " + id);
  }

  private static void awaitRecord(Site site, String id, Instant slot) {
    Await.until(
        "the record of " + id + " at " + slot,
        BOUND,
        () -> record(site, id).path("slot").asString("").equals(slot.toString()));
  }

  private static List<String> endings(Site site) {
    return Site.files(site.store()).stream()
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .sorted()
        .toList();
  }
}
