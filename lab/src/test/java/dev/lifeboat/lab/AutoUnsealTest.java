package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.sandbox.ServerConfig.TransitSeal;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// What `lifeboat unseal` says of real nodes that should open themselves.
class AutoUnsealTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir Path folder;

  private Path recoveryShares(Cluster cluster) {
    return Folders.writeSecret(
        folder.resolve("recovery"),
        cluster.shares().stream()
            .map(share -> share.reveal())
            .collect(Collectors.joining("\n", "", "\n")));
  }

  private static String serverConfig(Cluster cluster) {
    return "unseal.server-configs = [\"%s\"]"
        .formatted(cluster.nodes().getFirst().config().configFile());
  }

  private static String region(String there) {
    return "aws-region = %s, stores = [west], answers = [\"198.51.100.2\"]".formatted(there);
  }

  /// Multi-Region keys are unit tests': moto does not decrypt with one.
  @Test
  void a_region_is_not_ready_while_the_key_of_the_seal_is_in_the_other_only() {
    try (var moto = Moto.start(folder.resolve("moto"))) {
      var arn = moto.key("alias/unseal");
      var plan = ClusterPlan.of(TestClusters.binary(Product.VAULT), 1).sealedBy(moto.seal(arn));
      try (var cluster = Cluster.create(plan, folder.resolve("cluster"));
          var west = Cluster.blank(plan, folder.resolve("west"), cluster);
          var here = NodeControl.of(cluster);
          var there = NodeControl.of(west)) {
        Provisioning.install(cluster.root());
        var zone = moto.zone("lab.example");
        moto.record(zone, "vault.lab.example", "203.0.113.1");
        var site = Site.beside(cluster, folder.resolve("site"));
        site.configure(moto.unsealBlock())
            .configure(serverConfig(cluster))
            .configure(moto.recordBlock(zone, "vault.lab.example"))
            .configure(
                """
                stores.west {
                  type = s3, bucket = %s, path-style = true, endpoint = "%s", credentials = files
                  access-key { file = "%s" }, secret-key { file = "%s" }
                }
                """
                    .formatted(
                        moto.bucket("west"),
                        moto.endpoint(),
                        moto.accessKeyFile(),
                        moto.secretKeyFile()))
            .configure(there.region("west", true, region("us-west-2")))
            .configure(here.region("home", true, region("eu-central-1")));

        var checked = site.run("check", "--live").expect(Exit.KMS_FAILED).out();

        assertTrue(
            checked.contains("region west      WRONG    not ready: the key of the seal is in eu-c"),
            checked);
        assertTrue(
            checked.contains(
                "region home      ok       ready: stores west, 1 machine answers, its"),
            checked);
        assertTrue(
            checked.contains("ok       A vault.lab.example: 203.0.113.1, ttl 300 s"), checked);
      }
    }
  }

  @ParameterizedTest
  @BothProducts
  void a_key_of_kms_that_was_disabled_is_found_and_the_node_opens_when_it_is_back(Product product) {
    try (var moto = Moto.start(folder.resolve("moto"))) {
      var arn = moto.key("alias/unseal");
      var id = arn.substring(arn.lastIndexOf('/') + 1);
      var plan = ClusterPlan.of(TestClusters.binary(Product.VAULT), 1).sealedBy(moto.seal(arn));
      try (var cluster = Cluster.create(plan, folder.resolve("cluster"))) {
        Provisioning.install(cluster.root());
        var site = Site.beside(cluster, folder.resolve("site"));
        site.configure(moto.unsealBlock()).configure(serverConfig(cluster));
        var node = cluster.nodes().getFirst();
        var checked = site.run("check", "--live");
        var answers = "seal             ok       awskms: " + arn + " is enabled, encrypts";
        assertTrue(checked.out().contains(answers), checked.out());
        assertFalse(checked.out().contains("one region only, and"), checked.out());
        site.configure("objectives.region-failover.data-loss = 4h");
        var lone = site.run("check", "--live").out();
        assertTrue(lone.contains("objective        warning  region-failover: the key of"), lone);
        node.kill();

        var down = site.run("unseal", "--yes");
        down.expect(Exit.VAULT_UNAVAILABLE);
        assertTrue(down.out().contains("seal  ok  " + arn + " is enabled"), down.out());
        try (var kms = moto.client()) {
          var _ = kms.disableKey(request -> request.keyId(id));
        }
        var disabled = site.run("unseal", "--yes");
        assertTrue(disabled.out().contains("seal  WRONG  kms of the seal: "), disabled.out());
        assertTrue(disabled.out().contains("Disabled\n  hint: aws kms enable-key"), disabled.out());
        try (var kms = moto.client()) {
          var _ = kms.enableKey(request -> request.keyId(id));
        }
        cluster.restart(node);
        var open = site.run("unseal").expect(Exit.OK);
        assertTrue(open.out().contains("ok  is open"), open.out());
      }
    }
  }

  @ParameterizedTest
  @BothProducts
  void a_transit_server_that_is_sealed_itself_is_found_to_be_the_cause(Product product) {
    try (var transit = TestClusters.start(Product.OPENBAO, 1, folder)) {
      transit.root().put("transit/keys/unseal", Map.of("type", "aes256-gcm96")).require();
      var there = transit.nodes().getFirst();
      var seal = new TransitSeal(there.address(), transit.rootToken(), "transit", "unseal");
      var plan = ClusterPlan.of(TestClusters.binary(product), 1).sealedBy(seal);
      try (var cluster = Cluster.create(plan, folder.resolve("sealed-by-transit"))) {
        Provisioning.install(cluster.root());
        var site = Site.beside(cluster, folder.resolve("site")).configure(serverConfig(cluster));
        var node = cluster.nodes().getFirst();
        transit.seal(there);
        var checked = site.run("check", "--live").expect(Exit.KMS_FAILED);
        assertTrue(checked.out().contains("seal             WRONG    transit: "), checked.out());
        node.kill();

        var run = site.run("unseal", "--yes").expect(Exit.VAULT_UNAVAILABLE);
        assertTrue(
            run.out()
                .contains(
                    "seal  WRONG  the transit server %s is sealed".formatted(there.address())),
            run.out());
        transit.restart(there);
        Await.until("the transit server", BOUND, () -> there.health() == 200);
        cluster.restart(node);
        site.run("unseal").expect(Exit.OK);
      }
    }
  }

  @Test
  void a_node_that_was_sealed_by_hand_says_what_it_needs_and_takes_no_shares_for_it() {
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site = Site.beside(cluster, folder.resolve("site")).configure(serverConfig(cluster));
      var node = cluster.nodes().getFirst();
      cluster.seal(node);
      var shares = recoveryShares(cluster);

      var run = site.run("unseal", "--yes", "--share-file", shares.toString());

      run.expect(Exit.UNSEAL_FAILED);
      assertTrue(run.out().contains("opens itself with static, and has not"), run.out());
      assertTrue(run.out().contains("seal  ok  its key file "), run.out());
      assertEquals(503, node.health());
      site.run("unseal", "--yes", "--recovery", "--share-file", shares.toString()).expect(Exit.OK);
      Await.until("the node to lead", BOUND, () -> node.health() == 200);
    }
  }
}
