package dev.lifeboat.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.VaultConfig.Auth;
import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenKeeperTest {
  private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
  private static final Auth APPROLE =
      new Auth.AppRole("approle", secret("role"), secret("secret-id"));
  private static final String LOGIN = "auth/approle/login";
  private static final String RENEW = "auth/token/renew-self";
  private static final String LOOKUP = "auth/token/lookup-self";
  private static final String REVOKE = "auth/token/revoke-self";

  @TempDir Path folder;
  private final FakeVault fake = FakeVault.open();
  private final VaultClient client =
      VaultClient.open(
          new VaultConfig(
              fake.address(),
              List.of(),
              0,
              Optional.of("team-a"),
              VaultConfig.Tls.DEFAULT,
              APPROLE,
              Duration.ofSeconds(1),
              Duration.ofSeconds(2)),
          RequestObserver.NONE);
  private Duration passed = Duration.ZERO;

  @AfterEach
  void close() {
    client.close();
    fake.close();
  }

  @Test
  void without_a_login_there_is_no_token() {
    try (TokenKeeper keeper = keeper(new Auth.None())) {
      assertFalse(keeper.configured());
      assertEquals(Reason.NO_CREDENTIAL, VaultNodeTest.reason(keeper::token));
      assertEquals(Optional.empty(), keeper.expiry());
    }
  }

  @Test
  void one_login_serves_and_tells_when_it_ends() {
    numberedLogins(3600, true);
    try (TokenKeeper keeper = keeper(APPROLE)) {
      assertEquals(Optional.empty(), keeper.expiry());
      assertEquals(new Secret("s.1"), keeper.token());
      assertEquals(new Secret("s.1"), keeper.token());

      assertEquals(Optional.of(START.plusSeconds(3600)), keeper.expiry());
      assertEquals(1, fake.requests(LOGIN).size());
      assertEquals("team-a", fake.requests(LOGIN).getFirst().namespace());
      assertEquals(
          "{\"role_id\":\"role\",\"secret_id\":\"secret-id\"}",
          fake.requests(LOGIN).getFirst().body());
    }
  }

  @Test
  void a_token_is_renewed_at_two_thirds_of_its_life() {
    numberedLogins(3600, true);
    fake.on(RENEW, Reply.grant("s.1", 3600, true));
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.token();

      pass(Duration.ofMinutes(35));
      keeper.lookAfter();
      assertEquals(0, fake.requests(RENEW).size());

      pass(Duration.ofMinutes(6));
      keeper.lookAfter();
      assertEquals("s.1", fake.requests(RENEW).getFirst().token());
      assertEquals("team-a", fake.requests(RENEW).getFirst().namespace());
      assertEquals(Optional.of(START.plusSeconds(41 * 60 + 3600)), keeper.expiry());
      assertEquals(1, fake.requests(LOGIN).size());
    }
  }

  @Test
  void a_renewal_that_hangs_keeps_nobody_from_the_token() throws InterruptedException {
    numberedLogins(3600, true);
    fake.on(RENEW, Reply.hang());
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.token();
      pass(Duration.ofMinutes(41));
      Thread renewal = Thread.ofVirtual().start(keeper::lookAfter);
      while (fake.requests(RENEW).isEmpty()) {
        Thread.onSpinWait();
      }

      assertEquals(new Secret("s.1"), keeper.token());

      assertTrue(renewal.isAlive());
      renewal.join();
    }
  }

  @Test
  void a_renewal_that_gives_little_is_followed_by_a_login_and_the_old_token_given_back() {
    numberedLogins(3600, true);
    fake.on(RENEW, Reply.grant("s.1", 300, true));
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.token();
      pass(Duration.ofMinutes(41));
      keeper.lookAfter();

      assertEquals(new Secret("s.2"), keeper.token());
      assertEquals("s.1", fake.requests(REVOKE).getFirst().token());
    }
  }

  @Test
  void a_login_that_failed_is_tried_again_although_the_old_token_is_still_good() {
    numberedLogins(3600, true);
    fake.on(RENEW, Reply.grant("s.1", 300, true));
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.token();
      pass(Duration.ofMinutes(41));
      fake.on(LOGIN, Reply.denied());
      keeper.lookAfter();
      int refused = fake.requests(LOGIN).size();

      pass(Duration.ofSeconds(2));
      keeper.lookAfter();

      assertTrue(fake.requests(LOGIN).size() > refused);
    }
  }

  @Test
  void a_token_that_cannot_be_renewed_is_replaced() {
    numberedLogins(60, false);
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.token();
      pass(Duration.ofSeconds(41));
      keeper.lookAfter();

      assertEquals(new Secret("s.2"), keeper.token());
      assertEquals(0, fake.requests(RENEW).size());
    }
  }

  @Test
  void a_refused_renewal_is_followed_by_a_login() {
    numberedLogins(3600, true);
    fake.on(RENEW, Reply.denied());
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.token();
      pass(Duration.ofMinutes(41));
      keeper.lookAfter();

      assertEquals(new Secret("s.2"), keeper.token());
    }
  }

  @Test
  void failures_keep_the_old_token_until_its_end_and_are_repeated_with_growing_pauses() {
    numberedLogins(3600, true);
    fake.on(RENEW, Reply.json(500, "{\"errors\":[]}"));
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.token();
      pass(Duration.ofMinutes(41));
      for (int second = 0; second < 120; second++) {
        keeper.lookAfter();
        pass(Duration.ofSeconds(1));
      }
      // At 0, 1, 3, 7, 15, 31 and 63 s.
      assertEquals(7, fake.requests(RENEW).size());
      assertEquals(new Secret("s.1"), keeper.token());

      pass(Duration.ofMinutes(20));
      assertEquals(new Secret("s.2"), keeper.token());
    }
  }

  @Test
  void a_failed_login_is_not_repeated_at_once() {
    fake.on(LOGIN, Reply.denied());
    try (TokenKeeper keeper = keeper(APPROLE)) {
      assertEquals(Reason.DENIED, VaultNodeTest.reason(keeper::token));
      assertEquals(Reason.DENIED, VaultNodeTest.reason(keeper::token));
      assertEquals(1, fake.requests(LOGIN).size());

      pass(Duration.ofSeconds(2));
      numberedLogins(60, true);
      assertEquals(new Secret("s.1"), keeper.token());
    }
  }

  @Test
  void a_revoked_token_is_replaced_but_at_most_every_ten_seconds() {
    numberedLogins(3600, true);
    fake.on(LOOKUP, Reply.denied());
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.refused(keeper.token());
      assertEquals(Reason.DENIED, VaultNodeTest.reason(keeper::token));

      pass(Duration.ofSeconds(11));
      assertEquals(new Secret("s.2"), keeper.token());
      assertEquals(0, fake.requests(REVOKE).size());
    }
  }

  @Test
  void a_token_revoked_right_after_its_login_is_not_called_a_lack_of_rights() {
    numberedLogins(3600, true);
    fake.on(LOOKUP, Reply.denied());
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.refused(keeper.token());
      pass(Duration.ofSeconds(3));

      var refused = assertThrows(VaultException.class, keeper::token);

      assertEquals(
          "the token of 3 s ago is no longer known; the next login is in 8 s\n"
              + "hint: see in the server's audit log who revokes it",
          refused.getMessage());
    }
  }

  @Test
  void a_fault_of_the_server_at_a_login_is_waited_out_for_seven_seconds() {
    var logins = new AtomicInteger();
    fake.script(
        LOGIN,
        request ->
            logins.incrementAndGet() < 4
                ? Reply.json(500, "{\"errors\":[]}")
                : Reply.grant("s.4", 60, true));
    try (TokenKeeper keeper = keeper(APPROLE)) {
      assertEquals(new Secret("s.4"), keeper.token());
      assertEquals(Duration.ofSeconds(1 + 2 + 4), passed);
    }
  }

  @Test
  void a_fault_of_the_server_that_stays_is_not_waited_out() {
    fake.on(LOGIN, Reply.json(500, "{\"errors\":[]}"));
    try (TokenKeeper keeper = keeper(APPROLE)) {
      assertEquals(Reason.SERVER_ERROR, VaultNodeTest.reason(keeper::token));
      assertEquals(Reason.SERVER_ERROR, VaultNodeTest.reason(keeper::token));

      assertEquals(4, fake.requests(LOGIN).size());
      assertEquals(Duration.ofSeconds(7), passed);
    }
  }

  @Test
  void closing_ends_the_wait_for_a_server_that_has_a_fault() throws InterruptedException {
    var asked = new CountDownLatch(3);
    fake.script(
        LOGIN,
        request -> {
          asked.countDown();
          return Reply.json(500, "{\"errors\":[]}");
        });
    TokenKeeper keeper = TokenKeeper.open(client, APPROLE, InstantSource.system());
    Thread waiting = Thread.ofVirtual().start(() -> VaultNodeTest.reason(keeper::token));
    assertTrue(asked.await(20, TimeUnit.SECONDS));

    keeper.close();

    // Far less than the four seconds until the next attempt.
    assertTrue(waiting.join(Duration.ofSeconds(2)));
  }

  @Test
  void a_token_that_lacks_a_path_but_lives_is_kept() {
    numberedLogins(3600, true);
    fake.on(LOOKUP, Reply.lookup(3000, true));
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.refused(keeper.token());
      keeper.refused(new Secret("s.of-long-ago"));

      assertEquals(new Secret("s.1"), keeper.token());
      assertEquals(1, fake.requests(LOGIN).size());
      assertEquals(1, fake.requests(LOOKUP).size());
    }
  }

  @Test
  void closing_gives_a_token_of_our_own_back() {
    numberedLogins(3600, true);
    try (TokenKeeper keeper = keeper(APPROLE)) {
      keeper.token();
    }

    assertEquals("s.1", fake.requests(REVOKE).getFirst().token());
    assertEquals("team-a", fake.requests(REVOKE).getFirst().namespace());
  }

  @Test
  void closing_beside_a_node_that_hangs_takes_a_second_at_most() {
    numberedLogins(3600, true);
    fake.on(REVOKE, Reply.hang());
    TokenKeeper keeper = keeper(APPROLE);
    keeper.token();
    long start = System.nanoTime();

    keeper.close();

    assertTrue(System.nanoTime() - start < Duration.ofMillis(1900).toNanos());
  }

  @Test
  void a_token_from_a_file_is_looked_up_renewed_and_never_revoked() throws IOException {
    fake.on(LOOKUP, Reply.lookup(600, true)).on(RENEW, Reply.grant("s.file", 600, true));
    try (TokenKeeper keeper = keeper(file("s.file"))) {
      assertEquals(new Secret("s.file"), keeper.token());
      assertEquals(Optional.of(START.plusSeconds(600)), keeper.expiry());

      pass(Duration.ofSeconds(401));
      keeper.lookAfter();
      assertEquals(1, fake.requests(RENEW).size());
    }
    assertEquals(0, fake.requests(REVOKE).size());
  }

  @Test
  void a_token_in_its_last_second_ends_and_its_end_stays_known() throws IOException {
    fake.on(LOOKUP, Reply.lookupAtItsEnd());
    try (TokenKeeper keeper = keeper(file("s.file"))) {
      keeper.token();
      assertEquals(Optional.of(START.plusSeconds(1)), keeper.expiry());

      fake.on(LOOKUP, Reply.denied());
      pass(Duration.ofMinutes(10));
      keeper.lookAfter();
      assertThrows(VaultException.class, keeper::token);
      assertEquals(Optional.of(START.plusSeconds(1)), keeper.expiry());
    }
  }

  @Test
  void a_token_that_never_ends_has_no_expiry() throws IOException {
    fake.on(LOOKUP, Reply.lookup(0, false));
    try (TokenKeeper keeper = keeper(file("s.root"))) {
      keeper.token();

      assertEquals(Optional.empty(), keeper.expiry());
      pass(Duration.ofDays(400));
      keeper.lookAfter();
      assertEquals(new Secret("s.root"), keeper.token());
    }
  }

  @Test
  void a_new_token_in_the_file_is_taken_when_the_old_one_is_refused_or_due() throws IOException {
    fake.on(LOOKUP, Reply.lookup(600, true));
    try (TokenKeeper keeper = keeper(file("s.one"))) {
      Secret one = keeper.token();
      file("s.two");
      assertEquals(one, keeper.token());

      pass(Duration.ofSeconds(11));
      keeper.refused(one);
      assertEquals(new Secret("s.two"), keeper.token());

      file("s.three");
      pass(Duration.ofSeconds(401));
      keeper.lookAfter();
      assertEquals(new Secret("s.three"), keeper.token());
    }
  }

  @Test
  void a_secret_that_cannot_be_read_is_no_credential() {
    try (TokenKeeper keeper =
        keeper(new Auth.Token(new SecretSource.FromFile(folder.resolve("none"))))) {
      assertEquals(Reason.NO_CREDENTIAL, VaultNodeTest.reason(keeper::token));
    }
  }

  @Test
  void an_answer_without_a_token_is_no_login() {
    fake.on(LOGIN, Reply.json(200, "{\"renewable\":false,\"auth\":null}"));
    try (TokenKeeper keeper = keeper(APPROLE)) {
      assertEquals(Reason.NOT_JSON, VaultNodeTest.reason(keeper::token));
    }
  }

  @Test
  void the_background_renews_by_itself() throws InterruptedException {
    var renewed = new CountDownLatch(2);
    numberedLogins(1, true);
    fake.script(
        RENEW,
        request -> {
          renewed.countDown();
          return Reply.grant("s.1", 1, true);
        });
    try (var keeper = TokenKeeper.open(client, APPROLE, InstantSource.system())) {
      keeper.token();

      assertTrue(renewed.await(20, TimeUnit.SECONDS));
      assertEquals(new Secret("s.1"), keeper.token());
    }
  }

  private void numberedLogins(int ttlSeconds, boolean renewable) {
    var count = new AtomicInteger();
    fake.script(
        LOGIN, request -> Reply.grant("s." + count.incrementAndGet(), ttlSeconds, renewable));
    fake.on(REVOKE, Reply.json(200, ""));
  }

  private Auth.Token file(String token) throws IOException {
    Path file = Files.writeString(folder.resolve("token"), token + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return new Auth.Token(new SecretSource.FromFile(file));
  }

  private TokenKeeper keeper(Auth auth) {
    return TokenKeeper.byHand(
        client,
        auth,
        () -> START.plus(passed),
        () -> Long.MAX_VALUE - 5 + passed.toNanos(),
        wait -> {
          pass(Duration.ofNanos(wait));
          return true;
        });
  }

  private void pass(Duration duration) {
    passed = passed.plus(duration);
  }

  private static SecretSource secret(String value) {
    return new SecretSource.FromEnvironment("X", new Secret(value));
  }
}
