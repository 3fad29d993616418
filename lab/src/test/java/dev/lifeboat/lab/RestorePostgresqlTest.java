package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// `lifeboat restore postgresql` on OpenBao and a real PostgreSQL.
class RestorePostgresqlTest {
  private static final Duration BOUND = Duration.ofMinutes(1);

  /// Between the lines of the journal after which a run is killed.
  private static final int EVERY = Integer.getInteger("lifeboat.killed.every", 3);

  @TempDir static Path shared;

  private static Certificates certificates;
  private static Postgresql database;
  private static Cluster old;
  private static RestoreSite site;
  private static String backup;
  private static int databases;

  @TempDir Path folder;

  /// Two nodes that had `kept` in their backup, wrote more, and are lost.
  @BeforeAll
  static void lose_a_cluster() {
    certificates = Certificates.in(shared.resolve("tls"));
    var issued = certificates.server("database", "IP:127.0.0.1");
    database = Postgresql.start(issued.certificateFile(), issued.privateKeyFile());
    old =
        Cluster.create(
            ClusterPlan.of(Servers.openbao(), 2)
                .shamir(5, 3)
                .on(database.connectionUrl(Postgresql.DATABASE)),
            shared.resolve("cluster"));
    Provisioning.install(old.root());
    RestoreSite.write(old, "kept");
    site = RestoreSite.of(old, shared);
    Folders.writeSecret(shared.resolve("lifeboat-password"), Postgresql.PASSWORD);
    Folders.writeSecret(shared.resolve("openbao-password"), "openbao");
    site.site()
        .configure("backup." + block(Postgresql.DATABASE, "lifeboat"))
        .configure("restore." + block(Postgresql.DATABASE, "openbao"));
    backup = site.site().backup();
    RestoreSite.write(old, "lost");
    old.nodes().forEach(old::kill);
  }

  @AfterAll
  static void stop() {
    old.close();
    database.close();
  }

  private static String block(String name, String user) {
    return """
    postgresql {
      host = "127.0.0.1", port = %d, database = "%s", user = "%s"
      password { file = "%s" }
      ca-file = "%s", programs = "%s"
    }
    """
        .formatted(
            database.port(),
            name,
            user,
            shared.resolve(user + "-password"),
            certificates.caFile(),
            Servers.postgresql());
  }

  @BeforeEach
  void say(TestInfo test) {
    System.out.println("== " + test.getDisplayName());
  }

  /// A new database, and nodes that were never started whose configuration names it.
  private final class Fresh implements AutoCloseable {
    private final String name;
    private final Path own;
    private final Cluster cluster;
    private final NodeControl control;

    Fresh(String url, String name, int nodes) {
      this.name = name;
      this.own = Folders.create(folder.resolve(name));
      this.cluster = Cluster.blank(old.plan().sized(nodes).on(url), own.resolve("fresh"), old);
      this.control = NodeControl.of(cluster);
      site.site()
          .configure("restore = null")
          .configure(control.block(journal()))
          .configure("restore." + block(name, "openbao"));
    }

    Path journal() {
      return own.resolve("journal");
    }

    String comment() {
      return database.sql(
          name,
          "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE"
              + " datname = current_database()");
    }

    List<String> journalLines() {
      return Site.files(journal()).stream()
          .filter(file -> file.endsWith(".journal"))
          .flatMap(file -> Site.text(journal().resolve(file)).lines())
          .toList();
    }

    void isBack() {
      isBack(1);
    }

    /// @param attempts more than one only where a run died between the line and its pg_restore
    void isBack(int attempts) {
      RestoreSite.assertHas(cluster, "kept");
      assertEquals("", comment());
      assertEquals(
          attempts, journalLines().stream().filter(line -> line.contains("\"attempt\":")).count());
      assertEquals(
          List.of(),
          Site.files(journal()).stream().filter(file -> !file.endsWith(".journal")).toList());
    }

    @Override
    public void close() {
      control.close();
      cluster.close();
    }
  }

  private static String next() {
    String name = "restored_" + ++databases;
    database.create(name);
    return name;
  }

