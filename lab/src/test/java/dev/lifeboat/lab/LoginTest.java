package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.lab.Provisioning.Credentials;
import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/// Tokens from files and by AppRole of a real server: rotated, revoked, renewed, refused.
@ParameterizedClass(name = "{0}")
@BothProducts
@SuppressWarnings("NullAway.Init") // Set before each invocation of the class.
class LoginTest {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final String ROLE = "auth/approle/role/lifeboat-watch";

  @TempDir static Path base;
  private static Path folder;
  private static Cluster cluster;

  LoginTest(Product product) {
    assertEquals(product, cluster.binary().product());
  }

  @BeforeParameterizedClassInvocation
  static void start(Product product) {
    folder = Folders.create(base.resolve(product.name()));
    cluster = TestClusters.start(product, 1, folder);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    cluster.close();
  }

  /// One story for all three: each has to wait out the 10 s between two logins.
  @Test
  void a_token_that_was_taken_away_is_replaced_when_there_is_another() {
    var file = folder.resolve("token");
    var first = token();
    Folders.writeSecret(file, first.reveal());
    var role = credentials("revoked");
    var dead = credentials("dead");
    try (var ofFile = watcher(new VaultConfig.Auth.Token(new SecretSource.FromFile(file)));
        var ofRole = watcher(Watcher.approle(role));
        var ofDead = watcher(Watcher.approle(dead))) {
      for (var watcher : List.of(ofFile, ofRole, ofDead)) {
        watcher.await("vault_cluster_peers", 1);
      }
      assertEquals(first, ofFile.keeper().token());
      var second = token();
      var granted = ofRole.keeper().token();

      Folders.writeSecret(file, second.reveal());
      revoke(first);
      revoke(granted);
      destroy(dead);
      revoke(ofDead.keeper().token());

      var refused = ofDead.await("no cluster", scrape -> scrape.families("vault_cl").isEmpty());
      refused.expect("vault_node_up", 1).expect("vault_node_active", 1);
      Await.until("the file's new token", BOUND, () -> isToken(ofFile, second));
      Await.until("a new login", BOUND, () -> hasTokenOtherThan(ofRole, granted));
      ofFile.await("vault_cluster_peers", 1);
      ofRole.await("vault_cluster_peers", 1);
      expectRefusedLogin(ofDead, dead);
    }
  }

  private static void expectRefusedLogin(Watcher watcher, Credentials dead) {
    var said =
        Await.until(
            "the refused login",
            BOUND,
            () -> failure(watcher).filter(failed -> failed.message().contains("auth/approle")));
    assertTrue(
        List.of(Reason.REFUSED, Reason.DENIED).contains(said.reason()), () -> said.toString());
    assertTrue(said.message().contains("hint: "), said.message());
    assertFalse(said.message().contains(text(dead.secretIdFile())), said.message());
    watcher.scrape().lint().expect("vault_node_up", 1).expectNone("vault_cluster_");
  }

  @Test
  void a_short_lived_token_is_renewed_and_replaced_at_its_maximum() {
    cluster
        .root()
        .post(
            "auth/approle/role/short",
            Map.of(
                "token_policies", List.of("lifeboat-watch"),
                "token_ttl", "3s",
                "token_max_ttl", "8s"))
        .require();
    var credentials =
        new Credentials(
            secret("short-role-id", "auth/approle/role/short/role-id", false),
            secret("short-secret-id", "auth/approle/role/short/secret-id", true));
    try (var watcher = watcher(Watcher.approle(credentials))) {
      var began = watcher.await("vault_cluster_peers", 1);
      var first = watcher.keeper().token();
      var end = expiry(began);

      var renewed = watcher.await("a later end", scrape -> expiry(scrape) > end + 0.5);
      assertEquals(first, watcher.keeper().token());
      renewed
          .expect("vault_exporter_api_requests_total{code=\"200\",endpoint=\"auth_login\"}", 1)
          .expect("vault_exporter_api_requests_total{code=\"403\",endpoint=\"auth_renew\"}", 0)
          .expect("vault_exporter_api_requests_total{code=\"403\",endpoint=\"sys_ha_status\"}", 0);
      Await.until("another token", BOUND, () -> hasTokenOtherThan(watcher, first));
      Await.until("the first one to be given back", BOUND, () -> lookup(first) == 403);
      assertEquals(200, lookup(watcher.keeper().token()));
      watcher.await("vault_cluster_peers", 1);
    }
  }

