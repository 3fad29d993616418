package dev.lifeboat.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.VaultException.Reason;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No request ever reaches an address that is not configured, whoever sends it and whatever code
/// the redirect has.
class RedirectTest {
  private static final Secret TOKEN = new Secret("s.token");
  private static final VaultConfig.Auth APPROLE =
      new VaultConfig.Auth.AppRole("approle", secret("role"), secret("secret-id"));

  private final FakeVault fake = FakeVault.open();
  private final FakeVault peer = FakeVault.open();
  private final FakeVault foreign = FakeVault.open();
  private final VaultClient client =
      VaultClient.open(
          new VaultConfig(
              fake.address(),
              List.of(peer.address()),
              0,
              Optional.empty(),
              VaultConfig.Tls.DEFAULT,
              APPROLE,
              Duration.ofSeconds(1),
              Duration.ofSeconds(2)),
          RequestObserver.NONE);

  @AfterEach
  void close() {
    client.close();
    List.of(fake, peer, foreign).forEach(FakeVault::close);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void a_read_is_not_sent_to_a_foreign_host(int code) {
    fake.on("secret/x", Reply.redirect(code, foreign.address() + "/v1/secret/x"));

    String message = refused(() -> client.own().read("secret/x", TOKEN));

    assertTrue(message.contains("redirects to " + foreign.address()), message);
    assertTrue(message.endsWith("add it to vault.peers"), message);
  }

  @Test
  void a_snapshot_is_not_fetched_from_a_foreign_host() {
    String path = "sys/storage/raft/snapshot";
    fake.on(path, Reply.redirect(307, foreign.address() + "/v1/" + path));

    refused(() -> client.own().snapshot(TOKEN, Duration.ofSeconds(1)));
  }

  @Test
  void a_login_by_the_driver_is_not_sent_to_a_foreign_host() {
    fake.on(
        "auth/approle/login", Reply.redirect(307, foreign.address() + "/v1/auth/approle/login"));

    try (var keeper = TokenKeeper.open(client, APPROLE, InstantSource.system())) {
      refused(keeper::token);
    }
  }

  @Test
  void a_renewal_by_the_driver_is_not_sent_to_a_foreign_host() {
    String path = "auth/token/renew-self";
    fake.on(path, Reply.redirect(307, foreign.address() + "/v1/" + path));

    refused(
        () -> new Login(client, APPROLE).renewed(new Grant(TOKEN, Optional.empty(), true, true)));
  }

  @Test
  void a_write_by_the_driver_is_not_sent_to_a_foreign_host() {
    fake.on("secret/data/canary", Reply.redirect(307, foreign.address() + "/v1/secret/data/x"));

    var failed =
        assertThrows(
            io.github.jopenlibs.vault.VaultException.class,
            () -> client.own().driver(TOKEN).logical().read("secret/data/canary"));

    assertEquals(Reason.REDIRECT_REFUSED, client.own().failure("x", failed).reason());
    assertEquals(List.of(), foreign.requests());
  }

  @Test
  void a_known_peer_gets_the_request_with_its_token() {
    fake.on("secret/x", Reply.redirect(307, peer.address() + "/v1/secret/x?list=true"));
    peer.on("secret/x", Reply.json(200, "{\"data\":{}}"));

    assertTrue(client.own().read("secret/x", TOKEN).has("data"));
    assertEquals(TOKEN.reveal(), peer.requests().getFirst().token());
    assertEquals("/v1/secret/x?list=true", peer.requests().getFirst().path());
  }

  @Test
  void a_login_that_a_standby_redirects_is_repeated_at_its_leader() {
    fake.on("auth/approle/login", Reply.redirect(307, peer.address() + "/v1/auth/approle/login"));
    peer.on("auth/approle/login", Reply.grant("s.new", 60, true));

    try (var keeper = TokenKeeper.open(client, APPROLE, InstantSource.system())) {
      assertEquals(new Secret("s.new"), keeper.token());
    }
    assertTrue(peer.requests().getFirst().body().contains("secret-id"));
    assertEquals("POST", peer.requests().getFirst().method());
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303})
  void a_login_is_not_turned_into_another_method(int code) {
    fake.on("auth/approle/login", Reply.redirect(code, peer.address() + "/v1/auth/approle/login"));

    try (var keeper = TokenKeeper.open(client, APPROLE, InstantSource.system())) {
      refused(keeper::token);
    }
    assertEquals(List.of(), peer.requests());
  }

  @Test
  void a_relative_location_stays_with_the_node() {
    fake.on("secret/x", Reply.redirect(307, "/v1/secret/y"));
    fake.on("secret/y", Reply.json(200, "{}"));

    assertTrue(client.own().read("secret/x", TOKEN).isObject());
  }

  @Test
  void what_only_this_node_can_answer_is_not_asked_elsewhere() {
    fake.on("sys/health", Reply.redirect(307, peer.address() + "/v1/sys/health"));
    fake.on("sys/leader", Reply.redirect(307, fake.address() + "/v1/sys/health"));

    refused(() -> client.own().health());
    refused(() -> client.own().leader());
    assertEquals(List.of(), peer.requests());
  }

  @Test
  void a_circle_ends() {
    fake.on("secret/x", Reply.redirect(307, peer.address() + "/v1/secret/x"));
    peer.on("secret/x", Reply.redirect(307, fake.address() + "/v1/secret/x"));

    String message = refused(() -> client.own().read("secret/x", TOKEN));

    assertTrue(message.contains("redirects more than 3 times"), message);
    assertEquals(4, fake.requests().size() + peer.requests().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://", "::", "mailto:root", "//", "https:///v1/x"})
  void a_location_that_is_no_address_is_refused(String location) {
    fake.on("secret/x", Reply.redirect(307, location));

    refused(() -> client.own().read("secret/x", TOKEN));
  }

  @Test
  void neighbours_of_a_known_address_are_foreign() {
    URI own = fake.address();
    for (String location :
        List.of(
            "https://127.0.0.1:" + own.getPort() + "/v1/x",
            "http://localhost:" + own.getPort() + "/v1/x",
            "http://user@127.0.0.1:" + own.getPort() + "/v1/x",
            "http://127.0.0.1." + "evil.example:" + own.getPort() + "/v1/x")) {
      fake.on("secret/x", Reply.redirect(307, location));

      refused(() -> client.own().read("secret/x", TOKEN));
    }
  }

  @Test
  void the_client_sends_to_nobody_else_even_when_told_to() {
    var stranger =
        new VaultNode(foreign.address(), client.config(), httpOf(client), RequestObserver.NONE);

    refused(() -> stranger.read("secret/x", TOKEN));
  }

  private static PeerHttpClient httpOf(VaultClient client) {
    return new PeerHttpClient(
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        TlsRules.of(VaultConfig.Tls.DEFAULT),
        java.util.Set.of(Authority.of(client.config().address())),
        RequestObserver.NONE);
  }

  /// The message of the refusal; proves on the way that the foreign server saw nothing.
  private String refused(Executable call) {
    var refused = assertThrows(VaultException.class, call);
    assertEquals(Reason.REDIRECT_REFUSED, refused.reason(), refused.getMessage());
    assertEquals(List.of(), foreign.requests());
    return refused.getMessage();
  }

  private static SecretSource secret(String value) {
    return new SecretSource.FromEnvironment("X", new Secret(value));
  }
}