  private Fresh fresh(int nodes) {
    String name = next();
    return new Fresh(database.connectionUrl(name), name, nodes);
  }

  private static String[] command(String... more) {
    var all =
        new ArrayList<>(
            List.of(
                "restore",
                "postgresql",
                "--share-file",
                site.shares().toString(),
                "--identity",
                site.site().identity().toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void a_lost_cluster_comes_back_on_an_empty_database_and_each_node_is_proven() {
    try (var fresh = fresh(2)) {
      database.sql("postgres", "COMMENT ON DATABASE %s IS 'of the team'".formatted(fresh.name));
      String plan = site.run(command("--plan")).expect(Exit.OK).out();
      assertTrue(plan.contains("database  127.0.0.1:%d/%s".formatted(database.port(), fresh.name)));
      assertFalse(Files.exists(fresh.journal()), "a plan does nothing");

      var run = site.run(command("--yes")).expect(Exit.OK);

      System.out.println(run.out());
      assertTrue(run.out().contains("node-1, node-2 proven"), run.out());
      assertEquals("of the team", fresh.comment());
      RestoreSite.assertHas(fresh.cluster, "kept");
      assertEquals(
          "openbao",
          database.sql(
              fresh.name,
              "SELECT DISTINCT tableowner FROM pg_tables" + " WHERE schemaname = 'public'"));
      site.site().run("restore", "abandon", "--yes").expect(Exit.NOT_FOUND);
    }
  }

  @Test
  void killed_after_lines_of_the_journal_the_same_command_goes_on() {
    int lines;
    try (var fresh = fresh(1)) {
      site.run(command("--yes")).expect(Exit.OK);
      fresh.isBack();
      lines = fresh.journalLines().size();
    }
    var times = new ArrayList<String>();
    for (int line = 2; line < lines; line += EVERY) {
      try (var fresh = fresh(1)) {
        String after = killedAt(line, fresh);

        long begun = System.nanoTime();
        site.run(command("--yes")).expect(Exit.OK);

        times.add("%d %s %.1f s".formatted(line, after, (System.nanoTime() - begun) / 1e9));
        fresh.isBack(after.equals("noted restore into the database") ? 2 : 1);
      }
    }
    System.out.println("killed at line, after, seconds to the end: " + times);
  }

  /// @return what was written last
  private static String killedAt(int line, Fresh fresh) {
    var arguments = new ArrayList<>(List.of(String.valueOf(line)));
    arguments.addAll(List.of(site.site().withConfig(command("--yes"))));
    var log = fresh.own.resolve("log");
    var killed =
        Program.start(log, KilledMain.class.getName(), List.of(), arguments.toArray(String[]::new));
    Await.until("the run to die", BOUND, () -> !killed.alive());
    assertEquals(KilledMain.KILLED, killed.exitCode(), () -> Site.text(log));
    String last = fresh.journalLines().getLast();
    return last.replaceAll(".*\"event\":\"([a-z]+)\",\"step\":\"([^\"]*)\".*", "$1 $2");
  }

  /// It has all of the dump in its hand and commits when we are dead.
  @Test
  void a_pg_restore_that_outlives_its_run_is_waited_for_and_not_repeated() {
    try (var fresh = fresh(1)) {
      pgRestore(fresh, "{ head -c 8000; sleep 6; cat; } | %s/pg_restore \"$@\"");
      var log = fresh.own.resolve("log");
      var running = Program.start(log, site.site().withConfig(command("--yes")));
      Await.until("pg_restore to be at work", BOUND, () -> filling(fresh));
      running.kill();
      assertTrue(filling(fresh), "it lives on");
      pgRestore(fresh, "exec %s/pg_restore \"$@\"");

      var run = site.run(command("--yes")).expect(Exit.OK);

      assertTrue(run.out().contains("restore into the database  ok, "), run.out());
      fresh.isBack();
    }
  }

  private static boolean filling(Fresh fresh) {
    return database
        .sql(
            "postgres",
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '%s' AND application_name ="
                    .formatted(fresh.name)
                + " 'lifeboat restore'")
        .equals("1");
  }

  @Test
  void a_pg_restore_that_fails_half_way_leaves_nothing_and_the_same_command_goes_on() {
    try (var fresh = fresh(1)) {
      pgRestore(fresh, "head -c 16000 | %s/pg_restore \"$@\"");

      var run = site.run(command("--yes")).expect(Exit.RESTORE_FAILED);

      assertTrue(run.err().contains("pg_restore ended with code 1"), run.err());
      assertEquals(
          "0",
          database.sql(fresh.name, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
      pgRestore(fresh, "exec %s/pg_restore \"$@\"");
      site.run(command("--yes")).expect(Exit.OK);
      RestoreSite.assertHas(fresh.cluster, "kept");
    }
  }

  /// From now on it is a script, where a database is filled.
  private static void pgRestore(Fresh fresh, String line) {
    try {
      var folder = Files.createTempDirectory(fresh.own, "programs");
      var script = folder.resolve("pg_restore");
      Files.writeString(
          script,
          """
          #!/bin/sh
          case "$*" in
            *--dbname=*) %s ;;
            *) exec %s/pg_restore "$@" ;;
          esac
          """
              .formatted(line.formatted(Servers.postgresql()), Servers.postgresql()));
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
      site.site().configure("restore.postgresql.programs = \"%s\"".formatted(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void wrong_shares_end_it_and_the_right_ones_go_on_without_filling_it_twice() {
    try (var fresh = fresh(1)) {
      var wrong =
          Folders.writeSecret(
              fresh.own.resolve("wrong"),
              old.shares().stream()
                  .skip(3)
                  .map(Secret::reveal)
                  .collect(Collectors.joining("\n", "", "\n" + "AA".repeat(33) + "\n")));
      var run =
          site.site()
              .run(
                  "restore",
                  "postgresql",
                  "--yes",
                  "--share-file",
                  wrong.toString(),
                  "--identity",
                  site.site().identity().toString())
              .expect(Exit.RESTORE_FAILED);
      assertTrue(run.err().contains("these shares do not open node-1"), run.err());

      site.run(command("--yes")).expect(Exit.OK);

      fresh.isBack();
    }
  }

  @Test
  void a_database_that_is_not_empty_or_not_there_is_refused_and_nothing_is_begun() {
    try (var fresh = fresh(1)) {
      database.sql(fresh.name, "CREATE TABLE theirs (a int)");
      refused("is not empty: it holds public.theirs", fresh);
      database.sql(fresh.name, "DROP TABLE theirs");
      database.sql("postgres", "ALTER DATABASE %s OWNER TO postgres".formatted(fresh.name));
      refused("does not belong to the user of restore.postgresql", fresh);
      database.sql("postgres", "ALTER DATABASE %s OWNER TO openbao".formatted(fresh.name));
      site.site().configure("restore.postgresql.port = 1");
      refused("refused", fresh);
      site.site().configure("restore.postgresql.host = null");
      var run = site.run(command("--yes")).expect(Exit.CONFIGURATION);
      assertTrue(run.err().contains("storage: is required"), run.err());
    }
  }

  private static void refused(String why, Fresh fresh) {
    var run = site.run(command("--yes")).expect(Exit.RESTORE_FAILED);
    assertTrue(run.err().contains(why) && run.err().contains("\nhint: "), run.err());
    assertFalse(Files.exists(fresh.journal()), run.err());
  }

  @Test
  void a_run_of_somebody_else_has_the_database() {
    try (var fresh = fresh(1)) {
      database.sql(
          "postgres",
          "COMMENT ON DATABASE %s IS 'lifeboat-restore 2026-run, ops at desk'"
              .formatted(fresh.name));

      var run = site.run(command("--yes")).expect(Exit.ALREADY_RUNNING);

      assertTrue(run.err().contains("by another run: 2026-run, ops at desk"), run.err());
    }
  }

  @Test
  void a_node_whose_configuration_names_the_old_database_is_said() {
    String name = next();
    try (var fresh = new Fresh(database.connectionUrl(Postgresql.DATABASE), name, 1)) {
      var run = site.run(command("--yes")).expect(Exit.RESTORE_FAILED);

      assertTrue(run.err().contains("has not connected to this database"), run.err());
      assertTrue(run.err().contains("hint: it is stopped: let connection_url"), run.err());
      assertEquals(
          List.of(), fresh.journalLines().stream().filter(line -> line.contains("ended")).toList());
      nobodyServesTheOldDatabase(fresh.cluster.nodes().getFirst());
    }
  }

  /// Nobody has held the lock of those who lead since the cluster was lost.
  private static void nobodyServesTheOldDatabase(ClusterNode node) {
    assertFalse(node.running());
    assertEquals(
        "0",
        database.sql(
            Postgresql.DATABASE,
            "SELECT count(*) FROM openbao_ha_locks WHERE valid_until > now()"));
  }

  @Test
  void one_of_two_nodes_that_names_the_old_database_is_stopped_before_it_is_opened() {
    try (var fresh = fresh(2)) {
      var second = fresh.cluster.nodes().getLast();
      second.on(database.connectionUrl(Postgresql.DATABASE));

      var run = site.run(command("--yes")).expect(Exit.NODE_MISSING);

      assertTrue(
          run.out().contains("node-2  NOT BACK  node-2 runs, and has not connected to this"),
          run.out());
      nobodyServesTheOldDatabase(second);
      second.on(database.connectionUrl(fresh.name));
      site.run(command("--yes")).expect(Exit.OK);
      RestoreSite.assertHas(fresh.cluster, "kept");
    }
  }

  @Test
  void a_run_that_is_given_up_gives_the_database_back() {
    try (var fresh = fresh(1)) {
      database.sql("postgres", "COMMENT ON DATABASE %s IS 'of the team'".formatted(fresh.name));
      pgRestore(fresh, "head -c 16000 | %s/pg_restore \"$@\"");
      site.run(command("--yes")).expect(Exit.RESTORE_FAILED);
      assertTrue(fresh.comment().startsWith("lifeboat-restore "), fresh.comment());

      site.site().run("restore", "abandon", "--yes").expect(Exit.OK);

      assertEquals("of the team", fresh.comment());
    }
  }

  @Test
  void a_run_whose_database_was_dropped_is_given_up_and_it_is_said() {
    try (var fresh = fresh(1)) {
      pgRestore(fresh, "head -c 16000 | %s/pg_restore \"$@\"");
      site.run(command("--yes")).expect(Exit.RESTORE_FAILED);
      database.sql("postgres", "DROP DATABASE %s WITH (FORCE)".formatted(fresh.name));

      var run = site.site().run("restore", "abandon", "--yes").expect(Exit.RESTORE_FAILED);

      assertTrue(run.err().contains("the database is still taken: postgresql "), run.err());
      assertTrue(run.err().contains("does not exist"), run.err());
      site.site().run("restore", "abandon", "--yes").expect(Exit.NOT_FOUND);
    }
  }

  @Test
  void a_dump_is_no_snapshot_and_a_snapshot_is_no_dump() {
    try (var raft = TestClusters.start(Product.OPENBAO, 1, folder);
        var control = NodeControl.of(raft)) {
      var other = RestoreSite.of(raft, folder);
      other.site().backup();
      other
          .site()
          .configure(control.block(other.journal()))
          .configure("restore." + block(Postgresql.DATABASE, "openbao"));

      var run =
          other.run(
              "restore", "postgresql", "--yes", "--identity", other.site().identity().toString());

      run.expect(Exit.RESTORE_FAILED);
      assertTrue(run.err().contains("is a snapshot of raft"), run.err());
    }
    try (var fresh = fresh(1)) {
      var run = site.run(site.cluster("--yes", "--id", backup)).expect(Exit.RESTORE_FAILED);
      assertTrue(run.err().contains("hint: lifeboat restore postgresql brings"), run.err());
      assertFalse(fresh.cluster.nodes().getFirst().running());
    }
  }
}
