package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What can go wrong with `lifeboat restore cluster`, on real servers.
class RestoreFaultsTest {
  @TempDir Path folder;

  private Cluster start(Product product, int nodes) {
    return TestClusters.start(
        ClusterPlan.of(TestClusters.binary(product), nodes).shamir(5, 3), folder);
  }

  private Cluster blank(Cluster old) {
    return Cluster.blank(old.plan(), folder.resolve("fresh"), old);
  }

  /// One that has a backup with `kept` in it and then lost all its servers.
  private RestoreSite lost(Cluster old) {
    RestoreSite.write(old, "kept");
    var site = RestoreSite.of(old, folder);
    site.site().backup();
    old.nodes().forEach(old::kill);
    return site;
  }

  /// Does something as soon as the journal has a line with these words.
  private static Milestones when(RestoreSite site, String words, Runnable act) {
    return new Milestones() {
      private boolean done;

      @Override
      public void reached(Milestone milestone) {}

      @Override
      public void journalled(int line) {
        if (!done && site.journalLines().getLast().contains(words)) {
          done = true;
          act.run();
        }
      }
    };
  }

  enum Way {
    BOTH,
    API,
    CLUSTER_PORT
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void an_old_cluster_that_can_be_reached_is_not_restored_beside(Way way) {
    for (var product : List.of(Product.OPENBAO, Product.VAULT)) {
      var own = Folders.create(folder.resolve(product.name()));
      var plan = ClusterPlan.of(TestClusters.binary(product), 1).shamir(5, 3);
      try (var old = TestClusters.start(plan, own);
          var fresh = Cluster.blank(plan, own.resolve("fresh"), old);
          var control = NodeControl.of(fresh)) {
        RestoreSite.write(old, "kept");
        var site = RestoreSite.of(old, own).into(control);
        site.site().backup();
        var node = old.nodes().getFirst();
        switch (way) {
          case BOTH -> {}
          case API -> old.moveTo(node, node.config().apiPort(), 0);
          case CLUSTER_PORT -> old.moveTo(node, 0, node.config().clusterPort());
        }

        var run = site.run(site.cluster("--yes")).expect(Exit.RESTORE_FAILED);

        assertTrue(run.err().contains("can still be reached"), run.err());
        assertEquals(way != Way.CLUSTER_PORT, run.err().contains("the API of node-1"), run.err());
        assertEquals(way != Way.API, run.err().contains("the cluster port of node-1"), run.err());
        assertEquals(List.of(), site.journalLines());
        assertFalse(fresh.nodes().getFirst().running());
      }
    }
  }

  @ParameterizedTest
  @BothProducts
  void beside_a_living_old_cluster_nothing_is_written_to_it_even_when_told_to_go_on(
      Product product) {
    try (var old = start(product, 1);
        var fresh = blank(old);
        var control = NodeControl.of(fresh)) {
      RestoreSite.write(old, "kept");
      var site = RestoreSite.of(old, folder).into(control);
      site.site().backup();
      RestoreSite.write(old, "old");
      var before = canaryVersion(old);

      site.run(site.cluster("--yes", "--accept-writes-to-old-cluster")).expect(Exit.OK);

      RestoreSite.assertHas(fresh, "kept");
      RestoreSite.assertHas(old, "old");
      assertEquals(before, canaryVersion(old));
    }
  }

  private static int canaryVersion(Cluster cluster) {
    return cluster
        .root()
        .get("secret/data/lifeboat/canary")
        .require()
        .body()
        .at("/data/metadata/version")
        .asInt();
  }

  @Test
  void a_node_that_speaks_for_the_old_cluster_is_not_called_back() {
    try (var old = start(Product.OPENBAO, 1);
        var fresh = Cluster.blank(old.plan().sized(2), folder.resolve("fresh"), old);
        var control = NodeControl.of(fresh)) {
      RestoreSite.write(old, "kept");
      var site = RestoreSite.of(old, folder);
      site.site().backup();
      var second = fresh.nodes().get(1);
      try (var proxy = TcpProxy.before(second.config().apiPort())) {
        site.into(control);
        site.site()
            .configure(
                "restore.nodes.node-2.address = \"http://127.0.0.1:%d\"".formatted(proxy.port()))
            .configure("restore.start-timeout = 20s");
        var atTheProof =
            when(
                site,
                "\"done\",\"step\":\"restart node-2\"",
                () -> proxy.divert(old.nodes().getFirst().config().apiPort()));

        var run =
            site.site()
                .run(atTheProof, site.cluster("--yes", "--accept-writes-to-old-cluster"))
                .expect(Exit.NODE_MISSING);

        assertTrue(run.out().contains("node-2  NOT BACK"), run.out());
        assertFalse(run.out().contains("node-2 proven"), run.out());
      }
    }
  }

