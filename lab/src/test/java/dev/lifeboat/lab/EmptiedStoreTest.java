package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.vault.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.model.S3Object;
import tools.jackson.databind.JsonNode;

/// A bucket goes away, comes back, and is emptied by somebody else while no agent runs.
class EmptiedStoreTest {
  /// The agent reads its stores once a minute.
  private static final Duration BOUND = Duration.ofSeconds(100);

  private static final String FAR = "{destination=\"far\"}";
  private static final String LOCAL = "{destination=\"local\"}";

  @TempDir Path folder;

  @Test
  void what_a_required_store_does_not_show_and_what_it_no_longer_has_are_told() throws Exception {
    try (var minio = Minio.start(folder.resolve("minio"));
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      TestClusters.fill(cluster.root(), "filling", 8);
      String bucket = minio.bucket("backups", Kind.PLAIN);
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.far {\n%s}".formatted(minio.storeBlock(bucket)));
      List<String> ids;
      try (var _ = AgentHere.start(site, InstantSource.system(), Milestones.NONE)) {
        ids = List.of(site.backup(), site.backup());
        minio.stop();
        assertNotEquals(0, site.run("backup").code());
        assertTheOthersAreShown(site, ids);
      }
      try (var back = minio.again()) {
        // Two hours later no run can take a backup back any more: the agent knows them.
        var later = new ShiftedClock(InstantSource.system().instant().plus(Duration.ofHours(2)));
        try (var _ = AgentHere.start(site, later, Milestones.NONE)) {
          Await.until(
              "nothing to be missing",
              BOUND,
              () -> site.scrape().has("vault_backup_store_missing_backups" + FAR, 0));
        }
        empty(back, bucket);
        try (var _ = AgentHere.start(site, later, Milestones.NONE)) {
          assertTheEmptiedOneIsTold(site, ids);
        }
      }
    }
  }

  private static void assertTheOthersAreShown(Site site, List<String> ids) {
    Await.until(
        "the bucket to be known away",
        BOUND,
        () -> site.scrape().has("vault_backup_store_readable" + FAR, 0));
    var metrics = site.scrape();
    metrics.lint();
    assertTrue(metrics.has("vault_backup_store_readable" + LOCAL, 1));
    assertTrue(metrics.has("vault_backup_stored_snapshots" + LOCAL, 2));
    assertTrue(metrics.value("vault_backup_stored_snapshots" + FAR).isEmpty());
    var backups = site.run("status", "--json").json().path("backups");
    assertEquals("partly", backups.path("stores").stringValue());
    assertEquals(2, backups.path("total").intValue());
    assertEquals("far", backups.path("unreadable").path(0).path("store").stringValue());
    assertTrue(backups.path("unreadable").path(0).path("required").booleanValue());
    var text = site.run("status").out();
    assertTrue(text.contains("The store far cannot be read: "), text);
    ids.forEach(id -> assertTrue(text.contains(id), text));
  }

  private static void assertTheEmptiedOneIsTold(Site site, List<String> ids) {
    Await.until(
        "two to be missing",
        BOUND,
        () -> site.scrape().has("vault_backup_store_missing_backups" + FAR, 2));
    assertTrue(site.scrape().has("vault_backup_store_missing_backups" + LOCAL, 0));
    var text = site.run("status").out();
    assertTrue(
        text.contains(
            "In the store far 2 backups are missing that its retention keeps; the newest of them"
                + " was %s.".formatted(ids.getLast())),
        text);
    JsonNode missing = site.run("status", "--json").json().path("backups").path("missing");
    assertEquals(1, missing.size());
    assertTrue(Files.exists(site.spool().resolve(".known-backups")));
  }

  /// As somebody with every right and no Lifeboat does.
  private static void empty(Minio minio, String bucket) {
    try (var client = minio.client()) {
      var objects = client.listObjectsV2(request -> request.bucket(bucket)).contents();
      objects.stream()
          .map(S3Object::key)
          .forEach(key -> client.deleteObject(request -> request.bucket(bucket).key(key)));
    }
  }
}
