package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.S3Config.Credentials;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import dev.lifeboat.store.s3.S3Store;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every way of saying who we are, and whom we believe, against real servers.
class S3AccessTest {
  @TempDir static Path folder;
  private static Certificates certificates;
  private static Minio minio;
  private static Minio elsewhere;
  private static Moto moto;

  @BeforeAll
  static void start() {
    certificates = Certificates.in(folder.resolve("tls"));
    var here = certificates.server("here", "IP:127.0.0.1");
    var other = certificates.server("other", "DNS:elsewhere.example");
    minio = Minio.startTls(folder.resolve("minio"), here.certificateFile(), here.privateKeyFile());
    elsewhere =
        Minio.startTls(folder.resolve("other"), other.certificateFile(), other.privateKeyFile());
    moto = Moto.start(folder.resolve("moto"));
    moto.bucket("lab-access");
    try (Store store = open(minio.endpoint(), trusted(), keys(minio))) {
      // The bucket is made by whoever has the rights: MinIO's own folder is one.
      Folders.create(folder.resolve("minio/data/lab-access"));
      assertEquals(0, store.list().size());
    }
  }

  @AfterAll
  static void stop() {
    moto.close();
    elsewhere.close();
    minio.close();
  }

  @Test
  void a_certificate_of_the_given_authority_is_believed() {
    assertStores(open(minio.endpoint(), trusted(), keys(minio)));
  }

  @Test
  void a_certificate_of_nobody_we_know_is_not() {
    refused(
        Reason.UNAVAILABLE,
        "the certificate is not believed: unable to find valid",
        minio.endpoint(),
        Optional.empty());
  }

  @Test
  void a_certificate_of_another_name_is_not() {
    refused(
        Reason.UNAVAILABLE,
        "the certificate is not believed: No subject alternative names",
        elsewhere.endpoint(),
        trusted());
  }

  private static void refused(Reason reason, String says, URI endpoint, Optional<Path> ca) {
    try (Store store = open(endpoint, ca, keys(minio))) {
      var e = assertThrows(StoreException.class, store::list);

      assertEquals(reason, e.reason());
      assertTrue(String.valueOf(e.getMessage()).contains(says), e::getMessage);
    }
  }

  @Test
  void a_profile_is_read_from_the_file_of_the_sdk() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("credentials"),
            "[other]\naws_access_key_id = wrong\naws_secret_access_key = wrong-wrong\n"
                + "[lifeboat]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
                    .formatted(
                        Site.text(minio.accessKeyFile()).strip(),
                        Site.text(minio.secretKeyFile()).strip()));
    with(
        "aws.sharedCredentialsFile",
        file.toString(),
        () -> assertStores(open(minio.endpoint(), trusted(), new Credentials.Profile("lifeboat"))));
    with(
        "aws.sharedCredentialsFile",
        file.toString(),
        () -> {
          try (Store store = open(minio.endpoint(), trusted(), new Credentials.Profile("other"))) {
            var e = assertThrows(StoreException.class, store::list);
            assertEquals(Reason.DENIED, e.reason());
          }
        });
  }

  @Test
  void what_the_sdk_finds_by_itself_is_used() {
    with(
        "aws.accessKeyId",
        Site.text(minio.accessKeyFile()).strip(),
        () ->
            with(
                "aws.secretAccessKey",
                Site.text(minio.secretKeyFile()).strip(),
                () -> assertStores(open(minio.endpoint(), trusted(), new Credentials.Default()))));
  }

  @Test
  void rotated_files_take_effect_with_the_next_request() throws IOException {
    Path access = folder.resolve("rotating-access");
    Path secret = folder.resolve("rotating-secret");
    Folders.writeSecret(access, "wrong");
    Folders.writeSecret(secret, "wrong-wrong");
    try (Store store =
        open(
            minio.endpoint(),
            trusted(),
            new Credentials.Files(
                new SecretSource.FromFile(access),
                new SecretSource.FromFile(secret),
                Optional.empty()))) {
      var e = assertThrows(StoreException.class, store::list);
      assertEquals(Reason.DENIED, e.reason());

      Files.copy(minio.accessKeyFile(), access, StandardCopyOption.REPLACE_EXISTING);
      Files.copy(minio.secretKeyFile(), secret, StandardCopyOption.REPLACE_EXISTING);

      assertEquals(0, store.list().stream().filter(o -> o.name().equals("none")).count());
    }
  }

  /// moto's STS lets every token in; that ours is sent, and that what comes back is used, is seen.
  @Test
  void a_token_is_exchanged_for_credentials() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "header.payload.signature");
    with(
        "aws.endpointUrlSts",
        moto.endpoint().toString(),
        () ->
            assertStores(
                open(
                    moto.endpoint(),
                    Optional.empty(),
                    new Credentials.WebIdentity(
                        "arn:aws:iam::123456789012:role/lifeboat", token))));
    assertTrue(
        Site.text(folder.resolve("moto/moto.log")).lines().count() > 1,
        "the server was asked for nothing");
  }

  @Test
  void a_token_file_that_is_missing_is_said_so() {
    with(
        "aws.endpointUrlSts",
        moto.endpoint().toString(),
        () -> {
          try (Store store =
              open(
                  moto.endpoint(),
                  Optional.empty(),
                  new Credentials.WebIdentity(
                      "arn:aws:iam::123456789012:role/lifeboat", folder.resolve("none")))) {
            var e = assertThrows(StoreException.class, store::list);
            assertTrue(String.valueOf(e.getMessage()).contains("none"), e::getMessage);
          }
        });
  }

  private static void assertStores(Store opened) {
    String object = UUID.randomUUID() + ".manifest";
    try (Store store = opened) {
      store.put(object, new byte[] {1, 2, 3});
      assertArrayEquals(new byte[] {1, 2, 3}, store.read(object, 3));
      store.delete(object);
    }
  }

  /// The SDK looks into the environment or these; a test can set these.
  private static void with(String property, String value, Runnable action) {
    String before = System.setProperty(property, value);
    try {
      action.run();
    } finally {
      if (before == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, before);
      }
    }
  }

  private static Optional<Path> trusted() {
    return Optional.of(certificates.caFile());
  }

  private static Credentials keys(Minio of) {
    return new Credentials.Files(
        new SecretSource.FromFile(of.accessKeyFile()),
        new SecretSource.FromFile(of.secretKeyFile()),
        Optional.empty());
  }

  private static Store open(URI endpoint, Optional<Path> ca, Credentials credentials) {
    return S3Store.open(
        "bucket",
        new S3Config(
            "lab-access",
            "place/",
            Optional.empty(),
            Optional.of(Minio.REGION),
            Optional.of(endpoint),
            true,
            ca,
            credentials,
            S3Config.Encryption.NONE,
            S3Config.Lock.NONE,
            ByteSize.mebibytes(5),
            Duration.ofSeconds(10)),
        InstantSource.system());
  }
}
