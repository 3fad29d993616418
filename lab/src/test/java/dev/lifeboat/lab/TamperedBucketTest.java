package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.lab.Minio.Kind;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;
import tools.jackson.databind.JsonNode;

/// Another client with every right, in a bucket whose objects are locked: whatever it deletes or
/// overwrites is listed, verified and extracted all the same, and is an alarm; what it tries on the
/// versions themselves is refused by the server.
class TamperedBucketTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir static Path folder;
  private static Minio minio;
  private static S3Client somebody;
  private static Cluster cluster;

  @BeforeAll
  static void start() {
    minio = Minio.start(folder.resolve("minio"));
    somebody = minio.client();
    cluster = TestClusters.start(Product.OPENBAO, 1, folder);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    somebody.close();
    minio.close();
  }

  /// What it does to one key.
  static Stream<Arguments> deeds() {
    BiConsumer<String, String> delete =
        (bucket, key) -> {
          var _ = somebody.deleteObject(r -> r.bucket(bucket).key(key));
        };
    BiConsumer<String, String> overwrite =
        (bucket, key) -> {
          var _ =
              somebody.putObject(
                  r -> r.bucket(bucket).key(key), RequestBody.fromString("something else"));
        };
    return Stream.of(
        Arguments.of("deletes", "compliance", delete),
        Arguments.of("overwrites", "compliance", overwrite),
        Arguments.of("overwrites-and-deletes", "governance", overwrite.andThen(delete)));
  }

  @ParameterizedTest(name = "{0} in {1}")
  @MethodSource("deeds")
  void whatever_it_does_to_any_object_of_a_backup_changes_nothing_and_is_told(
      String deed, String mode, BiConsumer<String, String> does) throws Exception {
    String bucket = minio.bucket("lab-" + deed, Kind.LOCKED);
    Site site =
        Site.beside(cluster, folder.resolve(deed))
            .configure("stores.far {\n%s}".formatted(minio.storeBlock(bucket)))
            .configure("backup.kit.enabled = true")
            .configure("stores.far { lock { mode = %s, days = 1 } }".formatted(mode));
    JsonNode manifest = site.run("backup", "--json").expect(Exit.OK).json();
    String id = manifest.path("id").stringValue();
    Map<String, String> versions = versions(bucket);
    for (String end : List.of(".data", ".key", ".kit", ".manifest")) {
      assertTrue(versions.keySet().stream().anyMatch(key -> key.endsWith(end)), end);
    }

    Folders.delete(site.store());

    int done = 0;
    // One by one: each kind of object is an alarm by itself.
    for (String key : versions.keySet()) {
      does.accept(bucket, key);
      done++;
      assertEquals(List.of(id), site.listed(), key);
      String status = site.run("status").out();
      assertTrue(
          status.contains(
              "In the store far %d objects were deleted or overwritten".formatted(done)),
          status);
    }
    try (var _ = AgentHere.start(site, InstantSource.system(), Milestones.NONE)) {
      awaitHidden(site, done);
    }
    site.verifyAll();
    assertExtracts(site, manifest);
    // A verification is recorded and an expiry made as if nothing had happened.
    site.run("verify", id).expect(Exit.OK);
    assertEquals(List.of(id), site.listed());
    versions.forEach((key, version) -> refused(bucket, key, version));
  }

  private static void awaitHidden(Site site, int count) {
    Await.until(
        count + " hidden objects",
        BOUND,
        () -> site.scrape().has("vault_backup_store_hidden_objects{destination=\"far\"}", count));
  }

  private static void assertExtracts(Site site, JsonNode manifest) throws IOException {
    Path snapshot = folder.resolve(manifest.path("id").stringValue() + ".snap");
    site.run(
            "extract",
            manifest.path("id").stringValue(),
            "-o",
            snapshot.toString(),
            "--identity",
            site.identity().toString())
        .expect(Exit.OK);
    assertEquals(manifest.path("plain").path("sha256").stringValue(), sha256(snapshot));
  }

  private static String sha256(Path file) throws IOException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> versions(String bucket) {
    Map<String, String> versions = new TreeMap<>();
    somebody
        .listObjectVersions(r -> r.bucket(bucket))
        .versions()
        .forEach(version -> versions.put(version.key(), version.versionId()));
    return versions;
  }

  private static void refused(String bucket, String key, String version) {
    assertThrows(
        S3Exception.class,
        () -> somebody.deleteObject(r -> r.bucket(bucket).key(key).versionId(version)));
  }
}
