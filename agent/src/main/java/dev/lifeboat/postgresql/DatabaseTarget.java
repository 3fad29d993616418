package dev.lifeboat.postgresql;

import dev.lifeboat.postgresql.PostgresqlException.Reason;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The real one.
final class DatabaseTarget implements Target {
  /*
   * It is taken by a first line in its comment (COMMENT ON DATABASE), which whoever looks at it
   * with \l+ sees, no dump has in it, and is in nobody's way. What stood there stays below.
   *
   * pg_restore is given the dump through a pipe: it dies with us, but for the moment in which it
   * has read all of it and commits. That moment is seen by its session.
   */
  private static final String MARK = "lifeboat-restore ";
  private static final Pattern FROM = Pattern.compile("; *Dumped from database version: (\\S+)");

  private final PostgresqlConfig config;
  private final Path folder;

  DatabaseTarget(PostgresqlConfig config, Path folder) {
    this.config = config;
    this.folder = folder;
  }

  @Override
  public String where() {
    return config.where();
  }

  @Override
  public Found look() {
    try (Programs programs = Programs.aside(config);
        Database database = Database.open(config)) {
      Optional<String> keyring =
          database.kvTables().stream().filter(table -> database.keyrings(table) > 0).findFirst();
      Map<String, List<String>> sessions = database.sessions();
      return new Found(
          database.version().split(" ", 2)[0],
          programs.version("pg_restore"),
          database.inRecovery(),
          database.owned(),
          database.relations(),
          keyring,
          keyring.map(database::rows).orElse(0L),
          sessions.containsKey(Programs.FILLING),
          sessions.entrySet().stream()
              .filter(each -> !each.getKey().startsWith("lifeboat"))
              .flatMap(each -> each.getValue().stream())
              .toList(),
          holder(database.comment()));
    }
  }

  @Override
  public Set<String> sessions() {
    try (Database database = Database.open(config)) {
      return database.sessionIds();
    }
  }

  private static Optional<String> holder(String comment) {
    return comment
        .lines()
        .findFirst()
        .filter(line -> line.startsWith(MARK))
        .map(line -> line.substring(MARK.length()));
  }

  private static boolean isOf(String holder, String run) {
    return holder.equals(run) || holder.startsWith(run + ", ");
  }

  @Override
  public Contents contents(Path dump) {
    try (Programs programs = Programs.aside(config)) {
      String list = Proof.feed(programs.list(), programs.readThrough(), reading(dump));
      Matcher from = FROM.matcher(list);
      return new Contents(Proof.entries(list), from.find() ? from.group(1) : "");
    }
  }

  private static Proof.Source reading(Path dump) {
    return (OutputStream out) -> {
      try (InputStream in = Files.newInputStream(dump)) {
        long _ = in.transferTo(out);
      }
    };
  }

  @Override
  public Optional<String> take(String run, String who) {
    AtomicReference<Optional<String>> held = new AtomicReference<>(Optional.empty());
    try (Database database = Database.open(config)) {
      database.comment(
          before -> {
            Optional<String> holder = holder(before);
            held.set(holder.filter(each -> !isOf(each, run)));
            return holder.isPresent()
                ? before
                : "%s%s, %s\n%s".formatted(MARK, run, who, before).strip();
          });
    }
    return held.get();
  }

  @Override
  public void giveBack(String run) {
    Programs.clean(folder);
    try (Database database = Database.open(config)) {
      database.comment(
          before ->
              holder(before).filter(each -> isOf(each, run)).isPresent()
                  ? before.contains("\n") ? before.substring(before.indexOf('\n') + 1) : ""
                  : before);
    }
  }

  @Override
  public void restore(Path dump) {
    try (Programs programs = Programs.open(config, folder)) {
      int _ =
          Proof.entries(
              Proof.feed(programs.list(), programs.restore(config.database()), reading(dump)));
    }
    if (look().keyring().isEmpty()) {
      throw new PostgresqlException(
          Reason.UNPROVEN,
          "%s was filled, and no table in it has the keyring of a server".formatted(where()));
    }
  }
}
