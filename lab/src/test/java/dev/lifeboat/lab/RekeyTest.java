package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.config.Secret;
import dev.lifeboat.sandbox.ServerConfig.TransitSeal;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;

/// `lifeboat rekey` on real clusters: at each moment one set of shares opens them.
class RekeyTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @TempDir Path folder;

  private Cluster start(Product product, int nodes) {
    return TestClusters.start(
        ClusterPlan.of(TestClusters.binary(product), nodes).shamir(5, 3), folder);
  }

  private Site site(Cluster cluster) {
    return Site.beside(cluster, folder.resolve("site")).withRekey(cluster);
  }

  private String file(String name, List<Secret> shares) {
    return Folders.writeSecret(
            folder.resolve(name),
            shares.stream().map(Secret::reveal).collect(Collectors.joining("\n", "", "\n")))
        .toString();
  }

  private static Secret random() {
    var bytes = new byte[33];
    new SecureRandom().nextBytes(bytes);
    return new Secret(Base64.getEncoder().encodeToString(bytes));
  }

  private Path output() {
    return Folders.create(folder.resolve("new"));
  }

  /// To files that whoever can open the backups can open.
  private String[] toFiles(Site site, String old, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "rekey",
                "--yes",
                "-o",
                output().toString(),
                "--identity",
                site.identity().toString(),
                "--share-file",
                old));
    command.addAll(Arrays.asList(more));
    return command.toArray(String[]::new);
  }

  /// The files of the set that came into force, each after its option.
  private List<String> sources(String place) {
    var name = Path.of(place).getFileName().toString();
    var options = new ArrayList<String>();
    for (String file : Site.files(output())) {
      if (file.startsWith(name + ".")) {
        options.add("--share-file");
        options.add(output().resolve(file).toString());
      }
    }
    return options;
  }

  private static String[] with(List<String> options, String... command) {
    var all = new ArrayList<>(Arrays.asList(command));
    all.addAll(options);
    return all.toArray(String[]::new);
  }

  private static void assertNoShare(Run run, Cluster cluster) {
    cluster
        .shares()
        .forEach(share -> assertFalse((run.out() + run.err()).contains(share.reveal())));
  }

  private static int epoch(Site site, String backup) {
    return site.run("inspect", backup, "--json")
        .expect(Exit.OK)
        .json()
        .path("manifest")
        .path("seal")
        .path("key_epoch")
        .asInt(0);
  }

  @ParameterizedTest
  @BothProducts
  void new_shares_open_every_node_and_old_ones_none(Product product) {
    try (var cluster = start(product, 3)) {
      var site = site(cluster);
      var old = file("old", cluster.shares());
      var first = site.backup();

      var planned = site.run("rekey", "--plan", "-o", output().toString(), "--share-file", old);
      assertTrue(planned.expect(Exit.OK).out().contains("unseal key: 3 of 5 now"), planned.out());
      var run = site.process(toFiles(site, old, "--json")).expect(Exit.OK);

      assertNoShare(run, cluster);
      assertEquals(epoch(site, first) + 1, run.json().path("epoch").asInt(0));
      assertEquals(epoch(site, first) + 1, epoch(site, run.json().path("backup").asString("")));
      var fresh = new ArrayList<>(sources(run.json().path("place").asString("")));
      assertEquals(10, fresh.size());
      fresh.addAll(List.of("--identity", site.identity().toString()));
      prove(cluster, site, old, fresh);
    }
  }

  private void prove(Cluster cluster, Site site, String old, List<String> fresh) {
    var untried = site.run(with(fresh, "rekey", "--prove")).expect(Exit.OK);
    assertTrue(untried.out().contains("all  NOT YET  0 of 3 nodes"), untried.out());
    var nodes = new ArrayList<>(cluster.standbys());
    nodes.add(cluster.awaitLeader(BOUND));
    for (var node : nodes) {
      cluster.restartSealed(node);
      var refused =
          site.run("unseal", "--yes", "--node", node.address().toString(), "--share-file", old);
      assertTrue(refused.expect(Exit.UNSEAL_FAILED).out().contains("do not open it"));
      var proven = site.run(with(fresh, "rekey", "--prove")).expect(Exit.OK);
      assertTrue(proven.out().contains(node.address() + "  ok  opened with"), proven.out());
      cluster.awaitWhole();
    }
    var all = site.run(with(fresh, "rekey", "--prove", "--yes", "--json")).expect(Exit.OK);
    assertTrue(all.json().path("proven").asBoolean(false), all.out());
  }

  @ParameterizedTest
  @BothProducts
  void wrong_shares_change_nothing_and_a_foreign_one_among_the_right_is_found(Product product) {
    try (var cluster = start(product, 1)) {
      var site = site(cluster);
      var wrong = new ArrayList<>(cluster.shares().subList(0, 2));
      wrong.add(random());
      var more = new ArrayList<>(wrong);
      more.add(cluster.shares().get(4));

      var refused = site.run(toFiles(site, file("wrong", wrong)));
      refused.expect(Exit.REKEY_FAILED);
      assertTrue(refused.err().contains("are not those of the unseal key"), refused.err());
      assertNoShare(refused, cluster);
      var few = site.run(toFiles(site, file("few", cluster.shares().subList(0, 2))));
      assertTrue(few.expect(Exit.REKEY_FAILED).err().contains("3 shares of the unseal key"));
      assertEquals(List.of(), Site.files(output()));
      var found = site.run(toFiles(site, file("more", more))).expect(Exit.OK);

      assertTrue(found.out().contains("goes on  the run rekey-"), found.out());
      cluster.restartSealed(cluster.nodes().getFirst());
      site.run("unseal", "--yes", "--share-file", file("old", cluster.shares()))
          .expect(Exit.UNSEAL_FAILED);
    }
  }

  /// Its leader dies when the new shares are stored, and when they are about to be verified.
  @ParameterizedTest
  @BothProducts
  void a_change_of_leader_in_the_middle_begins_again_with_the_old_shares(Product product) {
    try (var cluster = start(product, 3)) {
      var site = site(cluster);
      var old = file("old", cluster.shares());
      var fallen = new ArrayList<ClusterNode>();
      var milestones =
          new Milestones() {
            @Override
            public void reached(Milestone milestone) {}

            @Override
            public void journalled(int line) {
              // Begun, started, attempt, nonce, keeping, kept, verifying.
              if (line == 6) {
                var leader = cluster.awaitLeader(BOUND);
                fallen.add(leader);
                cluster.restart(leader);
                cluster.awaitWhole();
              }
            }
          };

      var run = site.run(milestones, toFiles(site, old, "--json")).expect(Exit.OK);

      assertEquals(1, fallen.size());
      assertEquals(1, run.json().path("worthless").size(), run.out());
      assertTrue(run.json().path("place").asString("").endsWith("-2"), run.out());
      openEveryNode(cluster, site, run.json().path("place").asString(""));
    }
  }

  private void openEveryNode(Cluster cluster, Site site, String place) {
    cluster.nodes().forEach(cluster::restartSealed);
    var fresh = sources(place);
    fresh.addAll(List.of("--identity", site.identity().toString()));
    site.run(with(fresh, "unseal", "--all", "--yes")).expect(Exit.OK);
    cluster.awaitWhole();
    cluster.root().put("secret/data/after", Map.of("data", Map.of("a", "b"))).require();
  }

  @ParameterizedTest
  @BothProducts
  void every_node_is_restarted_and_opened_with_the_new_shares_while_the_cluster_serves(
      Product product) {
    try (var cluster = start(product, 3);
        var control = NodeControl.of(cluster)) {
      var site = site(cluster).configure(control.block(folder.resolve("restore")));
      var old = file("old", cluster.shares());
      var run = site.run(toFiles(site, old, "--json")).expect(Exit.OK);
      var fresh = sources(run.json().path("place").asString(""));
      fresh.addAll(List.of("--identity", site.identity().toString()));
      var before = cluster.nodes().stream().map(ClusterNode::pid).toList();

      var proof = site.run(with(fresh, "rekey", "--prove", "--restart")).expect(Exit.OK);

      assertTrue(proof.out().contains("all  ok  no node needs the old shares"), proof.out());
      cluster.awaitWhole();
      cluster.nodes().forEach(node -> assertFalse(before.contains(node.pid())));
      var again = site.run(with(fresh, "rekey", "--prove", "--restart")).expect(Exit.OK);
      assertTrue(again.out().contains("all  ok"), again.out());
    }
  }

  /// A sample; `lifeboat lab resume` does it at every line.
  @ParameterizedTest
  @BothProducts
  void one_that_is_killed_goes_on_and_somebody_can_always_open_the_cluster(Product product) {
    try (var cluster = start(product, 1)) {
      var site = site(cluster);
      var old = file("shares-0", cluster.shares());
      int round = 0;
      for (int line : List.of(3, 4, 6, 7, 8, 9, 11)) {
        var command = new ArrayList<>(List.of(Integer.toString(line)));
        command.addAll(Arrays.asList(toFiles(site, old, "--json")));
        var log = folder.resolve("killed-" + line + ".log");
        try (var process =
            Program.start(
                log,
                KilledMain.class.getName(),
                List.of(),
                site.withConfig(command.toArray(String[]::new)))) {
          Await.until("it to die", BOUND, () -> !process.alive());
          assertEquals(KilledMain.KILLED, process.exitCode(), () -> Site.text(log));
        }
        var run = site.run(toFiles(site, old, "--json")).expect(Exit.OK);

        var place = run.json().path("place").asString("");
        var fresh = sources(place);
        fresh.addAll(List.of("--identity", site.identity().toString()));
        cluster.restartSealed(cluster.nodes().getFirst());
        site.run(with(fresh, "unseal", "--yes")).expect(Exit.OK);
        // The new ones are the old ones of the next round.
        old = plain(++round, fresh);
      }
    }
  }

  /// As somebody with the identity would write them down.
  private String plain(int round, List<String> sources) {
    var shares = new ArrayList<Secret>();
    var identity = Path.of(sources.getLast());
    for (int index = 1; index < sources.size() - 2; index += 2) {
      shares.add(Custodian.open(Path.of(sources.get(index)), identity));
    }
    return file("shares-" + round, shares);
  }

  /// The server has taken the last new share, and nobody here knows: the answer was lost, or this
  /// process died just then.
  @ParameterizedTest
  @BothProducts
  void new_shares_that_came_into_force_unseen_are_found_out(Product product) {
    try (var cluster = start(product, 1)) {
      var site = site(cluster);
      var old = file("old", cluster.shares());
      var unseen =
          new Milestones() {
            private boolean death;

            @Override
            public void reached(Milestone milestone) {}

            @Override
            public void journalled(int line) {
              if (line == 7) {
                verifyAsServer(cluster, site);
                if (death) {
                  throw new AssertionError("killed");
                }
              }
            }
          };

      var lost = site.run(unseen, toFiles(site, old, "--json")).expect(Exit.OK);
      var fresh = sources(lost.json().path("place").asString(""));
      fresh.addAll(List.of("--identity", site.identity().toString()));
      var second = plain(1, fresh);
      Folders.delete(output());
      unseen.death = true;
      site.run(unseen, toFiles(site, second, "--json")).expect(Exit.INTERNAL);
      var run = site.run(toFiles(site, second, "--json")).expect(Exit.OK);

      assertTrue(run.json().path("place").asString("").endsWith("-1"), run.out());
      openEveryNode(cluster, site, run.json().path("place").asString(""));
    }
  }

  /// With what is stored.
  private void verifyAsServer(Cluster cluster, Site site) {
    var openbao = cluster.binary().product() == Product.OPENBAO;
    var path = (openbao ? "sys/rotate/root" : "sys/rekey") + "/verify";
    var root = cluster.root();
    var nonce = root.get(path).require().text(openbao ? "data.nonce" : "nonce");
    for (String file : Site.files(output()).subList(0, 3)) {
      var share = Custodian.open(output().resolve(file), site.identity()).reveal();
      root.post(path, Map.of("key", share, "nonce", nonce)).require();
    }
  }

  @ParameterizedTest
  @BothProducts
  void a_node_that_is_sealed_or_down_forbids_it(Product product) {
    try (var cluster = start(product, 3)) {
      var site = site(cluster);
      var old = file("old", cluster.shares());
      var standby = cluster.standbys().getFirst();
      cluster.restartSealed(standby);

      var sealed = site.run(toFiles(site, old));
      sealed.expect(Exit.REKEY_FAILED);
      assertTrue(
          sealed.err().contains(standby.address() + " is sealed: a node that is sealed during"),
          sealed.err());
      cluster.kill(standby);
      var down = site.run(toFiles(site, old));
      assertTrue(down.expect(Exit.REKEY_FAILED).err().contains("does not answer"), down.err());
      assertEquals(List.of(), Site.files(output()));
      assertEquals(List.of(), Site.files(site.rekeys()));
    }
  }

  /// Just before the new shares come into force.
  @Test
  void a_node_that_falls_in_the_middle_keeps_the_old_shares_in_force() {
    try (var cluster = start(Product.OPENBAO, 3)) {
      var site = site(cluster);
      var standby = cluster.standbys().getFirst();
      var milestones =
          new Milestones() {
            @Override
            public void reached(Milestone milestone) {}

            @Override
            public void journalled(int line) {
              if (line == 6) {
                cluster.kill(standby);
              }
            }
          };

      var run = site.run(milestones, toFiles(site, file("old", cluster.shares())));

      assertTrue(run.expect(Exit.REKEY_FAILED).err().contains("does not answer"), run.err());
      cluster.restart(standby);
      var given = site.run("rekey", "--abandon").expect(Exit.OK);
      assertTrue(given.out().contains("abandon  ok  the old shares are in force"), given.out());
      cluster.awaitWhole();
    }
  }

  @ParameterizedTest
  @BothProducts
  void somebody_elses_rekey_is_left_alone(Product product) {
    try (var cluster = start(product, 1)) {
      var site = site(cluster);
      var path = product == Product.OPENBAO ? "sys/rotate/root/init" : "sys/rekey/init";
      cluster.root().post(path, Map.of("secret_shares", 2, "secret_threshold", 2)).require();

      var run = site.run(toFiles(site, file("old", cluster.shares())));

      assertTrue(run.expect(Exit.REKEY_FAILED).err().contains("somebody else's rekey"), run.err());
      assertTrue(cluster.root().get(path).body().toString().contains("\"n\":2"));
    }
  }

  /// Everybody a key of their own, and nobody at the machine can open them.
  @ParameterizedTest
  @BothProducts
  void custodians_show_that_they_can_open_their_shares(Product product) {
    try (var cluster = start(product, 3)) {
      var site = site(cluster);
      var keys = Folders.create(folder.resolve("keys"));
      var options = new ArrayList<>(List.of("--shares", "3", "--threshold", "2"));
      for (var name : List.of("ann", "bob", "cid")) {
        Program.here(
                Milestones.NONE, "keys", "generate", "--recipient", name, "-o", keys.toString())
            .expect(Exit.OK);
        options.addAll(List.of("--recipient", keys.resolve(name + ".recipient").toString()));
      }
      var old = file("old", cluster.shares());
      var command = with(options, "rekey", "--yes", "-o", output().toString(), "--share-file", old);

      var waits = site.run(command).expect(Exit.OK);
      assertTrue(waits.out().contains("exchange  WAITS  2 custodians of"), waits.out());
      var ann = verify(site, keys, 1, "ann");
      assertTrue(ann.expect(Exit.OK).out().contains("1 of 2 new shares"), ann.out());
      var bob = verify(site, keys, 2, "bob");
      assertTrue(bob.expect(Exit.OK).out().contains("are the shares of the unseal key now"));
      var goesOn = site.run(command).expect(Exit.OK);

      assertTrue(goesOn.out().contains("rotate  ok  key epoch"), goesOn.out());
      cluster.restartSealed(cluster.nodes().getFirst());
      for (var custodian : List.of("bob", "cid")) {
        site.run(
                "unseal",
                "--add",
                "--yes",
                "--share-file",
                share(custodian.equals("bob") ? 2 : 3, custodian),
                "--identity",
                keys.resolve(custodian + ".identity").toString())
            .expect(Exit.OK);
      }
      cluster.awaitWhole();
    }
  }

  /// The new ones are dropped with their leader, and somebody gives what the configuration names.
  @ParameterizedTest
  @BothProducts
  void old_shares_that_are_given_for_the_new_ones_put_nothing_in_force(Product product) {
    try (var cluster = start(product, 3)) {
      var site = site(cluster);
      var keys = Folders.create(folder.resolve("keys"));
      var options = new ArrayList<>(List.of("--shares", "3", "--threshold", "2"));
      for (var name : List.of("ann", "bob", "cid")) {
        Program.here(
                Milestones.NONE, "keys", "generate", "--recipient", name, "-o", keys.toString())
            .expect(Exit.OK);
        options.addAll(List.of("--recipient", keys.resolve(name + ".recipient").toString()));
      }
      var old = file("old", cluster.shares());
      var command = with(options, "rekey", "--yes", "-o", output().toString(), "--share-file", old);
      site.run(command).expect(Exit.OK);
      cluster.restart(cluster.awaitLeader(BOUND));
      cluster.awaitWhole();

      var given = site.run("rekey", "--verify", "--share-file", old).expect(Exit.REKEY_FAILED);
      assertTrue(given.out().contains("these are the shares of the unseal key now"), given.out());
      assertTrue(given.out().contains("NOT the new ones of rekey-"), given.out());
      assertNoShare(given, cluster);
      var again = site.run(command).expect(Exit.OK);

      assertTrue(again.out().contains("exchange  WAITS  2 custodians of"), again.out());
      assertEquals(6, Site.files(output()).size());
      var standby = cluster.standbys().getFirst();
      cluster.restartSealed(standby);
      site.run("unseal", "--yes", "--node", standby.address().toString(), "--share-file", old)
          .expect(Exit.OK);
    }
  }

  private String share(int number, String name) {
    return Site.files(output()).stream()
        .filter(file -> file.endsWith("-1.%d.%s.share".formatted(number, name)))
        .map(file -> output().resolve(file).toString())
        .findFirst()
        .orElseThrow();
  }

  private Run verify(Site site, Path keys, int number, String name) {
    return site.run(
        "rekey",
        "--verify",
        "--share-file",
        share(number, name),
        "--identity",
        keys.resolve(name + ".identity").toString());
  }

  @ParameterizedTest
  @BothProducts
  void custodians_with_pgp_keys_decrypt_with_their_own_gpg(Product product) throws Exception {
    try (var cluster = start(product, 1)) {
      var site = site(cluster);
      var gnupg = new Custodian.Gnupg(Folders.create(folder.resolve("gnupg")));
      var options = new ArrayList<>(List.of("--shares", "2", "--threshold", "2"));
      for (var name : List.of("ann", "bob")) {
        var key = folder.resolve(name + ".pub");
        gnupg.generate(name + "@example.net", key, name.equals("ann"));
        options.addAll(List.of("--pgp-key", key.toString()));
      }
      var old = file("old", cluster.shares());
      var command = with(options, "rekey", "--yes", "-o", output().toString(), "--share-file", old);

      site.run(command).expect(Exit.OK);
      for (var file : Site.files(output())) {
        site.process(
                Map.of("GNUPGHOME", gnupg.home().toString()),
                "rekey",
                "--verify",
                "--share-file",
                output().resolve(file).toString())
            .expect(Exit.OK);
      }
      site.run(command).expect(Exit.OK);

      cluster.restartSealed(cluster.nodes().getFirst());
      var files = new ArrayList<String>();
      Site.files(output())
          .forEach(
              file -> files.addAll(List.of("--share-file", output().resolve(file).toString())));
      site.process(Map.of("GNUPGHOME", gnupg.home().toString()), with(files, "unseal", "--yes"))
          .expect(Exit.OK);
      gnupg.close();
    }
  }

  @ParameterizedTest
  @BothProducts
  void each_key_epoch_has_a_secret_of_its_own(Product product) {
    try (var moto = Moto.start(folder.resolve("moto"));
        var cluster = start(product, 1)) {
      var site = site(cluster).configure(moto.unsealBlock());
      site.configure("rekey.secret = \"unseal-keys\"");
      // Somebody's, or of an attempt that was given up.
      moto.secret("unseal-keys-epoch-2", new Secret("taken"));

      var first =
          site.run("rekey", "--yes", "--json", "--share-file", file("old", cluster.shares()));
      var place = first.expect(Exit.OK).json().path("place").asString("");
      assertEquals("unseal-keys-epoch-2-2", place);
      var second = site.run("rekey", "--yes", "--json", "--share-secret", place).expect(Exit.OK);

      assertEquals("unseal-keys-epoch-3", second.json().path("place").asString(""));
      cluster.restartSealed(cluster.nodes().getFirst());
      site.run("unseal", "--yes", "--share-secret", place).expect(Exit.UNSEAL_FAILED);
      var opened = site.run("rekey", "--prove", "--share-secret", "unseal-keys-epoch-3");
      assertTrue(opened.expect(Exit.OK).out().contains("all  ok  no node needs"), opened.out());
    }
  }

  @ParameterizedTest
  @BothProducts
  void a_cluster_that_opens_itself_gets_new_recovery_keys(Product product) {
    try (var transit = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var plan = ClusterPlan.of(TestClusters.binary(product), 1);
      if (product == Product.VAULT) {
        transit.root().put("transit/keys/unseal", Map.of("type", "aes256-gcm96")).require();
        plan =
            plan.sealedBy(
                new TransitSeal(
                    transit.nodes().getFirst().address(),
                    transit.rootToken(),
                    "transit",
                    "unseal"));
      }
      try (var cluster = Cluster.create(plan, folder.resolve("sealed"))) {
        Provisioning.install(cluster.root());
        var site = site(cluster);
        var old = file("old", cluster.shares());
        var planned = site.run("rekey", "--plan", "-o", output().toString());
        assertTrue(planned.out().contains("recovery key: 1 of 1 now"), planned.out());

        var run =
            site.run(toFiles(site, old, "--shares", "5", "--threshold", "3", "--json"))
                .expect(Exit.OK);

        var fresh = sources(run.json().path("place").asString(""));
        fresh.addAll(List.of("--identity", site.identity().toString()));
        var proven = site.run(with(fresh, "rekey", "--prove")).expect(Exit.OK);
        assertTrue(proven.out().contains("are the shares of the recovery key now"), proven.out());
        var dead = site.run("rekey", "--prove", "--share-file", old);
        assertNotEquals(Exit.OK.code(), dead.code(), dead.out());
      }
    }
  }

  @Test
  void the_age_of_the_shares_is_a_metric_that_outlives_the_agent() {
    try (var cluster = start(Product.OPENBAO, 1)) {
      var site = site(cluster).configure("rekey.every = 90d");
      site.configure("rekey.shares-since = \"2026-01-02\"");
      try (var _ = site.startAgent()) {
        Await.until(
            "the metric",
            BOUND,
            () -> site.scrape().text().contains("vault_rekey_last_success_timestamp_seconds 1.7"));
        assertTrue(site.scrape().text().contains("vault_rekey_interval_seconds 7776000.0"));
        var before = line(site);
        // By the agent that runs.
        site.process(toFiles(site, file("old", cluster.shares()))).expect(Exit.OK);
        Await.until("the new time", BOUND, () -> !line(site).equals(before));
      }
    }
  }

  private static String line(Site site) {
    return site.scrape()
        .text()
        .lines()
        .filter(line -> line.startsWith("vault_rekey_last_success_timestamp_seconds"))
        .findFirst()
        .orElse("");
  }
}
