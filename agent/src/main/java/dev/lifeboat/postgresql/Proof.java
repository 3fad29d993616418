package dev.lifeboat.postgresql;

import dev.lifeboat.postgresql.PostgresqlException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/// Proves that a dump can be restored: `pg_restore --list` shows a table of OpenBao or Vault, and
/// all of it goes into a scratch database, in which the keyring is found. Without a scratch
/// database pg_restore only reads it to its end.
public final class Proof {
  private static final String SCRATCH = "lifeboat_scratch_";
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuuMMddHHmmss").withZone(ZoneOffset.UTC);
  private static final Duration DEAD_AFTER = Duration.ofDays(1);
  private static final int LIST_MAX = 4 << 20;
  private static final RandomGenerator RANDOM = RandomGenerator.of("SecureRandom");

  /// @param entries lines of `pg_restore --list`
  /// @param rows that were restored; 0 without a scratch database
  public record Result(int entries, long rows) {}

  /// Writes the whole dump into a stream.
  @FunctionalInterface
  public interface Source {
    void writeTo(OutputStream out) throws IOException;
  }

  private Proof() {}

  /// @param folder for the password file: only its owner can read it
  public static Result of(PostgresqlConfig config, Path folder, Instant now, Source dump) {
    try (Programs programs = Programs.open(config, folder)) {
      if (!config.scratch()) {
        return new Result(entries(feed(programs.list(), programs.readThrough(), dump)), 0);
      }
      String scratch = scratch(now);
      try (Database database = Database.open(config)) {
        database.createDatabase(scratch);
        try {
          int entries = entries(feed(programs.list(), programs.restore(scratch), dump));
          return new Result(entries, restored(config, scratch));
        } finally {
          database.dropDatabase(scratch);
        }
      }
    }
  }

  /// Drops the scratch databases that dead processes left a day ago, and removes password files.
  ///
  /// @param folder where those are; nobody else works in it
  public static void cleanUp(PostgresqlConfig config, Path folder, Instant now) {
    Programs.clean(folder);
    try (Database database = Database.open(config)) {
      database.databasesLike(SCRATCH).stream()
          .filter(name -> isOlder(name, now.minus(DEAD_AFTER)))
          .forEach(database::dropDatabase);
    }
  }

  static String scratch(Instant now) {
    return SCRATCH + SECOND.format(now) + "_" + HexFormat.of().toHexDigits(RANDOM.nextInt());
  }

  static boolean isOlder(String scratch, Instant than) {
    String name = SCRATCH + SECOND.format(than);
    return scratch.length() > name.length()
        && scratch.substring(0, name.length()).compareTo(name) < 0;
  }

  private static long restored(PostgresqlConfig config, String scratch) {
    try (Database database = Database.open(config, scratch)) {
      for (String table : database.kvTables()) {
        if (database.keyrings(table) > 0) {
          return database.rows(table);
        }
      }
      throw new PostgresqlException(
          Reason.UNPROVEN,
          "what was dumped from %s has no table with the keyring of a server"
                  .formatted(config.where())
              + "\nhint: is `database` the one of storage \"postgresql\"?");
    }
  }

  /// The list is done when it has read the beginning, and closes its input then: that is no
  /// failure.
  ///
  /// @return what it listed
  static String feed(Programs.Running list, Programs.Running restore, Source dump) {
    try (list;
        restore;
        OutputStream toList = list.process().getOutputStream();
        OutputStream toRestore = restore.process().getOutputStream();
        InputStream listed = list.process().getInputStream()) {
      CompletableFuture<String> text = new CompletableFuture<>();
      Thread.ofPlatform().daemon().name("pg-restore-list").start(() -> text.complete(read(listed)));
      try {
        dump.writeTo(new Both(toList, toRestore));
      } catch (IOException e) {
        // It ended early: its exit code says more.
        restore.requireGood(Reason.UNPROVEN);
        throw e;
      }
      closeQuietly(toList);
      closeQuietly(toRestore);
      restore.requireGood(Reason.UNPROVEN);
      list.requireGood(Reason.UNPROVEN);
      return text.join();
    } catch (IOException e) {
      throw new PostgresqlException(
          Reason.UNPROVEN, "the dump cannot be given to pg_restore: " + e.getMessage(), e);
    }
  }

  /// How many there are in a list; throws when none of them is a table with data.
  static int entries(String list) {
    List<String> lines =
        list.lines().filter(line -> !line.startsWith(";") && !line.isBlank()).toList();
    if (lines.stream().noneMatch(line -> line.contains(" TABLE DATA "))) {
      throw new PostgresqlException(
          Reason.UNPROVEN,
          "pg_restore --list shows no table with data in the dump"
              + "\nhint: is `database` the one of storage \"postgresql\"?");
    }
    return lines.size();
  }

  private static String read(InputStream listed) {
    try {
      return new String(listed.readNBytes(LIST_MAX), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private static void closeQuietly(OutputStream out) {
    try {
      out.close();
    } catch (IOException e) {
      // Whoever does not read to the end has an exit code for it.
    }
  }

  private static final class Both extends OutputStream {
    private final OutputStream list;
    private final OutputStream restore;
    private final AtomicBoolean listed = new AtomicBoolean();

    Both(OutputStream list, OutputStream restore) {
      this.list = list;
      this.restore = restore;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      if (!listed.get()) {
        try {
          list.write(bytes, offset, count);
        } catch (IOException e) {
          listed.set(true);
        }
      }
      restore.write(bytes, offset, count);
    }
  }
}
