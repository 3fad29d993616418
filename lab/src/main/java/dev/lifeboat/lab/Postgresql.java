package dev.lifeboat.lab;

import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.LeashedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A PostgreSQL server on loopback, with TLS, a database and a user for OpenBao, and one for
/// Lifeboat with the grants of `docs/postgresql.md`.
///
/// It does not run as root. Where this does, it runs as Debian's user `postgres`, in a folder of
/// its own that this user can reach.
public final class Postgresql implements AutoCloseable {
  public static final String DATABASE = "openbao";

  /// With what a password file must escape.
  public static final String PASSWORD = "p:a\\ss-w'ord";

  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration COMMAND = Duration.ofSeconds(60);

  private final Path folder;
  private final int port;
  private LeashedProcess process;

  private Postgresql(Path folder) {
    this.folder = folder;
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 1)) {
      this.port = ports.next();
    }
    this.process = launch();
  }

  /// @param certificate for 127.0.0.1; @param key of it; PEM
  public static Postgresql start(Path certificate, Path key) {
    Path folder = ownFolder();
    command(folder, "initdb", "-D", data(folder), "-U", "postgres", "--auth=trust", "-E", "UTF8");
    install(certificate, folder.resolve("data/server.crt"));
    install(key, folder.resolve("data/server.key"));
    write(
        folder.resolve("data/pg_hba.conf"),
        """
        local all postgres trust
        hostssl all all 127.0.0.1/32 scram-sha-256
        local replication postgres trust
        """);
    var server = new Postgresql(folder);
    server.awaitAnswering();
    server.sql("postgres", "CREATE ROLE openbao LOGIN PASSWORD 'openbao'");
    server.sql("postgres", "CREATE DATABASE %s OWNER openbao".formatted(DATABASE));
    server.sql(
        "postgres",
        "CREATE ROLE lifeboat LOGIN CREATEDB PASSWORD '%s'".formatted(PASSWORD.replace("'", "''")));
    server.sql("postgres", "GRANT pg_read_all_data, pg_monitor TO lifeboat");
    return server;
  }

  /// A server that replays what this one writes; it is called `second`.
  public Postgresql standby() {
    return standby("second");
  }

  /// @param name by which this one knows it
  public Postgresql standby(String name) {
    Path own = ownFolder();
    copyInto(own, name);
    var server = new Postgresql(own);
    server.awaitAnswering();
    return server;
  }

  /// Follows another primary from now on, without a copy of it: it has nothing that this one lacks.
  public void repoint(Postgresql primary, String name) {
    sql("postgres", "ALTER SYSTEM SET primary_conninfo = '%s'".formatted(conninfo(primary, name)));
    reload();
  }

  /// A standby hears nothing of its primary any more, as behind a cut cable.
  public void stopReceiving() {
    sql("postgres", "ALTER SYSTEM SET primary_conninfo = ''");
    reload();
    Await.until(
        "the standby to hear nothing",
        START,
        () -> sql("postgres", "SELECT count(*) FROM pg_stat_wal_receiver").equals("0"));
  }

  private void reload() {
    sql("postgres", "SELECT pg_reload_conf()");
  }

  /// Another server with what is on the disk of this one, which is killed for it and started again.
  public Postgresql copy() {
    kill();
    Path own = ownFolder();
    require(ended(List.of("cp", "-a", data(folder), data(own)), own));
    require(ended(List.of("rm", "-f", data(own) + "/postmaster.pid"), own));
    process = launch();
    awaitAnswering();
    var server = new Postgresql(own);
    server.awaitAnswering();
    return server;
  }

  /// As [#standby] is, in the folder and at the port of this one, which was killed.
  public void follow(Postgresql primary) {
    Folders.delete(folder.resolve("data"));
    primary.copyInto(folder, "second");
    process = launch();
    awaitAnswering();
  }

  private static String conninfo(Postgresql primary, String name) {
    return "host=%s port=%d user=postgres application_name=%s"
        .formatted(primary.folder, primary.port, name);
  }

  private void copyInto(Path other, String name) {
    command(
        other,
        "pg_basebackup",
        "-D",
        data(other),
        "-R",
        "--checkpoint=fast",
        "-d",
        conninfo(this, name));
  }

  /// A standby is a primary when this returns.
  public void promote() {
    if (!sql("postgres", "SELECT pg_promote()").equals("t")) {
      throw new LabException("not promoted, see " + log());
    }
  }

  public void kill() {
    process.kill();
  }

  private LeashedProcess launch() {
    var line = new ArrayList<>(unprivileged());
    line.addAll(
        List.of(
            Servers.postgresql().resolve("postgres").toString(),
            "-D",
            data(folder),
            "-c",
            "port=" + port,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=" + folder,
            "-c",
            "ssl=on",
            "-c",
            "fsync=off"));
    return LeashedProcess.start(
        new LeashedProcess.Invocation(
            line, folder, Map.of("PATH", "/usr/bin:/bin", "LC_ALL", "C.UTF-8"), log(), log()));
  }

  private Path log() {
    return folder.resolve("server.log");
  }

  private void awaitAnswering() {
    Await.until("PostgreSQL to answer, see " + log(), START, this::answers);
  }

  private boolean answers() {
    if (!process.alive()) {
      throw new LabException("PostgreSQL ended, see " + log());
    }
    return ended(
                List.of(
                    Servers.postgresql().resolve("pg_isready").toString(),
                    "-q",
                    "-h",
                    folder.toString(),
                    "-p",
                    Integer.toString(port)),
                folder)
            .code()
        == 0;
  }

  public int port() {
    return port;
  }

  /// As OpenBao's configuration wants it.
  public String connectionUrl(String name) {
    return "postgres://openbao:openbao@127.0.0.1:%d/%s?sslmode=require".formatted(port, name);
  }

  /// As its superuser; what it printed, without headers.
  public String sql(String database, String statement) {
    var ended =
        ended(
            List.of(
                Servers.postgresql().resolve("psql").toString(),
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                folder.toString(),
                "-p",
                Integer.toString(port),
                "-U",
                "postgres",
                "-d",
                database,
                "-c",
                statement),
            folder);
    if (ended.code() != 0) {
      throw new LabException("psql: " + ended.out());
    }
    return ended.out().strip();
  }

  /// One that belongs to the user of OpenBao.
  public void create(String database) {
    sql("postgres", "CREATE DATABASE %s OWNER openbao TEMPLATE template0".formatted(database));
  }

  /// `pg_restore` of a file into a new database of the same owner.
  public void restore(Path dump, String database) {
    create(database);
    var ended =
        ended(
            List.of(
                Servers.postgresql().resolve("pg_restore").toString(),
                "--exit-on-error",
                "-h",
                folder.toString(),
                "-p",
                Integer.toString(port),
                "-U",
                "postgres",
                "-d",
                database,
                dump.toString()),
            folder);
    if (ended.code() != 0) {
      throw new LabException("pg_restore: " + ended.out());
    }
  }

  private static Path ownFolder() {
    try {
      Path folder = Files.createTempDirectory("lifeboat-postgresql-");
      if (!unprivileged().isEmpty()) {
        require(ended(List.of("chown", "postgres:", folder.toString()), folder));
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String data(Path folder) {
    return folder.resolve("data").toString();
  }

  /// What runs a program as another user, when this is root.
  private static List<String> unprivileged() {
    return System.getProperty("user.name", "").equals("root")
        ? List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        : List.of();
  }

  private static void install(Path from, Path to) {
    var owner = unprivileged().isEmpty() ? List.<String>of() : List.of("-o", "postgres");
    var line = new ArrayList<>(List.of("install", "-m", "0600"));
    line.addAll(owner);
    line.addAll(List.of(from.toString(), to.toString()));
    require(ended(line, Path.of("/")));
  }

  private static void command(Path folder, String program, String... arguments) {
    var line = new ArrayList<>(unprivileged());
    line.add(Servers.postgresql().resolve(program).toString());
    line.addAll(List.of(arguments));
    require(ended(line, folder));
  }

  private record Ended(int code, String out) {}

  private static void require(Ended ended) {
    if (ended.code() != 0) {
      throw new LabException(ended.out());
    }
  }

  private static Ended ended(List<String> line, Path folder) {
    try {
      var process =
          new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new LabException(line.getFirst() + " does not end");
      }
      return new Ended(process.exitValue(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.kill();
    Folders.delete(folder);
  }
}
