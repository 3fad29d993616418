package dev.lifeboat.postgresql;

import java.nio.file.Path;
import java.util.List;

/// What `lifeboat check --live` wants to know of a database.
///
/// @param serverVersion such as `15.18`
/// @param dumpVersion of pg_dump
/// @param tables that look like those of OpenBao or Vault and hold a keyring
/// @param mayCreateDatabases what a scratch database needs
public record Setup(
    String serverVersion,
    String dumpVersion,
    long sizeBytes,
    List<String> tables,
    boolean mayCreateDatabases) {
  public Setup {
    tables = List.copyOf(tables);
  }

  /// @param folder for the password file: only its owner can read it
  public static Setup of(PostgresqlConfig config, Path folder) {
    try (Database database = Database.open(config);
        Programs programs = Programs.open(config, folder)) {
      return new Setup(
          database.version(),
          programs.version("pg_dump"),
          database.sizeBytes(),
          database.kvTables().stream().filter(table -> database.keyrings(table) > 0).toList(),
          database.mayCreateDatabases());
    }
  }

  /// Whether pg_dump is as new as the server.
  public boolean dumpIsNewEnough() {
    return major(dumpVersion) >= major(serverVersion);
  }

  static int major(String version) {
    String digits = version.replaceFirst("[^0-9].*", "");
    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }
}
