package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientKey;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.kms.KmsOpener;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.vault.Product;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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

    site.configure("backup.kms.aws.endpoint = \"http://127.0.0.1:1\"");
    site.run("verify", id, "--kms", "aws").expect(Exit.KMS_FAILED);
    site.run("keys", "check", "--kms", "aws").expect(Exit.KMS_FAILED);
    site.run("verify", id, "--identity", site.identity().toString()).expect(Exit.OK);
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
    var plain = shared.resolve("by-script.snap");
    var dataKey = shared.resolve("data-key");
    Files.writeString(dataKey, Base64.getEncoder().encodeToString(decrypted(document, id)) + "\n");
    recovered(id, dataKey, plain);
    var extracted = shared.resolve("by-lifeboat.snap");
    site.run("extract", id, "-o", extracted.toString(), "--kms", "aws").expect(Exit.OK);
    assertArrayEquals(Files.readAllBytes(extracted), Files.readAllBytes(plain));
  }

  private void recovered(String id, Path dataKey, Path plain) throws Exception {
    var log = shared.resolve("recover.log");
    var command =
        new ProcessBuilder(
            "python3",
            Checkout.tools().resolveSibling("docs").resolve("recover.py").toString(),
            "--manifest",
            site.store().resolve(id + ".manifest").toString(),
            "--data",
            site.store().resolve(id + ".data").toString(),
            "--data-key",
            dataKey.toString(),
            "--signers",
            shared.resolve("site-" + sites).resolve("shared/trusted-signers").toString(),
            "--out",
            plain.toString());
    command.environment().put("PYTHONPATH", Checkout.tools().resolve("recover").toString());
    command.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    var process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(log));
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

  @Test
  void what_was_wrapped_for_another_backup_does_not_open() {
    var id = site.backup();
    var document = WrappedKey.parse(kmsDocument(id).toString().getBytes(StandardCharsets.UTF_8));
    var opener = KmsOpener.of(config());

    try (var key = opener.open(document, id)) {
      assertEquals(32, key.revealBytes().length);
    }
    var refused =
        assertThrows(KeyException.class, () -> opener.open(document, "20200101T000000Z-00000000"));
    assertEquals(KeyException.Reason.WRONG_KEY, refused.reason(), refused.getMessage());
  }

  private static KmsConfig config() {
    var credentials =
        new S3Config.Credentials.Files(
            new SecretSource.FromFile(shared.resolve("moto/access-key")),
            new SecretSource.FromFile(shared.resolve("moto/secret-key")),
            Optional.empty());
    return new KmsConfig(
        "aws",
        ALIAS,
        Optional.of(Moto.REGION),
        Optional.of(moto.endpoint()),
        Optional.empty(),
        credentials,
        true,
        Optional.of(credentials));
  }

  /// That a key is disabled moto does not mind; `KmsFailuresTest` plays it.
  @Test
  void a_key_that_does_not_exist_fails_the_backup_and_names_it() {
    var none = Site.beside(cluster, shared.resolve("none")).configure(kms("alias/none"));

    var run = none.run("backup").expect(Exit.KMS_FAILED);

    assertTrue(run.err().contains("cannot encrypt with alias/none"), run.err());
    assertEquals(List.of(), none.listed());
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
            Milestones.NONE,
            "keys",
            "generate",
            "--recipient",
            "safe",
            "--passphrase-file",
            words.toString(),
            "-o",
            shared.toString())
        .expect(Exit.OK);
    var old = RecipientKey.readAll(site.recipients()).getFirst().id();

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