  @ParameterizedTest
  @BothProducts
  void wrong_shares_end_it_and_the_right_ones_go_on_without_a_second_submission(Product product) {
    try (var old = start(product, 1)) {
      var site = lost(old);
      try (var fresh = blank(old);
          var control = NodeControl.of(fresh)) {
        site.into(control);
        var wrong = new byte[33];
        new SecureRandom().nextBytes(wrong);
        var shares = new ArrayList<>(old.shares().subList(0, 2));
        shares.add(new Secret(Base64.getEncoder().encodeToString(wrong)));
        var file =
            Folders.writeSecret(
                folder.resolve("wrong"),
                shares.stream().map(Secret::reveal).collect(Collectors.joining("\n")));
        var command =
            List.of(
                "restore",
                "cluster",
                "--force",
                "--cluster",
                "lab",
                "--yes",
                "--identity",
                site.site().identity().toString(),
                "--share-file",
                file.toString());

        var run = site.run(command.toArray(String[]::new)).expect(Exit.RESTORE_FAILED);
        assertTrue(run.err().contains("these shares do not open it"), run.err());
        site.run(site.cluster("--yes")).expect(Exit.OK);

        RestoreSite.assertHas(fresh, "kept");
        assertEquals(1, submissions(site));
      }
    }
  }

  private static long submissions(RestoreSite site) {
    return site.journalLines().stream().filter(line -> line.contains("\"submission\":")).count();
  }

  @ParameterizedTest
  @BothProducts
  void a_node_that_never_comes_back_is_said_and_the_others_serve(Product product) {
    try (var old = start(product, 3)) {
      var site = lost(old);
      try (var fresh = blank(old);
          var control = NodeControl.of(fresh)) {
        site.into(control);
        var third = fresh.nodes().get(2);
        control.breakForGood(third);

        var run = site.run(site.cluster("--yes")).expect(Exit.NODE_MISSING);

        assertTrue(run.out().contains("node-3  NOT BACK  node-3 does not start"), run.out());
        assertTrue(run.out().contains("node-1, node-2 proven"), run.out());
        RestoreSite.write(fresh, "after");
        control.mend(third);
        site.run(site.cluster("--yes")).expect(Exit.OK);
        RestoreSite.assertHas(fresh, "after");
        assertEquals(1, submissions(site));
      }
    }
  }

  @ParameterizedTest
  @BothProducts
  void a_leader_that_dies_between_answer_and_apply_is_started_again(Product product) {
    try (var old = start(product, 1)) {
      var site = lost(old);
      try (var fresh = blank(old);
          var control = NodeControl.of(fresh)) {
        site.into(control);
        var node = fresh.nodes().getFirst();

        var run =
            site.site()
                .run(
                    when(site, "\"answer\":\"204\"", () -> fresh.kill(node)),
                    site.cluster("--yes"));
        if (run.code() != Exit.OK.code()) {
          // It had not taken effect: said so, and the same command does it anew.
          run.expect(Exit.RESTORE_FAILED);
          site.run(site.cluster("--yes")).expect(Exit.OK);
        }

        RestoreSite.assertHas(fresh, "kept");
      }
    }
  }

  @Test
  void a_kms_that_is_down_is_said_before_anything_is_stopped() {
    try (var moto = Moto.start(folder.resolve("moto"));
        var old = start(Product.OPENBAO, 1)) {
      var site = RestoreSite.of(old, folder);
      site.site()
          .configure("backup.kms.main {\n%s}".formatted(moto.block(moto.key("alias/backups"))));
      site.site().backup();
      old.nodes().forEach(old::kill);
      try (var fresh = blank(old);
          var control = NodeControl.of(fresh)) {
        site.into(control);
        moto.stop();

        var run =
            site.run(
                "restore",
                "cluster",
                "--force",
                "--cluster",
                "lab",
                "--yes",
                "--kms",
                "main",
                "--share-file",
                site.shares().toString());

        run.expect(Exit.KMS_FAILED);
        assertTrue(run.err().contains("kms main: "), run.err());
        assertTrue(site.journalLines().stream().noneMatch(line -> line.contains("stop node-1")));
        // Whoever has the private key of a recipient does not need it.
        site.run(site.cluster("--yes")).expect(Exit.OK);
      }
    }
  }

