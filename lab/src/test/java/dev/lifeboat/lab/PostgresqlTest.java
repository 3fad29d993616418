package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.cli.Exit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A cluster of two OpenBao nodes that keeps its data in a real PostgreSQL. The Vault that the lab
/// builds has no such storage.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PostgresqlTest {
  private static final Duration BOUND = Duration.ofSeconds(60);

  @TempDir static Path shared;

  private static Certificates certificates;
  private static Postgresql database;
  private static Cluster cluster;

  @TempDir Path folder;
  private Site site;

  @BeforeAll
  static void start() {
    certificates = Certificates.in(shared.resolve("tls"));
    var issued = certificates.server("database", "IP:127.0.0.1");
    database = Postgresql.start(issued.certificateFile(), issued.privateKeyFile());
    cluster =
        Cluster.create(
            ClusterPlan.of(Servers.openbao(), 2).on(database.connectionUrl(Postgresql.DATABASE)),
            shared.resolve("cluster"));
    Provisioning.install(cluster.root());
    cluster.root().post("secret/data/precious", Map.of("data", Map.of("value", "gold"))).require();
  }

  @AfterAll
  static void stop() {
    cluster.close();
    database.close();
  }

  @BeforeEach
  void site() {
    Folders.writeSecret(folder.resolve("password"), Postgresql.PASSWORD);
    site =
        Site.besideEach(cluster, folder)
            .getFirst()
            .configure(config("ca-file = \"%s\"".formatted(certificates.caFile())));
  }

  private String config(String more) {
    return """
    backup.postgresql {
      host = "127.0.0.1", port = %d, database = "%s", user = "lifeboat"
      password { file = "%s" }
      programs = "%s"
      %s
    }
    """
        .formatted(
            database.port(),
            Postgresql.DATABASE,
            folder.resolve("password"),
            Servers.postgresql(),
            more);
  }

  /// What a run must not leave behind, however it ended.
  private void nothingIsLeft() {
    assertEquals(
        "", database.sql("postgres", "SELECT datname FROM pg_database WHERE datname ~ 'scratch'"));
    assertEquals(
        List.of(),
        Site.files(site.spool()).stream().filter(name -> name.startsWith(".pgpass")).toList());
    assertEquals(List.of(), site.spooled());
  }

  @Test
  void a_backup_is_a_dump_from_which_another_cluster_comes_back_with_its_secrets() {
    var manifest = site.run("backup", "--json").expect(Exit.OK).json();
    String id = manifest.path("id").stringValue();

    assertEquals("postgresql", manifest.path("seal").path("storage_type").stringValue());
    assertFalse(manifest.has("raft"), manifest::toString);
    assertTrue(manifest.has("canary"), manifest::toString);
    nothingIsLeft();
    site.verifyAll();
    assertTrue(site.run("inspect", id).expect(Exit.OK).out().contains("PostgreSQL"));
    assertTrue(site.run("list").expect(Exit.OK).out().contains(" - "), "no raft index");

    var dump = folder.resolve("openbao.dump");
    site.run("extract", id, "-o", dump.toString(), "--identity", site.identity().toString())
        .expect(Exit.OK);
    database.restore(dump, "restored");
    var copy = Folders.create(folder.resolve("other"));
    Folders.copy(cluster.folder(), copy.resolve("cluster"));
    var url = database.connectionUrl("restored");
    try (var other = Cluster.resume(cluster.plan().on(url), copy.resolve("cluster"))) {
      assertEquals(
          "gold", other.root().get("secret/data/precious").require().text("data.data.value"));
      assertEquals(
          200, other.root().get("secret/data/" + canary()).status(), "the canary of that backup");
    }
  }

  private static String canary() {
    return Provisioning.CANARY_PATH.split("/", 2)[1];
  }

  @Test
  void without_a_scratch_database_the_dump_is_read_through() {
    site.configure("backup.postgresql.scratch = false").backup();

    String exams = site.run("check", "--live").out();
    assertTrue(exams.contains("postgresql       ok"), exams);
    assertTrue(exams.contains("watch rights     ok       read sys/ha-status"), exams);
    nothingIsLeft();
  }

  @Test
  void a_dump_that_ends_early_is_no_backup_whatever_pg_dump_says() throws IOException {
    for (int code : List.of(0, 1)) {
      programs(
          "\"%s/pg_dump\" \"$@\" | head -c 20000; exit %d".formatted(Servers.postgresql(), code));

      Run run = site.run("backup").expect(Exit.BACKUP_FAILED);

      assertTrue(run.err().contains(code == 0 ? "pg_restore ended" : "pg_dump ended"), run.err());
      assertEquals(List.of(), Site.files(site.store()));
      nothingIsLeft();
    }
  }

  @Test
  void a_dump_that_stands_still_is_given_up() throws IOException {
    site.configure("backup.stall-timeout = 1s");
    programs("printf PGDMP; exec sleep 60");

    Run run = site.run("backup").expect(Exit.BACKUP_FAILED);

    assertTrue(run.err().contains("did not move on"), run.err());
    nothingIsLeft();
  }

  @Test
  void a_lock_on_a_table_is_not_waited_for_longer_than_anything_else() throws Exception {
    site.configure("backup.stall-timeout = 2s");
    database.sql(Postgresql.DATABASE, "CREATE TABLE locked (a int)");
    var holder =
        new ProcessBuilder(
                Servers.postgresql().resolve("psql").toString(),
                "-X",
                "-q",
                "-d",
                "host=127.0.0.1 port=%d user=openbao password=openbao dbname=%s sslmode=require"
                    .formatted(database.port(), Postgresql.DATABASE))
            .redirectErrorStream(true)
            .start();
    try (var in = holder.getOutputStream()) {
      database.sql(Postgresql.DATABASE, "ALTER TABLE locked OWNER TO openbao");
      in.write(
          "BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE;\n".getBytes(StandardCharsets.UTF_8));
      in.flush();
      Await.until(
          "the lock",
          BOUND,
          () ->
              database
                  .sql(
                      Postgresql.DATABASE,
                      "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
                          + " AND relation = 'locked'::regclass")
                  .equals("1"));

      Run run = site.run("backup").expect(Exit.BACKUP_FAILED);

      assertTrue(run.err().contains("pg_dump ended") || run.err().contains("move on"), run.err());
      nothingIsLeft();
    } finally {
      holder.destroyForcibly();
      database.sql(Postgresql.DATABASE, "DROP TABLE locked");
    }
  }

  @Test
  void what_is_wrong_with_the_database_is_said_in_one_sentence_with_a_hint() {
    Folders.writeSecret(folder.resolve("wrong"), "wrong");
    wrong("password { file = \"%s\" }".formatted(folder.resolve("wrong")), "authentication failed");
    wrong("port = 1", "refused");
    wrong("database = nowhere", "does not exist");
    wrong("database = postgres", "no table with");
    wrong("ca-file = null", "ertif");
    wrong("programs = \"%s\"".formatted(folder), "cannot be started");
    wrong("host = null", "set backup.postgresql");
    site.configure(config(""));
    database.sql("postgres", "ALTER ROLE lifeboat NOCREATEDB");
    try {
      wrong("ca-file = \"%s\"".formatted(certificates.caFile()), "permission denied");
    } finally {
      database.sql("postgres", "ALTER ROLE lifeboat CREATEDB");
    }
  }

  private void wrong(String setting, String why) {
    site.configure("backup.postgresql { %s }".formatted(setting));

    Run run = site.run("backup").expect(Exit.BACKUP_FAILED);

    assertTrue(run.err().contains(why) && run.err().contains("\nhint: "), run.err());
    assertFalse(run.err().contains("ss-w"), "no password in " + run.err());
    assertEquals(List.of(), Site.files(site.store()));
    nothingIsLeft();
    boolean said =
        site.run("check", "--live")
            .out()
            .lines()
            .anyMatch(line -> line.matches("postgresql +WRONG.*"));
    assertTrue(said || setting.startsWith("host"), site.run("check", "--live")::out);
    site.configure(config("ca-file = \"%s\"".formatted(certificates.caFile())));
  }

  @Test
  void the_database_is_measured_and_how_far_a_standby_of_it_is_behind() {
    try (var second = database.standby()) {
      var agent = site.startAgent();
      try {
        Await.until(
            "the standby to be seen",
            BOUND,
            () ->
                site.scrape()
                    .text()
                    .contains(
                        "vault_storage_postgresql_replication_lag_bytes{standby=\"second\"}"));
        String metrics = site.scrape().text();

        assertTrue(metrics.contains("\nvault_storage_postgresql_up 1"), metrics);
        assertTrue(metrics.contains("\nvault_storage_postgresql_in_recovery 0"), metrics);
        assertTrue(
            metrics.contains(
                "\nvault_storage_postgresql_table_size_bytes{table=\"openbao_kv_store\"} "),
            metrics);
        assertTrue(metrics.contains("\nvault_storage_postgresql_connections "), metrics);
        assertTrue(metrics.contains("\nvault_storage_postgresql_database_size_bytes "), metrics);
        assertTrue(metrics.contains("\nvault_storage_postgresql_standbys 1"), metrics);
        second.kill();
        Await.until(
            "the standby to be missed",
            BOUND.plusSeconds(30),
            () -> site.scrape().text().contains("\nvault_storage_postgresql_standbys 0"));
        assertTrue(metrics.contains("\nvault_exporter_poll_success{endpoint=\"sys_ha_status\"} 1"));
        assertFalse(metrics.contains("poll_success{endpoint=\"raft_"), metrics);
      } finally {
        agent.kill();
      }
    }
  }

  /// A folder of programs in which pg_dump is a script of this test.
  private void programs(String script) throws IOException {
    Path own = Files.createTempDirectory(folder, "programs");
    Files.writeString(own.resolve("pg_dump"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(
        own.resolve("pg_dump"), PosixFilePermissions.fromString("rwx------"));
    Files.createSymbolicLink(own.resolve("pg_restore"), Servers.postgresql().resolve("pg_restore"));
    site.configure("backup.postgresql.programs = \"%s\"".formatted(own));
  }
}
