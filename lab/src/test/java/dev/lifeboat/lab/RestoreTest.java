package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.Product;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import tools.jackson.databind.JsonNode;

/// The one proof that counts: what we extract is restored by the product's own command line into a
/// cluster that never saw the old one, and a secret reads back.
class RestoreTest {
  private static final Duration SEALING = Duration.ofSeconds(30);
  private static final int SHARES = 3;
  private static final int THRESHOLD = 2;

  @TempDir Path folder;

  @ParameterizedTest
  @BothProducts
  void an_extracted_snapshot_restores_into_a_fresh_cluster_and_its_secrets_read_back(
      Product product) {
    var plan = ClusterPlan.of(TestClusters.binary(product), 1).shamir(SHARES, THRESHOLD);
    var snapshot = folder.resolve("lifeboat.snap");
    Secret oldToken;
    List<Secret> oldShares;
    JsonNode manifest;
    // Closed before the restore: a restored node talks to the cluster it was copied from.
    try (var old = TestClusters.start(plan, folder)) {
      old.root().post("secret/data/tenant", Map.of("data", Map.of("password", "kept"))).require();
      var site = Site.beside(old, folder.resolve("site"));
      manifest = site.run("backup", "--json").expect(Exit.OK).json();
      site.run(
              "extract",
              manifest.path("id").stringValue(),
              "-o",
              snapshot.toString(),
              "--identity",
              site.identity().toString())
          .expect(Exit.OK);
      oldToken = old.rootToken();
      oldShares = old.shares();
    }
    assertEquals(SHARES, manifest.path("seal").path("shares").asInt());
    assertEquals(THRESHOLD, manifest.path("seal").path("threshold").asInt());

    try (var fresh = Cluster.create(plan.named("fresh"), folder.resolve("fresh"))) {
      ProductCommand.of(fresh)
          .run("operator", "raft", "snapshot", "restore", "-force", snapshot.toString())
          .expect(Exit.OK);
      var node = fresh.nodes().getFirst();
      openWithTheOldShares(fresh, node, oldShares);

      var root = node.api().withToken(oldToken);
      assertEquals("kept", root.get("secret/data/tenant").require().text("data.data.password"));
      canaryIsAlive(root, manifest.path("canary"));
    }
  }

  /// The answer to a restore comes before it is applied: first the node works, then it seals.
  private static void openWithTheOldShares(
      Cluster fresh, ClusterNode node, List<Secret> oldShares) {
    Await.until("the restored node to seal itself", SEALING, () -> node.health() == 503);
    offer(node, oldShares);
    if (node.health() == 503) {
      // It still holds the seal of the cluster it was; a restart reads the restored one.
      fresh.restartSealed(node);
      offer(node, oldShares);
    }
    Await.until("the restored node to lead", SEALING, () -> node.health() == 200);
  }

  private static void offer(ClusterNode node, List<Secret> shares) {
    for (Secret share : shares.subList(0, THRESHOLD)) {
      // What it answers is seen in its health.
      var ignored = node.api().put("sys/unseal", Map.of("key", share.reveal()));
    }
  }

  private static void canaryIsAlive(VaultApi root, JsonNode canary) {
    var value = root.get("secret/data/lifeboat/canary").require().text("data.data.value");
    assertEquals(canary.path("value_sha256").stringValue(), sha256(value));
    // Transit's plaintext is Base64, and so is the value.
    assertEquals(
        value,
        root.put(
                "transit/decrypt/lifeboat-canary",
                Map.of("ciphertext", canary.path("ciphertext").stringValue()))
            .require()
            .text("data.plaintext"));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