  @Test
  void two_operators_at_once_do_not_meet() {
    try (var old = start(Product.OPENBAO, 1)) {
      var site = lost(old);
      try (var fresh = blank(old);
          var control = NodeControl.of(fresh)) {
        site.into(control);
        var second = new ArrayList<Run>();
        Consumer<String> other =
            journal -> {
              var elsewhere = folder.resolve(journal);
              site.site().configure("restore.folder = \"%s\"".formatted(elsewhere));
              second.add(site.run(site.cluster("--yes")));
            };

        var first =
            site.site()
                .run(
                    when(
                        site,
                        "\"done\",\"step\":\"take the nodes\"",
                        () -> other.accept("elsewhere")),
                    site.cluster("--yes"))
                .expect(Exit.OK);

        assertTrue(first.out().contains("node-1 proven"), first.out());
        second.getFirst().expect(Exit.ALREADY_RUNNING);
        var said = second.getFirst().err();
        assertTrue(said.contains("node-1 is being restored by another run"), said);
      }
    }
  }

  @Test
  void a_backup_that_is_damaged_is_noticed_before_anything_is_stopped() {
    try (var old = start(Product.OPENBAO, 1);
        var control = NodeControl.of(old)) {
      var site = RestoreSite.of(old, folder).into(control);
      var id = site.site().backup();
      damage(site.site().store().resolve(id + ".data"));

      var run = site.run(site.cluster("--yes")).expect(Exit.VERIFICATION_FAILED);

      assertTrue(run.err().contains("checksum") || run.err().contains("changed"), run.err());
      assertEquals(200, old.nodes().getFirst().health());
    }
  }

