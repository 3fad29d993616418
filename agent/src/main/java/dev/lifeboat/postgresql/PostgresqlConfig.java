package dev.lifeboat.postgresql;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.config.Section;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The `backup.postgresql` block, the database in which the server keeps its data, or the
/// `restore.postgresql` block, the one that takes a dump; and who asks it.
///
/// @param host a name or an address
/// @param database its name
/// @param password empty where the server asks for none, or a certificate does
/// @param caFile PEM; the operating system's authorities when absent
/// @param programs the folder of pg_dump and pg_restore; those of PATH when absent
/// @param scratch whether each dump is restored into a database of its own, and that thrown away
public record PostgresqlConfig(
    String host,
    int port,
    String database,
    String user,
    Optional<SecretSource> password,
    SslMode sslMode,
    Optional<Path> caFile,
    Optional<Path> programs,
    boolean scratch) {
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9:._-]{1,253}");
  private static final Pattern NAME = Pattern.compile("[\\p{Graph}&&[^'\"\\\\]]{1,63}");
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "::1", "localhost");

  /// As libpq calls them.
  public enum SslMode {
    DISABLE,
    REQUIRE,
    VERIFY_CA,
    VERIFY_FULL;

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /// The one that is backed up; empty without a host.
  public static Optional<PostgresqlConfig> from(Section block) {
    return from(block, block.flag("scratch"));
  }

  /// The one that takes a dump; empty without a host.
  public static Optional<PostgresqlConfig> target(Section block) {
    return from(block, false);
  }

  private static Optional<PostgresqlConfig> from(Section block, boolean scratch) {
    Optional<String> host = block.optionalText("host");
    int port = block.number("port", 1, 65535);
    Optional<String> database = block.optionalText("database");
    Optional<String> user = block.optionalText("user");
    SslMode sslMode = block.choice("ssl-mode", SslMode.class);
    Optional<SecretSource> password = block.optionalSecret("password");
    Optional<Path> caFile = block.optionalPath("ca-file");
    Optional<Path> programs = block.optionalPath("programs");
    if (host.isEmpty()) {
      return Optional.empty();
    }
    if (!HOST.matcher(host.get()).matches()) {
      block.problem(
          "host", "'%s' is no name of a host".formatted(host.get()), "a name or an address");
    }
    named(block, "database", database);
    named(block, "user", user);
    if (sslMode == SslMode.DISABLE && !LOOPBACK.contains(host.get())) {
      block.problem(
          "ssl-mode",
          "'disable' leaves this machine in the clear",
          "verify-full, with ca-file; disable is for 127.0.0.1");
    }
    return Optional.of(
        new PostgresqlConfig(
            host.get(),
            port,
            database.orElse(""),
            user.orElse(""),
            password,
            sslMode,
            caFile,
            programs,
            scratch));
  }

  private static void named(Section block, String key, Optional<String> name) {
    if (name.isEmpty()) {
      block.problem(
          key, "is missing: with a host it has to be said", "as in the server's own file");
    } else if (!NAME.matcher(name.get()).matches()) {
      block.problem(
          key,
          "'%s' is no name".formatted(name.get()),
          "1 to 63 printable characters without quotes");
    }
  }

  /// `HOST:PORT/DATABASE`, for messages.
  public String where() {
    return "%s:%d/%s".formatted(host, port, database);
  }
}
