package dev.lifeboat.kms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.KeyException.Reason;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.store.S3Config.Credentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What KMS answers that no server of the lab can be made to answer, in the words that its API
/// reference gives.
class KmsFailuresTest {
  private static final String ID = "20261122T020000Z-1f2e3d4c";
  private static final String ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd";

  @TempDir Path folder;
  private HttpServer server;
  private int status = 400;
  private String body = "";
  private String asked = "";

  @BeforeEach
  void a_server() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          byte[] answer = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  @ParameterizedTest
  @CsvSource({
    "DisabledException, KMS, the key is disabled",
    "KMSInvalidStateException, KMS, is its deletion scheduled?",
    "NotFoundException, KMS, 'see key, region and account'",
    "AccessDeniedException, KMS, the rights that are needed",
    "InvalidCiphertextException, WRONG_KEY, it was wrapped by another key",
    "IncorrectKeyException, WRONG_KEY, it was wrapped by another key"
  })
  void each_refusal_says_what_to_do(String type, Reason reason, String words) {
    body = "{\"__type\":\"%s\",\"message\":\"no\"}".formatted(type);

    var e = assertThrows(KeyException.class, () -> KmsOpener.of(config("alias/x")).open(key(), ID));

    assertEquals(reason, e.reason());
    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("kms aws: cannot decrypt with " + ARN), message);
    assertTrue(message.contains(words), message);
  }

  @Test
  void an_error_of_the_server_is_told_after_some_attempts() {
    status = 500;

    var e = assertThrows(KeyException.class, this::wrap);

    assertEquals(Reason.KMS, e.reason());
    assertTrue(String.valueOf(e.getMessage()).contains("can this machine reach"), e.getMessage());
  }

  @Test
  void missing_credentials_are_told() throws IOException {
    KmsConfig config = config("alias/x");
    Files.delete(folder.resolve("secret-key"));

    var e = assertThrows(KeyException.class, () -> KmsOpener.of(config).open(key(), ID));

    assertEquals(Reason.KMS, e.reason());
    assertTrue(String.valueOf(e.getMessage()).contains("secret-key: no such file"), e.getMessage());
  }

  @Test
  void what_is_wrapped_names_the_key_that_did_and_what_it_was_bound_to() {
    status = 200;
    body = "{\"CiphertextBlob\":\"AAEC\",\"KeyId\":\"%s\"}".formatted(ARN);

    WrappedKey key = wrap();

    assertEquals(key, WrappedKey.parse(key.toJson()));
    assertEquals("aws", key.comment());
    assertEquals(ARN, key.kms().orElseThrow().key());
    assertEquals(ID, key.kms().orElseThrow().context().get("lifeboat-backup"));
    assertTrue(asked.contains("\"lifeboat-cluster\":\"cluster-1\""), asked);
    assertTrue(asked.contains("\"lifeboat-backup\":\"" + ID + "\""), asked);
    assertTrue(new KmsRecipient(config("alias/x")).has(key));
    assertTrue(new KmsRecipient(config(ARN)).has(key));
    assertFalse(new KmsRecipient(config(ARN + "0")).has(key));
    assertFalse(RecipientIdentity.generate("escrow").fits(key));
  }

  @Test
  void what_it_opens_is_the_data_key_and_nothing_of_another_length() {
    status = 200;
    byte[] raw = new byte[32];
    raw[0] = 7;
    body = "{\"Plaintext\":\"%s\"}".formatted(Base64.getEncoder().encodeToString(raw));
    try (DataKey opened = KmsOpener.of(config("alias/x")).open(key(), ID)) {
      assertArrayEquals(raw, opened.revealBytes());
    }
    assertTrue(asked.contains("\"lifeboat-backup\":\"" + ID + "\""), asked);

    body = "{\"Plaintext\":\"AAEC\"}";
    var e = assertThrows(KeyException.class, () -> KmsOpener.of(config("alias/x")).open(key(), ID));
    assertEquals(Reason.BAD_DOCUMENT, e.reason());
  }

  @Test
  void without_a_second_identity_nothing_is_decrypted() {
    KmsConfig own = config("alias/x");
    var encryptOnly =
        new KmsConfig(
            own.name(),
            own.key(),
            own.region(),
            own.endpoint(),
            own.caFile(),
            own.credentials(),
            true,
            Optional.empty());

    var e = assertThrows(KeyException.class, () -> KmsOpener.of(encryptOnly));

    assertEquals(Reason.BAD_KEY_FILE, e.reason());
  }

  private WrappedKey wrap() {
    try (DataKey key = DataKey.generate()) {
      return new KmsRecipient(config("alias/x")).wrapped(key, "cluster-1", ID);
    }
  }

  /// Made for another backup; what is asked for is the caller's.
  private static WrappedKey key() {
    return WrappedKey.ofKms(
        "20200101T000000Z-00000000",
        "aws",
        new byte[] {1, 2, 3},
        new WrappedKey.Kms(
            ARN,
            java.util.Map.of(
                "lifeboat-backup", "20200101T000000Z-00000000", "lifeboat-cluster", "c")));
  }

  private KmsConfig config(String key) {
    var credentials =
        new Credentials.Files(secret("access-key"), secret("secret-key"), Optional.empty());
    return new KmsConfig(
        "aws",
        key,
        Optional.of("eu-central-1"),
        Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())),
        Optional.empty(),
        credentials,
        true,
        Optional.of(credentials));
  }

  private SecretSource secret(String name) {
    Path file = folder.resolve(name);
    try {
      if (Files.notExists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, "lab-only");
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return new SecretSource.FromFile(file);
  }
}
