package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Backups of a real cluster whose data keys a KMS can open, besides the escrow key.
class KmsBackupTest {
  private static final String ALIAS = "alias/lifeboat";

  @TempDir static Path shared;
  private static Cluster cluster;
  private static Moto moto;
  private static String arn = "";
  private static int sites;

  private Site site;

  @BeforeAll
  static void start() {
    moto = Moto.start(shared.resolve("moto"));
    arn = moto.key(ALIAS);
    cluster = TestClusters.start(Product.OPENBAO, 1, shared);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    moto.close();
  }

  @BeforeEach
  void a_site() {
    sites++;
    site = Site.beside(cluster, shared.resolve("site-" + sites)).configure(kms(ALIAS));
  }

  private static String kms(String key) {
    return "backup.kms.aws {\n%s}".formatted(moto.block(key));
  }

  @Test
  void both_the_kms_and_the_escrow_key_open_it() throws Exception {
    var id = site.backup();

    site.run("verify", id, "--kms", "aws").expect(Exit.OK);
    site.run("verify", id, "--identity", site.identity().toString()).expect(Exit.OK);
    var checked = site.run("keys", "check", "--kms", "aws", "--deep").expect(Exit.OK);
    assertTrue(
        checked.out().contains("opened by kms aws, to its end; 2 recipients"), checked.out());
    var byKms = shared.resolve("by-kms.snap");
    var byEscrow = shared.resolve("by-escrow.snap");
    site.run("extract", id, "-o", byKms.toString(), "--kms", "aws").expect(Exit.OK);
    site.run("extract", id, "-o", byEscrow.toString(), "--identity", site.identity().toString())
        .expect(Exit.OK);
    assertArrayEquals(Files.readAllBytes(byEscrow), Files.readAllBytes(byKms));
  }

  /// What `docs/recovery-without-lifeboat.md` tells to do, with another client of KMS.
  @Test
  void the_document_says_what_another_client_needs() throws Exception {
    var id = site.backup();

    JsonNode document = kmsDocument(id);

    assertEquals("aws-kms", document.path("by").stringValue());
    assertEquals(arn, document.path("key").stringValue());
    assertEquals(id, document.path("context").path("lifeboat-backup").stringValue());
    assertFalse(document.path("context").path("lifeboat-cluster").asString("").isEmpty());
    assertEquals(32, decrypted(document, id).length);
  }

  private byte[] decrypted(JsonNode document, String id) {
    try (var client = moto.client()) {
      return client
          .decrypt(
              request ->
                  request
                      .ciphertextBlob(
                          SdkBytes.fromByteArray(
                              Base64.getDecoder().decode(document.path("wrapped").stringValue())))
                      .encryptionContext(
                          Map.of(
                              "lifeboat-backup",
                              id,
                              "lifeboat-cluster",
                              document.path("context").path("lifeboat-cluster").asString(""))))
          .plaintext()
          .asByteArray();
    }
  }

  /// A key document moved to another backup: our own check is passed by signing it anew, and then
  /// KMS refuses the context.
  @Test
  void what_was_wrapped_for_another_backup_does_not_open() {
    var document = kmsDocument(site.backup());

    var refused =
        org.junit.jupiter.api.Assertions.assertThrows(
            software.amazon.awssdk.services.kms.model.KmsException.class,
            () -> decrypted(document, "20200101T000000Z-00000000"));

    assertTrue(refused.getMessage().contains("InvalidCiphertext"), refused.getMessage());
  }

  @Test
  void a_disabled_key_is_told_and_escrow_still_opens() {
    var own = moto.key("alias/to-be-disabled");
    var other =
        Site.beside(cluster, shared.resolve("disabled")).configure(kms("alias/to-be-disabled"));
    var id = other.backup();
    try (var client = moto.client()) {
      var _ = client.disableKey(request -> request.keyId(own));
    }

    var refused = other.run("verify", id, "--kms", "aws").expect(Exit.KMS_FAILED);
    assertTrue(refused.err().contains("the key is disabled"), refused.err());
    other.run("verify", id, "--identity", other.identity().toString()).expect(Exit.OK);
    var run = other.run("backup").expect(Exit.KMS_FAILED);
    assertTrue(run.err().contains("the key is disabled"), run.err());
    assertEquals(List.of(id), other.listed());
  }

