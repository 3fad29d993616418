package dev.lifeboat.unseal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RootWriteTest {
  private static final String PATH = "sys/storage/raft/remove-peer";

  private final FakeVault fake = FakeVault.open();
  private final VaultClient client =
      VaultClient.open(
          new VaultConfig(
              fake.address(),
              List.of(),
              0,
              Optional.empty(),
              VaultConfig.Tls.DEFAULT,
              new VaultConfig.Auth.None(),
              Duration.ofSeconds(1),
              Duration.ofSeconds(5)),
          RequestObserver.NONE);

  @AfterEach
  void close() {
    client.close();
    fake.close();
  }

  private JsonNode post(Optional<Secret> token) throws InterruptedException {
    return RootWrite.require(client.own(), token, PATH, Map.of("server_id", "node-1"));
  }

  private Reason refusal(Reply reply) {
    fake.on(PATH, reply);
    return assertThrows(VaultException.class, () -> post(Optional.empty())).reason();
  }

  @Test
  void an_answer_is_given_whole_and_none_is_an_empty_one() throws InterruptedException {
    fake.on(PATH, Reply.json(200, "{\"joined\":true}"));
    assertEquals(true, post(Optional.of(new Secret("s.token"))).path("joined").asBoolean(false));
    assertEquals("s.token", fake.requests().getFirst().token());
    assertEquals("{\"server_id\":\"node-1\"}", fake.requests().getFirst().body());

    fake.on(PATH, Reply.body(204, "text/plain", new byte[0]));
    assertEquals(0, post(Optional.empty()).size());
    assertEquals("", fake.requests().getLast().token());
  }

  @Test
  void what_is_no_answer_has_its_reason() {
    assertEquals(Reason.REFUSED, refusal(Reply.json(400, "{\"errors\":[\"no\"]}")));
    assertEquals(Reason.DENIED, refusal(Reply.denied()));
    assertEquals(Reason.SERVER_ERROR, refusal(Reply.json(500, "{\"errors\":[\"no\"]}")));
    assertEquals(Reason.NOT_JSON, refusal(Reply.html(200)));
    assertEquals(Reason.UNREACHABLE, refusal(Reply.cut()));
  }

  @Test
  void whoever_is_told_to_stop_stops() {
    fake.on(PATH, Reply.hang());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> post(Optional.empty()));
  }
}
