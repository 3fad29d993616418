package dev.lifeboat.postgresql;

import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.postgresql.PostgresqlException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// pg_dump and pg_restore, started with nothing in their environment but what they need.
///
/// The password stands in a file of its own in the spool (mode 0600, named by `PGPASSFILE`): never
/// in an argument, which everybody on the machine can read. Closing removes it.
final class Programs implements AutoCloseable {
  private static final String PASSWORD_FILE = ".pgpass-";
  private static final int WORDS_MAX = 4096;

  /// What the database calls one that fills it, so that it is known when whoever started it is
  /// dead.
  static final String FILLING = "lifeboat restore";

  private final PostgresqlConfig config;
  private final Optional<Path> passwordFile;

  private Programs(PostgresqlConfig config, Optional<Path> passwordFile) {
    this.config = config;
    this.passwordFile = passwordFile;
  }

  /// @param folder only its owner can read, such as the spool
  static Programs open(PostgresqlConfig config, Path folder) {
    try {
      Path file =
          Files.createTempFile(
              folder,
              PASSWORD_FILE,
              "",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      config.password().map(SecretSource::read).ifPresent(password -> write(file, password));
      return new Programs(config, Optional.of(file));
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  /// For what asks no database.
  static Programs aside(PostgresqlConfig config) {
    return new Programs(config, Optional.empty());
  }

  private static void write(Path file, Secret password) {
    String escaped = password.reveal().replace("\\", "\\\\").replace(":", "\\:");
    try {
      Files.writeString(file, "*:*:*:*:" + escaped + "\n");
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static PostgresqlException unwritable(Path file, IOException e) {
    return new PostgresqlException(
        Reason.PROGRAM, "%s cannot be written: %s".formatted(file, e.getMessage()), e);
  }

  /// Removes what dead processes left in the folder.
  static void clean(Path folder) {
    try (var left = Files.newDirectoryStream(folder, PASSWORD_FILE + "*")) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new PostgresqlException(
          Reason.PROGRAM, "%s cannot be cleaned: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /// A dump of the whole database on its standard output.
  Running dump(Duration lockWait) {
    return start(
        "pg_dump",
        List.of(
            "--format=custom",
            "--no-password",
            "--lock-wait-timeout=" + lockWait.toMillis(),
            config.database()));
  }

  /// What a dump on its standard input holds, on its standard output.
  Running list() {
    return start("pg_restore", List.of("--list"));
  }

  /// A dump on its standard input read to its end and thrown away.
  Running readThrough() {
    return start("pg_restore", List.of("--file=/dev/null"));
  }

  /// A dump on its standard input into an empty database: all of it or nothing.
  Running restore(String database) {
    return start(
        "pg_restore",
        List.of(
            "--no-password",
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
            "--dbname=" + database));
  }

  /// The version of `pg_dump` or `pg_restore`, such as `15.18`.
  String version(String program) {
    Running running = start(program, List.of("--version"));
    try (InputStream out = running.process().getInputStream()) {
      String line = new String(out.readNBytes(WORDS_MAX), StandardCharsets.UTF_8).strip();
      return line.replaceFirst("^\\S+ \\(PostgreSQL\\) ", "").split(" ", 2)[0];
    } catch (IOException e) {
      throw new PostgresqlException(Reason.PROGRAM, program + " says nothing: " + e, e);
    } finally {
      running.process().destroy();
    }
  }

  private Running start(String program, List<String> arguments) {
    List<String> line = new ArrayList<>();
    line.add(config.programs().map(folder -> folder.resolve(program).toString()).orElse(program));
    line.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(line).directory(Path.of("/").toFile());
    Map<String, String> environment = builder.environment();
    String path = Optional.ofNullable(environment.get("PATH")).orElse("/usr/bin:/bin");
    environment.clear();
    environment.put("PATH", path);
    environment.put("LC_ALL", "C");
    environment.put("PGHOST", config.host());
    environment.put("PGPORT", Integer.toString(config.port()));
    environment.put("PGUSER", config.user());
    environment.put("PGSSLMODE", config.sslMode().word());
    environment.put("PGAPPNAME", program.equals("pg_restore") ? FILLING : "lifeboat");
    environment.put("PGCONNECT_TIMEOUT", "10");
    environment.put("PGPASSFILE", passwordFile.map(Path::toString).orElse("/dev/null"));
    environment.put(
        "PGSSLROOTCERT", config.caFile().map(Path::toString).orElse(systemAuthorities()));
    try {
      return new Running(program, builder.start());
    } catch (IOException e) {
      throw new PostgresqlException(
          Reason.PROGRAM,
          "%s cannot be started: %s".formatted(program, e.getMessage())
              + "\nhint: install postgresql-client of the server's version, or set"
              + " programs in the block postgresql to its folder",
          e);
    }
  }

  private static String systemAuthorities() {
    return "/etc/ssl/certs/ca-certificates.crt";
  }

  /// A program at work; what it says on standard error is kept up to a length.
  static final class Running implements AutoCloseable {
    private final String program;
    private final Process process;
    private final CompletableFuture<String> words = new CompletableFuture<>();

    private Running(String program, Process process) {
      this.program = program;
      this.process = process;
      // Whoever waits for a pipe holds a carrier, so this is no virtual thread.
      Thread.ofPlatform()
          .daemon()
          .name(program + "-words")
          .start(() -> words.complete(drain(process)));
    }

    Process process() {
      return process;
    }

    private static String drain(Process process) {
      try (InputStream err = process.getErrorStream()) {
        byte[] first = err.readNBytes(WORDS_MAX);
        err.transferTo(java.io.OutputStream.nullOutputStream());
        return new String(first, StandardCharsets.UTF_8);
      } catch (IOException e) {
        return "";
      }
    }

    /// Waits for its end; [PostgresqlException] when that was not a good one.
    void requireGood(Reason reason) {
      int code;
      try {
        code = process.waitFor();
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
        throw new PostgresqlException(reason, program + " was told to stop", e);
      }
      if (code == 0) {
        return;
      }
      String said = words.join().strip();
      String line = said.lines().filter(each -> !each.isBlank()).findFirst().orElse("no word");
      Reason better =
          said.contains("server version mismatch")
              ? Reason.PROGRAM
              : said.contains("permission denied") || said.contains("authentication failed")
                  ? Reason.DENIED
                  : reason;
      throw new PostgresqlException(
          better,
          "%s ended with code %d: %s".formatted(program, code, line)
              + switch (better) {
                case PROGRAM -> "\nhint: it must be as new as the server: postgresql-client";
                case DENIED -> "\nhint: docs/postgresql.md lists the grants";
                default -> "\nhint: look into the log of the database";
              });
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @Override
  public void close() {
    passwordFile.ifPresent(Programs::remove);
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      System.getLogger(Programs.class.getName())
          .log(System.Logger.Level.WARNING, "event=password_file_stays file=" + file, e);
    }
  }
}