  @Test
  void a_kms_that_is_down_fails_a_backup_that_requires_it() {
    var down = Site.beside(cluster, shared.resolve("down")).configure(kms(ALIAS));
    down.configure("backup.kms.aws.endpoint = \"http://127.0.0.1:1\"");

    var run = down.run("backup").expect(Exit.KMS_FAILED);

    assertTrue(run.err().contains("kms aws: cannot encrypt with " + ALIAS), run.err());
    assertTrue(run.err().contains("hint: can this machine reach"), run.err());
    assertEquals(List.of(), down.listed());
    assertEquals(Map.of(), down.objects());
  }

  @Test
  void one_that_is_not_required_is_left_out_and_added_later_by_escrow_alone() {
    var real = moto.endpoint();
    site.configure("backup.kms.aws { required = false, endpoint = \"http://127.0.0.1:1\" }");

    var run = site.run("backup", "--json").expect(Exit.OK);
    assertTrue(run.err().contains("stored without kms.aws, which is not required"), run.err());
    var id = run.json().path("id").stringValue();
    assertEquals(1, run.json().path("recipients").size());

    site.configure("backup.kms.aws.endpoint = \"%s\"".formatted(real));
    var closed = site.run("keys", "check", "--kms", "aws").expect(Exit.WRONG_KEY);
    assertTrue(closed.out().contains("CLOSED"), closed.out());
    var identity = site.identity().toString();
    var rewrapped =
        site.run("keys", "rewrap", "--all", "--yes", "--identity", identity).expect(Exit.OK);
    assertTrue(rewrapped.out().contains("1 key added, 0 removed"), rewrapped.out());
    site.run("keys", "check", "--kms", "aws").expect(Exit.OK);
    site.run("verify", id, "--kms", "aws").expect(Exit.OK);
    var again = site.run("keys", "rewrap", "--all", "--yes", "--identity", identity);
    assertTrue(again.expect(Exit.OK).out().contains("1 backup as asked already"), again.out());
  }

  @Test
  void a_recipient_is_replaced_by_another_with_a_passphrase() {
    var id = site.backup();
    var words = shared.resolve("passphrase");
    Folders.writeSecret(words, "correct horse battery staple");
    Program.here(
            dev.lifeboat.backup.Milestones.NONE,
            "keys",
            "generate",
            "--recipient",
            "safe",
            "--passphrase-file",
            words.toString(),
            "-o",
            shared.toString())
        .expect(Exit.OK);
    var escrow = site.run("keys", "show", site.identity().toString()).out();
    var old = escrow.lines().skip(1).findFirst().orElseThrow().split("  +")[1];

    var run =
        site.run(
                "keys",
                "rewrap",
                id,
                "--yes",
                "--identity",
                site.identity().toString(),
                "--add",
                shared.resolve("safe.recipient").toString(),
                "--remove",
                old)
            .expect(Exit.OK);

    assertTrue(run.out().contains("Removing revokes nothing"), run.out());
    site.run("verify", id, "--identity", site.identity().toString()).expect(Exit.WRONG_KEY);
    site.run(
            "verify",
            id,
            "--identity",
            shared.resolve("safe.identity").toString(),
            "--passphrase-file",
            words.toString())
        .expect(Exit.OK);
    site.run("verify", id).expect(Exit.OK);
  }

  private JsonNode kmsDocument(String id) {
    for (String file : Site.files(site.store())) {
      if (file.startsWith(id) && file.endsWith(".key")) {
        var json =
            new JsonMapper()
                .readTree(Site.text(site.store().resolve(file)).lines().findFirst().orElseThrow());
        if (json.has("by")) {
          return json;
        }
      }
    }
    throw new LabException("no document by KMS");
  }
}
