package dev.lifeboat.rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.rekey.Bench.Notes;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RotationTest {
  private final FakeRekey server = new FakeRekey(true);
  private final VaultClient client = Bench.client(server);
  private final Rotation rotation = new Rotation(client, Bench::token);

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private Reason refused() {
    return assertThrows(VaultException.class, () -> rotation.run(new Notes())).reason();
  }

  @Test
  void one_that_died_after_it_does_not_rotate_twice() throws Exception {
    Notes notes = new Notes();

    assertEquals(Map.of("epoch", "2"), rotation.run(notes));
    assertEquals(Map.of("epoch", "2"), rotation.run(notes));

    assertEquals(2, server.term());
  }

  @Test
  void a_refusal_and_one_that_changed_nothing_are_told() {
    server.vault().on("sys/rotate", Reply.json(403, "{\"errors\":[\"permission denied\"]}"));
    assertEquals(Reason.DENIED, refused());
    server.vault().on("sys/rotate", Reply.json(400, "{\"errors\":[\"no\"]}"));
    assertEquals(Reason.REFUSED, refused());
    server.vault().on("sys/rotate", Reply.json(200, "{}"));
    assertEquals(Reason.SERVER_ERROR, refused());
    server.vault().on("sys/key-status", Reply.json(200, "{}"));
    assertEquals(Reason.NOT_JSON, refused());
  }
}
