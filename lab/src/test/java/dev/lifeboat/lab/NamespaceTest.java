package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.canary.Canary;
import dev.lifeboat.canary.CanaryException;
import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.Reading;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `vault.namespace` on OpenBao, which has namespaces in every edition: Vault only in Enterprise.
///
/// Paths below `sys/` belong to the node and exist in the root namespace only: with the header
/// OpenBao answers 400 `operation unavailable in namespaces` to a health check or a snapshot.
class NamespaceTest {
  private static final String NAMESPACE = "team";

  @TempDir static Path folder;
  private static Cluster cluster;
  private static VaultConfig.Auth login;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestClusters.start(Product.OPENBAO, 1, folder);
    cluster.root().post("sys/namespaces/" + NAMESPACE, Map.of()).require();
    inNamespace("POST", "sys/auth/approle", "{\"type\": \"approle\"}");
    inNamespace("POST", "auth/approle/role/watch", "{\"token_ttl\": \"10m\"}");
    inNamespace("POST", "sys/mounts/own", "{\"type\": \"kv\"}");
    inNamespace("POST", "own/secret", "{\"in\": \"the namespace\"}");
    login =
        new VaultConfig.Auth.AppRole(
            "approle",
            file("role-id", inNamespace("GET", "auth/approle/role/watch/role-id", "")),
            file("secret-id", inNamespace("PUT", "auth/approle/role/watch/secret-id", "{}")));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void a_login_and_its_token_are_of_the_namespace() {
    try (var client =
            VaultClient.open(config(Optional.of(NAMESPACE), login), RequestObserver.NONE);
        var keeper = TokenKeeper.open(client, login, InstantSource.system())) {
      var self = client.own().read("auth/token/lookup-self", keeper.token());

      assertEquals("team/", self.path("data").path("namespace_path").stringValue());
    }
  }

  @Test
  void the_same_login_in_the_root_namespace_is_refused() {
    try (var client = VaultClient.open(config(Optional.empty(), login), RequestObserver.NONE);
        var keeper = TokenKeeper.open(client, login, InstantSource.system())) {
      assertThrows(VaultException.class, keeper::token);
    }
  }

  @Test
  void secrets_are_read_in_the_namespace() {
    try (var client =
        VaultClient.open(config(Optional.of(NAMESPACE), login), RequestObserver.NONE)) {
      var secret = client.own().read("own/secret", cluster.rootToken());

      assertEquals("the namespace", secret.path("data").path("in").stringValue());
    }
  }

  @Test
  void the_canary_lives_in_the_namespace() throws Exception {
    inNamespace("POST", "sys/mounts/kept", "{\"type\": \"kv\", \"options\": {\"version\": \"2\"}}");
    try (var client =
        VaultClient.open(config(Optional.of(NAMESPACE), login), RequestObserver.NONE)) {
      // KV version 2 answers 400 "upgrading" for a moment after it is mounted.
      var written =
          Await.until(
              "the canary to be written",
              Duration.ofSeconds(15),
              () -> written(client, cluster.rootToken()));

      assertEquals(1, written.version());
      assertEquals(404, cluster.root().get("kept/data/canary").status());
    }
  }

  private static Optional<Canary.Written> written(VaultClient client, Secret token) {
    try {
      return Optional.of(Canary.write(client.own(), token, "kept/canary", Optional.empty()));
    } catch (CanaryException notYet) {
      return Optional.empty();
    }
  }

  @Test
  void the_node_and_its_cluster_are_watched_all_the_same() {
    var token = Folders.writeSecret(folder.resolve("token"), cluster.rootToken().reveal());
    var auth = new VaultConfig.Auth.Token(new SecretSource.FromFile(token));
    try (var watcher = Watcher.open(config(Optional.of(NAMESPACE), auth))) {
      watcher
          .await("vault_cluster_peers", 1)
          .lint()
          .expect("vault_node_active", 1)
          .expect("vault_node_sealed", 0)
          .expect("vault_cluster_autopilot_healthy", 1);
    }
  }

  @Test
  void a_snapshot_is_taken_of_the_whole_node() throws IOException {
    try (var client =
            VaultClient.open(config(Optional.of(NAMESPACE), login), RequestObserver.NONE);
        var snapshot = client.own().snapshot(cluster.rootToken(), Duration.ofSeconds(10))) {
      assertTrue(snapshot.body().readAllBytes().length > 0);
    }
  }

  @Test
  void a_token_of_the_namespace_has_no_rights_on_the_node_which_is_watched_without_it() {
    try (var watcher = Watcher.open(config(Optional.of(NAMESPACE), login))) {
      Await.until(
          "the refused read",
          Duration.ofSeconds(20),
          () ->
              watcher.state().raftConfiguration() instanceof Reading.Failed<RaftConfiguration> read
                  && read.reason() == Reason.DENIED);
      watcher.scrape().expect("vault_node_active", 1).expectNone("vault_cluster_");
    }
  }

  private static VaultConfig config(Optional<String> namespace, VaultConfig.Auth auth) {
    return new VaultConfig(
        cluster.nodes().getFirst().address(),
        List.of(),
        0,
        namespace,
        VaultConfig.Tls.DEFAULT,
        auth,
        Duration.ofSeconds(2),
        Duration.ofSeconds(5));
  }

  private static SecretSource file(String name, String answer) {
    var value = answer.replaceAll("(?s).*\"(role_id|secret_id)\":\"([^\"]+)\".*", "$2");
    return new SecretSource.FromFile(Folders.writeSecret(folder.resolve(name), value));
  }

  /// As root; the answer's text.
  private static String inNamespace(String method, String path, String body) throws Exception {
    Secret token = cluster.rootToken();
    URI address = cluster.nodes().getFirst().address().resolve("/v1/" + path);
    try (var client = HttpClient.newHttpClient()) {
      var answer =
          client.send(
              HttpRequest.newBuilder(address)
                  .method(method, HttpRequest.BodyPublishers.ofString(body))
                  .header("X-Vault-Token", token.reveal())
                  .header("X-Vault-Namespace", NAMESPACE)
                  .build(),
              BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw new LabException(method + " " + path + ": " + answer.body());
      }
      return answer.body();
    }
  }
}
