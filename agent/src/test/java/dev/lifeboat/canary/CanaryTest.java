package dev.lifeboat.canary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class CanaryTest {
  private static final Secret TOKEN = new Secret("s.test-token-of-the-canary");
  private static final String DATA = "team/kv/data/lifeboat/canary";
  private static final String MISMATCH =
      "{\"errors\":[\"check-and-set parameter did not match the current version\"]}";

  private final FakeVault vault = FakeVault.open().active();
  private VaultClient client;
  private volatile String written = "{}";

  @BeforeEach
  void a_kv_version_2_mount_with_a_slash_in_its_name() {
    mount("{\"path\":\"team/kv/\",\"type\":\"kv\",\"options\":{\"version\":\"2\"}}");
    vault.on(
        "transit/encrypt/lifeboat",
        Reply.json(200, "{\"data\":{\"ciphertext\":\"vault:v1:c1ph3r\"}}"));
    vault.script(
        DATA,
        request -> {
          if (!request.method().equals("GET")) {
            written = request.body();
            return Reply.json(200, "{\"data\":{\"version\":3}}");
          }
          return Reply.json(200, readBack(3, written));
        });
    client =
        VaultClient.open(
            new VaultConfig(
                vault.address(),
                List.of(),
                1,
                Optional.empty(),
                VaultConfig.Tls.DEFAULT,
                new VaultConfig.Auth.None(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5)),
            RequestObserver.NONE);
  }

  @AfterEach
  void close() {
    client.close();
    vault.close();
  }

  private void mount(String data) {
    vault.on(
        "sys/internal/ui/mounts/team/kv/lifeboat/canary",
        Reply.json(200, "{\"data\":%s}".formatted(data)));
  }

  private static String readBack(int version, String body) {
    JsonNode fields = JsonMapper.shared().readTree(body).path("data");
    return "{\"data\":{\"data\":%s,\"metadata\":{\"version\":%d}}}".formatted(fields, version);
  }

  private Canary.Written write(Optional<String> transitKey) {
    return Canary.write(client.own(), TOKEN, "team/kv/lifeboat/canary", transitKey);
  }

  @Test
  void a_fresh_value_and_its_ciphertext_are_written_and_only_a_digest_is_answered()
      throws Exception {
    Canary.Written canary = write(Optional.of("transit/lifeboat"));

    JsonNode fields = JsonMapper.shared().readTree(written).path("data");
    String value = fields.path("value").asString();
    assertEquals(32, Base64.getDecoder().decode(value).length);
    assertEquals("vault:v1:c1ph3r", fields.path("ciphertext").asString());
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
    assertEquals(
        new Canary.Written(
            "team/kv/lifeboat/canary",
            3,
            HexFormat.of().formatHex(digest),
            Optional.of("transit/lifeboat"),
            Optional.of("vault:v1:c1ph3r")),
        canary);
    var sent = vault.requests("transit/encrypt/lifeboat").getFirst();
    assertEquals(value, JsonMapper.shared().readTree(sent.body()).path("plaintext").asString());
    assertNotEquals(canary.valueSha256(), write(Optional.empty()).valueSha256());
  }

  @Test
  void without_a_transit_key_there_is_no_ciphertext() {
    assertEquals(Optional.empty(), write(Optional.empty()).ciphertext());
    assertEquals(1, JsonMapper.shared().readTree(written).path("data").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"path":"team/","type":"kv","options":{"version":"1"}} | KV version 1
          {"path":"team/","type":"kv","options":null}            | KV version 1
          {"path":"team/","type":"cubbyhole"}                    | 'cubbyhole' engine
          """)
  void another_engine_than_kv_version_2_is_declined_before_anything_is_written(
      String mount, String found) {
    mount(mount);

    CanaryException e = assertThrows(CanaryException.class, () -> write(Optional.empty()));

    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("the mount 'team/' is a " + found), message);
    assertTrue(message.contains("\nhint: point backup.canary.path into"), message);
    assertEquals("{}", written);
  }

  @Test
  void a_value_that_reads_back_otherwise_is_refused() {
    vault.script(
        DATA,
        request ->
            request.method().equals("GET")
                ? Reply.json(200, readBack(3, "{\"data\":{\"value\":\"other\"}}"))
                : Reply.json(200, "{\"data\":{\"version\":3}}"));

    assertMessage("did not read back as it was written");
  }

  @Test
  void a_version_that_somebody_else_wrote_in_between_is_refused() {
    vault.script(
        DATA,
        request ->
            request.method().equals("GET")
                ? Reply.json(200, readBack(4, "{\"data\":{}}"))
                : Reply.json(200, "{\"data\":{\"version\":3}}"));

    assertMessage("version 3 was written, version 4 read back");
  }

  @Test
  void a_missing_mount_or_key_is_told() {
    vault.on("transit/encrypt/lifeboat", Reply.json(404, "{\"errors\":[\"no handler\"]}"));

    CanaryException e =
        assertThrows(CanaryException.class, () -> write(Optional.of("transit/lifeboat")));
    assertTrue(
        String.valueOf(e.getMessage()).contains("\nhint: are that mount and that key there?"),
        e.toString());
  }

  @Test
  void an_answer_without_ciphertext_or_version_is_refused() {
    vault.on("transit/encrypt/lifeboat", Reply.json(200, "{\"data\":{}}"));
    assertThrows(CanaryException.class, () -> write(Optional.of("transit/lifeboat")));

    vault.on(DATA, Reply.json(200, "{\"data\":{}}"));
    assertMessage("names no version");
  }

  @Test
  void a_refused_request_is_the_canary_s_failure() {
    vault.on(DATA, Reply.json(400, "{\"errors\":[\"check-and-set parameter required\"]}"));

    assertThrows(CanaryException.class, () -> write(Optional.empty()));
  }

  @Test
  void a_denied_token_a_sealed_node_and_no_answer_are_told_apart() {
    vault.on(DATA, Reply.denied());
    assertReason(VaultException.Reason.DENIED);

    vault.on(DATA, Reply.json(503, "{\"errors\":[\"Vault is sealed\"]}"));
    assertReason(VaultException.Reason.SEALED);

    vault.on(DATA, Reply.cut());
    assertThrows(VaultException.class, () -> write(Optional.empty()));
  }

  @Test
  void a_denial_may_also_mean_that_nothing_is_there() {
    vault.on("transit/encrypt/lifeboat", Reply.denied());
    assertOrMissing(() -> write(Optional.of("transit/lifeboat")));

    vault.on(DATA, Reply.denied());
    assertOrMissing(() -> write(Optional.empty()));

    vault.on("sys/internal/ui/mounts/team/kv/lifeboat/canary", Reply.denied());
    assertOrMissing(() -> write(Optional.empty()));
  }

  private static void assertOrMissing(Executable refused) {
    VaultException e = assertThrows(VaultException.class, refused);
    assertEquals(VaultException.Reason.DENIED, e.reason());
    assertTrue(
        e.getMessage().endsWith("lacks this path, or the mount or key does not exist"),
        e.getMessage());
  }

  @Test
  void a_rehearsal_asks_for_a_version_that_is_none_and_reads() {
    takes(Reply.json(400, MISMATCH), Reply.json(200, readBack(3, "{\"data\":{}}")));

    Canary.rehearse(client.own(), TOKEN, DATA);

    JsonNode sent = JsonMapper.shared().readTree(vault.requests(DATA).getFirst().body());
    assertEquals(Integer.MAX_VALUE, sent.path("options").path("cas").asInt());
    assertEquals(2, vault.requests(DATA).size());

    takes(Reply.json(400, MISMATCH), Reply.json(404, "{\"errors\":[]}"));
    Canary.rehearse(client.own(), TOKEN, DATA);
  }

  @Test
  void a_rehearsal_fails_where_the_canary_would() {
    takes(Reply.json(400, "{\"errors\":[\"upgrading\"]}"), Reply.json(200, "{}"));
    assertThrows(CanaryException.class, () -> Canary.rehearse(client.own(), TOKEN, DATA));

    takes(Reply.json(200, "{\"data\":{\"version\":4}}"), Reply.json(200, "{}"));
    assertThrows(CanaryException.class, () -> Canary.rehearse(client.own(), TOKEN, DATA));

    takes(Reply.json(400, MISMATCH), Reply.json(400, "{\"errors\":[\"no\"]}"));
    assertThrows(CanaryException.class, () -> Canary.rehearse(client.own(), TOKEN, DATA));

    takes(Reply.denied(), Reply.json(200, "{}"));
    assertThrows(VaultException.class, () -> Canary.rehearse(client.own(), TOKEN, DATA));
  }

  private void takes(Reply write, Reply read) {
    vault.script(DATA, request -> request.method().equals("GET") ? read : write);
  }

  @Test
  void a_transit_key_can_be_tried_alone() {
    Canary.encrypt(client.own(), TOKEN, "transit/lifeboat");

    assertEquals(1, vault.requests("transit/encrypt/lifeboat").size());
    assertEquals("{}", written);
  }

  private void assertReason(VaultException.Reason reason) {
    VaultException e = assertThrows(VaultException.class, () -> write(Optional.empty()));
    assertEquals(reason, e.reason(), e.getMessage());
  }

  private void assertMessage(String part) {
    CanaryException e = assertThrows(CanaryException.class, () -> write(Optional.empty()));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.toString());
  }
}
