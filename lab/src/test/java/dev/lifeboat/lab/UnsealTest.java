package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// `lifeboat unseal` on real nodes that people have to open.
class UnsealTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir Path folder;

  private Cluster start(Product product, int nodes) {
    return TestClusters.start(
        ClusterPlan.of(TestClusters.binary(product), nodes).shamir(5, 3), folder);
  }

  /// A configuration that needs no login: nobody has one while all is sealed.
  private Site site(Cluster cluster) {
    return Site.beside(cluster, folder.resolve("site"));
  }

  private static String text(List<Secret> shares) {
    return shares.stream().map(Secret::reveal).collect(Collectors.joining("\n", "", "\n"));
  }

  private Path file(String name, List<Secret> shares) {
    return Folders.writeSecret(folder.resolve(name), text(shares));
  }

  private static Secret random() {
    var bytes = new byte[33];
    new SecureRandom().nextBytes(bytes);
    return new Secret(Base64.getEncoder().encodeToString(bytes));
  }

  private static void assertNoShare(Run run, Cluster cluster) {
    cluster
        .shares()
        .forEach(share -> assertFalse((run.out() + run.err()).contains(share.reveal())));
  }

  @ParameterizedTest
  @BothProducts
  void a_cluster_that_lost_its_power_is_opened_with_one_command(Product product) {
    try (var cluster = start(product, 3)) {
      var site = site(cluster);
      cluster.nodes().forEach(cluster::restartSealed);
      // Somebody's old script was there before.
      var stale = Map.of("key", random().reveal());
      cluster.nodes().get(1).api().put("sys/unseal", stale).require();
      var shares = file("shares", cluster.shares());

      var planned = site.run("unseal", "--all", "--plan", "--share-file", shares.toString());
      assertTrue(planned.expect(Exit.OK).out().contains("3 of 5 shares needed, 1 given"));
      var run =
          site.process("unseal", "--all", "--yes", "--share-file", shares.toString())
              .expect(Exit.OK);

      cluster.awaitWhole();
      cluster.root().put("secret/data/after", Map.of("data", Map.of("a", "b"))).require();
      assertTrue(run.out().contains("leader  ok  http"), run.out());
      assertNoShare(run, cluster);
      var again = site.run("unseal", "--all", "--yes", "--share-file", shares.toString());
      assertTrue(again.expect(Exit.OK).out().contains("  ok  is open"), again.out());
    }
  }

  @ParameterizedTest
  @BothProducts
  void a_share_of_another_cluster_is_found_among_the_right_ones(Product product) {
    try (var cluster = start(product, 1)) {
      var site = site(cluster);
      var node = cluster.nodes().getFirst();
      cluster.restartSealed(node);
      var three = new ArrayList<>(cluster.shares().subList(0, 2));
      three.add(random());
      var four = new ArrayList<>(three);
      four.add(cluster.shares().get(4));

      var wrong = site.run("unseal", "--yes", "--share-file", file("3", three).toString());
      assertTrue(wrong.expect(Exit.UNSEAL_FAILED).out().contains("do not open it"), wrong.out());
      assertEquals(503, node.health());
      var found =
          site.run("unseal", "--yes", "--share-file", file("4", four).toString()).expect(Exit.OK);

      assertTrue(found.out().contains("opened with %s/4 line 1, ".formatted(folder)), found.out());
      assertTrue(found.out().contains("line 2, %s/4 line 4".formatted(folder)), found.out());
    }
  }

  @ParameterizedTest
  @BothProducts
  void custodians_at_three_machines_complete_each_other(Product product) {
    try (var cluster = start(product, 1)) {
      var site = site(cluster);
      cluster.restartSealed(cluster.nodes().getFirst());
      for (int custodian = 0; custodian < 3; custodian++) {
        var share = file("share-" + custodian, cluster.shares().subList(custodian, custodian + 1));
        var run = site.run("unseal", "--add", "--yes", "--share-file", share.toString());
        var word = custodian < 2 ? "has %d of 3 shares".formatted(custodian + 1) : "opened by";
        assertTrue(run.expect(Exit.OK).out().contains(word), run.out());
      }
      assertTrue(cluster.leader().isPresent());
    }
  }

  /// It takes the last share and opens when the leader has let it in.
  @ParameterizedTest
  @BothProducts
  void a_node_that_has_just_joined_is_opened_too(Product product) {
    try (var cluster = start(product, 3)) {
      var site = site(cluster);
      var leader = cluster.awaitLeader(BOUND);
      var lost = cluster.standbys().getFirst();
      cluster.kill(lost);
      leader
          .api()
          .withToken(cluster.rootToken())
          .post("sys/storage/raft/remove-peer", Map.of("server_id", lost.name()))
          .require();
      Folders.delete(lost.config().raftFolder());
      cluster.restartSealed(lost);
      var invitation = Map.of("leader_api_addr", leader.address().toString());
      lost.api().post("sys/storage/raft/join", invitation).require();
      var among = new ArrayList<>(cluster.shares());
      among.addFirst(random());
      var shares = file("shares", among);

      var run = site.run("unseal", "--all", "--yes", "--share-file", shares.toString());

      run.expect(Exit.OK);
      cluster.awaitWhole();
    }
  }

  @Test
  void one_open_node_of_three_is_no_cluster_and_it_says_so() {
    try (var cluster = start(Product.OPENBAO, 3)) {
      var site = site(cluster);
      cluster.nodes().forEach(cluster::restartSealed);
      var shares = file("shares", cluster.shares());

      var one = site.run("unseal", "--yes", "--share-file", shares.toString());

      one.expect(Exit.VAULT_UNAVAILABLE);
      assertTrue(one.out().contains("leader  NONE  no node leads yet"), one.out());
      assertTrue(one.out().contains("lifeboat unseal --all"), one.out());
      site.run("unseal", "--all", "--yes", "--share-file", shares.toString()).expect(Exit.OK);
    }
  }

  @Test
  void a_file_for_gpg_is_decrypted_by_it() throws Exception {
    try (var cluster = start(Product.OPENBAO, 1)) {
      var site = site(cluster);
      cluster.restartSealed(cluster.nodes().getFirst());
      var home = Folders.create(folder.resolve("gnupg"));
      var plain = file("shares", cluster.shares());
      var encrypted = folder.resolve("shares.gpg");
      gpg(home, "--passphrase", "", "--quick-gen-key", "ann@example.net", "default", "default");
      gpg(
          home,
          "--trust-model",
          "always",
          "-r",
          "ann@example.net",
          "-o",
          encrypted.toString(),
          "--encrypt",
          plain.toString());

      var foreign = site.run("unseal", "--yes", "--share-file", encrypted.toString());
      foreign.expect(Exit.CONFIGURATION);
      assertTrue(foreign.err().contains("gpg does not decrypt " + encrypted), foreign.err());
      var own =
          site.process(
              Map.of("GNUPGHOME", home.toString()),
              "unseal",
              "--yes",
              "--share-file",
              encrypted.toString());

      own.expect(Exit.OK);
      assertTrue(own.out().contains("opened with " + encrypted + " line 1"), own.out());
      gpg(home, "--version");
      var _ =
          new ProcessBuilder("gpgconf", "--homedir", home.toString(), "--kill", "all")
              .start()
              .waitFor();
    }
  }

  private void gpg(Path home, String... arguments) throws Exception {
    var line = new ArrayList<>(List.of("gpg", "--homedir", home.toString(), "--batch", "--quiet"));
    line.addAll(List.of(arguments));
    var log = folder.resolve("gpg.log");
    var process =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertEquals(0, process.waitFor(), () -> Site.text(log));
  }

  @Test
  void a_secret_of_secrets_manager_holds_what_operator_init_printed() {
    try (var moto = Moto.start(folder.resolve("moto"));
        var cluster = start(Product.OPENBAO, 1)) {
      var site = site(cluster).configure(moto.unsealBlock());
      site.configure("unseal.share-secrets = [\"vault-unseal-keys\"]");
      cluster.restartSealed(cluster.nodes().getFirst());
      var missing = site.run("unseal", "--yes").expect(Exit.KMS_FAILED);
      assertTrue(missing.err().contains("there is no such secret"), missing.err());
      var printed = new StringBuilder();
      int number = 0;
      for (var share : cluster.shares()) {
        printed.append("Unseal Key %d: %s\n".formatted(++number, share.reveal()));
      }
      printed.append("\nInitial Root Token: ").append(cluster.rootToken().reveal()).append('\n');
      moto.secret("vault-unseal-keys", new Secret(printed.toString()));

      var run = site.run("unseal", "--yes").expect(Exit.OK);

      assertTrue(run.out().contains("opened with secret vault-unseal-keys key 1"), run.out());
      assertNoShare(run, cluster);
      cluster.seal(cluster.nodes().getFirst());
      moto.stop();
      var away = site.run("unseal", "--yes").expect(Exit.KMS_FAILED);
      assertTrue(away.err().contains("can this machine reach " + moto.endpoint()), away.err());
    }
  }
}
