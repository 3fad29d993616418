package dev.lifeboat.unseal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SealCallTest {
  private static final String PATH = "sys/unseal";

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

  private SealCall.Answer give(Reply reply) throws InterruptedException, SealCall.WrongShares {
    fake.on(PATH, reply);
    Share share = Share.parse("ab".repeat(33), "here", Share.Kind.UNSEAL).orElseThrow();
    return new SealCall(client.own()).give(share);
  }

  private static Reply error(int status, String words) {
    return Reply.json(status, "{\"errors\":[\"%s\"]}".formatted(words));
  }

  @Test
  void what_the_node_says_after_a_share_is_told() throws Exception {
    SealCall.Answer answer =
        give(Reply.json(200, "{\"sealed\":true,\"t\":3,\"progress\":2,\"nonce\":\"n\"}"));

    assertEquals(new SealCall.Answer(true, 3, 2, "n"), answer);
    assertTrue(fake.requests().getFirst().body().contains("ab".repeat(33)));
  }

  /// 400 of a node that has its data, 500 of one that joins a cluster.
  @Test
  void shares_that_do_not_fit_are_told_from_all_else() {
    assertThrows(
        SealCall.WrongShares.class, () -> give(error(400, "invalid key: failed to setup")));
    assertThrows(
        SealCall.WrongShares.class,
        () -> give(error(500, "error decrypting challenge: message authentication failed")));
    for (Reply other :
        List.of(
            error(400, "Vault is not initialized"),
            error(500, "disk full"),
            error(503, "invalid key"))) {
      assertThrows(VaultException.class, () -> give(other));
    }
  }
}