  @Test
  void a_token_that_never_ends_has_no_expiry_and_a_missing_file_is_read_when_it_comes() {
    var file = folder.resolve("later");
    try (var watcher = watcher(new VaultConfig.Auth.Token(new SecretSource.FromFile(file)))) {
      watcher.await("vault_node_active", 1).expectNone("vault_cluster_");
      var failed = Await.until("the missing file", BOUND, () -> failure(watcher));
      assertEquals(Reason.NO_CREDENTIAL, failed.reason());
      assertTrue(failed.message().contains(file.toString()), failed.message());

      Folders.writeSecret(file, cluster.rootToken().reveal() + "\n");

      watcher
          .await("vault_cluster_peers", 1)
          .expectNone("vault_exporter_token_expiry_timestamp_seconds");
    }
  }

  @Test
  void our_own_token_is_given_back_at_the_end_and_one_from_a_file_is_not() {
    var given = token();
    var file = Folders.writeSecret(folder.resolve("given"), given.reveal());
    Secret own;
    try (var ofRole = watcher(Watcher.approle(credentials("own")));
        var ofFile = watcher(new VaultConfig.Auth.Token(new SecretSource.FromFile(file)))) {
      ofRole.await("vault_cluster_peers", 1);
      ofFile.await("vault_cluster_peers", 1);
      own = ofRole.keeper().token();
      assertNotEquals(own, given);
    }
    assertEquals(403, lookup(own));
    assertEquals(200, lookup(given));
  }

  private static Watcher watcher(VaultConfig.Auth auth) {
    return Watcher.open(Watcher.beside(cluster.nodes().getFirst(), cluster, auth));
  }

  private static Credentials credentials(String name) {
    return Provisioning.credentials(cluster.root(), Role.WATCH, folder.resolve(name));
  }

  private static Secret token() {
    return new Secret(
        cluster
            .root()
            .post("auth/token/create", Map.of("policies", List.of("lifeboat-watch"), "ttl", "30m"))
            .require()
            .text("auth.client_token"));
  }

  private static Path secret(String name, String path, boolean create) {
    var answer = create ? cluster.root().put(path, Map.of()) : cluster.root().get(path);
    return Folders.writeSecret(
        folder.resolve(name), answer.require().text("data." + (create ? "secret_id" : "role_id")));
  }

  private static void revoke(Secret token) {
    cluster.root().post("auth/token/revoke", Map.of("token", token.reveal())).require();
  }

  private static void destroy(Credentials credentials) {
    cluster
        .root()
        .post(ROLE + "/secret-id/destroy", Map.of("secret_id", text(credentials.secretIdFile())))
        .require();
  }

  private static int lookup(Secret token) {
    return cluster.nodes().getFirst().api().withToken(token).get("auth/token/lookup-self").status();
  }

  private static boolean isToken(Watcher watcher, Secret token) {
    return heldToken(watcher).equals(Optional.of(token));
  }

  private static boolean hasTokenOtherThan(Watcher watcher, Secret token) {
    return heldToken(watcher).filter(held -> !held.equals(token)).isPresent();
  }

  private static Optional<Secret> heldToken(Watcher watcher) {
    try {
      return Optional.of(watcher.keeper().token());
    } catch (VaultException notYet) {
      return Optional.empty();
    }
  }

  private static double expiry(Scrape scrape) {
    return scrape.value("vault_exporter_token_expiry_timestamp_seconds").orElseThrow();
  }

  private static Optional<Reading.Failed<?>> failure(Watcher watcher) {
    return watcher.state().raftConfiguration() instanceof Reading.Failed<RaftConfiguration> failed
        ? Optional.of(failed)
        : Optional.empty();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