  private static void damage(Path file) {
    try (var data = new RandomAccessFile(file.toFile(), "rw")) {
      data.seek(data.length() / 2);
      int there = data.read();
      data.seek(data.length() / 2);
      data.write(there ^ 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @BothProducts
  void a_cluster_that_still_serves_is_saved_before_it_is_replaced(Product product) {
    try (var cluster = start(product, 3);
        var control = NodeControl.of(cluster)) {
      RestoreSite.write(cluster, "kept");
      var site = RestoreSite.of(cluster, folder).into(control);
      site.site().backup();
      RestoreSite.write(cluster, "replaced");

      var run = site.run(site.cluster("--yes")).expect(Exit.OK);

      RestoreSite.assertHas(cluster, "kept");
      assertTrue(run.out().contains("save what is there  ok"), run.out());
      var saved =
          Site.files(site.journal()).stream()
              .filter(name -> name.endsWith(".before.snap"))
              .findFirst()
              .orElseThrow();
      site.site().run("inspect", site.journal().resolve(saved).toString()).expect(Exit.OK);
      assertFalse(Site.files(site.journal()).stream().anyMatch(name -> name.endsWith(".snapshot")));
      for (var node : cluster.nodes()) {
        assertTrue(
            Site.files(node.config().raftFolder()).stream()
                .anyMatch(name -> name.startsWith("lifeboat-quarantine-")));
      }
    }
  }

  @Test
  void nodes_of_another_cluster_are_not_taken_by_mistake() {
    try (var old = start(Product.OPENBAO, 1)) {
      var site = lost(old);
      var own = Folders.create(folder.resolve("other"));
      try (var other = Cluster.create(old.plan().named("staging"), own.resolve("cluster"));
          var control = NodeControl.of(other)) {
        site.into(control);

        var run = site.run(site.cluster("--yes")).expect(Exit.RESTORE_FAILED);
        assertTrue(run.err().contains("serves another cluster, 'staging'"), run.err());
        assertEquals(200, other.nodes().getFirst().health());
        site.run(site.cluster("--yes", "--replaces", "staging")).expect(Exit.OK);
      }
      assertEquals(1, submissions(site));
    }
  }

  @Test
  void nodes_that_open_themselves_need_neither_force_nor_shares() {
    var plan = ClusterPlan.of(TestClusters.binary(Product.OPENBAO), 3);
    try (var old = TestClusters.start(plan, folder)) {
      var site = lost(old);
      try (var fresh = blank(old);
          var control = NodeControl.of(fresh)) {
        site.into(control);

        var run =
            site.run(
                "restore",
                "cluster",
                "--yes",
                "--json",
                "--identity",
                site.site().identity().toString());

        assertEquals(3, run.expect(Exit.OK).json().path("proven").size());
        RestoreSite.assertHas(fresh, "kept");
      }
    }
  }

  @Test
  void nodes_with_the_key_of_another_cluster_refuse_the_snapshot() {
    var plan = ClusterPlan.of(TestClusters.binary(Product.OPENBAO), 1);
    try (var old = TestClusters.start(plan, folder)) {
      var site = lost(old);
      var own = Folders.create(folder.resolve("other"));
      try (var foreign = Cluster.create(plan, own.resolve("cluster"))) {
        foreign.nodes().forEach(foreign::kill);
        try (var fresh = Cluster.blank(plan, own.resolve("fresh"), foreign);
            var control = NodeControl.of(fresh)) {
          site.into(control);

          var run =
              site.run(
                  "restore", "cluster", "--yes", "--identity", site.site().identity().toString());

          run.expect(Exit.RESTORE_FAILED);
          assertTrue(run.err().contains("node-1 refuses the snapshot"), run.err());
        }
      }
    }
  }

  @Test
  void nodes_are_reached_over_ssh() {
    try (var old = start(Product.OPENBAO, 3)) {
      var site = lost(old);
      try (var fresh = blank(old);
          var control = NodeControl.of(fresh);
          var sshd = Sshd.startForCommands(folder.resolve("sshd"))) {
        site.site().configure(control.blockBySsh(site.journal(), sshd));

        var run = site.run(site.cluster("--yes")).expect(Exit.OK);

        assertTrue(run.out().contains("@127.0.0.1:" + sshd.port()), run.out());
        RestoreSite.assertHas(fresh, "kept");
      }
    }
  }

  @Test
  void a_full_disk_is_said_and_with_room_the_same_command_goes_on() {
    if (!System.getProperty("user.name").equals("root")) {
      return;
    }
    var plan = ClusterPlan.of(TestClusters.binary(Product.OPENBAO), 1).shamir(5, 3);
    try (var old = TestClusters.start(plan, folder)) {
      TestClusters.fill(old.root(), "much", 24);
      var site = lost(old);
      try (var fresh = blank(old);
          var control = NodeControl.of(fresh)) {
        site.into(control);
        var node = fresh.nodes().getFirst();
        var raft = node.config().raftFolder();
        try (var disk = Tmpfs.mount(raft, "40m")) {
          assertEquals(raft, disk.folder());
          site.site().configure("restore.start-timeout = 15s");
          var run = site.run(site.cluster("--yes"));
          run.expect(Exit.RESTORE_FAILED);
          node.kill();
        }
        site.run(site.cluster("--yes")).expect(Exit.OK);
        RestoreSite.assertHas(fresh, "kept");
      }
    }
  }

  @ParameterizedTest
  @BothProducts
  void killed_at_sampled_lines_of_the_journal_the_same_command_goes_on(Product product) {
    try (var old = start(product, 2)) {
      var site = lost(old);
      // In full by `./lifeboat lab resume`. Submitted and not answered, answered, joining, proving.
      for (int line : product == Product.VAULT ? List.of(17, 25) : List.of(18, 21)) {
        var own = Folders.create(folder.resolve("at-" + line));
        try (var fresh = Cluster.blank(old.plan(), own.resolve("fresh"), old);
            var control = NodeControl.of(fresh)) {
          site.site().configure(control.block(own.resolve("journal")));
          var killed =
              Program.start(
                  own.resolve("log"), KilledMain.class.getName(), List.of(), killed(site, line));
          Await.until("the run to die", Duration.ofMinutes(1), () -> !killed.alive());
          assertEquals(KilledMain.KILLED, killed.exitCode(), () -> Site.text(own.resolve("log")));

          site.run(site.cluster("--yes")).expect(Exit.OK);

          RestoreSite.assertHas(fresh, "kept");
          fresh.nodes().forEach(fresh::kill);
        }
      }
    }
  }

  private static String[] killed(RestoreSite site, int line) {
    var arguments = new ArrayList<>(List.of(String.valueOf(line)));
    arguments.addAll(List.of(site.site().withConfig(site.cluster("--yes"))));
    return arguments.toArray(String[]::new);
  }
}
