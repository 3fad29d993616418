package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.vault.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.S3Object;
import tools.jackson.databind.JsonNode;

/// Backups of a real cluster on this machine's disk and in a bucket at once.
class S3BackupTest {
  private static final int MEBIBYTES = 24;

  @TempDir Path folder;

  @Test
  void a_backup_is_in_both_stores_and_comes_back_from_the_bucket_alone() throws Exception {
    try (var minio = Minio.start(folder.resolve("minio"));
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      TestClusters.fill(cluster.root(), "filling", MEBIBYTES);
      var bucket = minio.bucket("lab-backups", Kind.LOCKED);
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.far {\n%s}".formatted(minio.storeBlock(bucket)))
              .configure("stores.far { prefix = \"vault/lab\", part-size = 5MiB }")
              .configure("stores.far { lock { mode = governance, days = 1 } }");

      JsonNode manifest = site.run("backup", "--json").expect(Exit.OK).json();
      site.verifyAll();
      assertEquals(
          List.of("local", "far"),
          site.run("list", "--json")
              .json()
              .get(0)
              .path("stores")
              .valueStream()
              .map(JsonNode::stringValue)
              .toList());
      Folders.delete(site.store());
      deleteAll(minio, bucket);
      assertEquals(1, site.listed().size());
      var status = site.run("status");
      assertTrue(
          status.out().contains("In the store far 3 objects were deleted or overwritten"),
          status.out());
      var snapshot = folder.resolve("back.snap");
      site.run(
              "extract",
              manifest.path("id").stringValue(),
              "-o",
              snapshot.toString(),
              "--identity",
              site.identity().toString())
          .expect(Exit.OK);
      assertEquals(
          manifest.path("plain").path("sha256").stringValue(),
          HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(snapshot))));
    }
  }

  /// As somebody would with every right and no thought of versions.
  private static void deleteAll(Minio minio, String bucket) {
    try (var client = minio.client()) {
      List<S3Object> objects = client.listObjectsV2(r -> r.bucket(bucket)).contents();
      assertEquals(3, objects.size());
      for (S3Object object : objects) {
        assertTrue(object.key().startsWith("vault/lab/"), object.key());
        var _ = client.deleteObject(r -> r.bucket(bucket).key(object.key()));
      }
      assertEquals(List.of(), client.listObjectsV2(r -> r.bucket(bucket)).contents());
    }
  }

  @Test
  void what_a_bucket_cannot_do_is_told_before_the_first_backup_and_at_it() {
    try (var minio = Minio.start(folder.resolve("minio"));
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      minio.bucket("lab-versioned", Kind.VERSIONED);
      minio.bucket("lab-default", Kind.LOCKED);
      minio.defaultRetention("lab-default", ObjectLockRetentionMode.COMPLIANCE, 1);
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.far {\n%s}".formatted(minio.storeBlock("lab-none")));
      refuses(site, "create the bucket lab-none, or correct its name");

      site.configure("stores.far { bucket = lab-versioned, lock { mode = compliance, days = 1 } }");
      refuses(site, "the bucket lab-versioned has no object lock: create one that has");

      site.configure("stores.far { bucket = lab-default }");
      refuses(site, "name a second bucket without one in control-bucket");

      site.configure("stores.far { control-bucket = lab-versioned }");
      var good = site.run("check", "--live").expect(Exit.OK);
      assertTrue(good.out().contains("what is put stays locked for 1 day"), good.out());
      var id = site.backup();
      site.run("pin", id).expect(Exit.OK);
      site.run("verify", id).expect(Exit.OK);
      assertEquals(3, objects(minio, "lab-default"));
      assertEquals(2, objects(minio, "lab-versioned"));
      site.run("unpin", id).expect(Exit.OK);
      assertEquals(1, objects(minio, "lab-versioned"));
    }
  }

  private static void refuses(Site site, String hint) {
    var looked = site.run("check", "--live").expect(Exit.STORE_FAILED);
    assertTrue(looked.out().contains("store far        WRONG"), looked.out());
    assertTrue(looked.out().contains("hint: " + hint), looked.out());
    var failed = site.run("backup").expect(Exit.STORE_FAILED);
    assertTrue(failed.err().contains("hint: " + hint), failed.err());
    assertEquals(List.of(), Site.files(site.store()));
  }

  private static int objects(Minio minio, String bucket) {
    try (var client = minio.client()) {
      return client.listObjectsV2(r -> r.bucket(bucket)).contents().size();
    }
  }

  @Test
  void a_bucket_that_is_away_fails_the_backup_only_when_it_is_required() {
    try (var minio = Minio.start(folder.resolve("minio"));
        var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var bucket = minio.bucket("lab-backups", Kind.PLAIN);
      var site =
          Site.beside(cluster, folder.resolve("site"))
              .configure("stores.far {\n%s}".formatted(minio.storeBlock(bucket)));
      minio.stop();

      var failed = site.run("backup").expect(Exit.STORE_FAILED);
      assertTrue(failed.err().contains("store far: cannot"), failed.err());
      assertEquals(List.of(), Site.files(site.store()));
      assertEquals(List.of(), site.spooled());

      var stored = site.configure("stores.far.required = false").run("backup").expect(Exit.OK);
      assertTrue(stored.err().contains("stored without far, which is not required"), stored.err());
      assertEquals(3, Site.files(site.store()).size());
    }
  }
}
