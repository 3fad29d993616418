package dev.lifeboat.postgresql;

import java.util.Map;
import java.util.Optional;

/// What the database says of itself, at one instant.
///
/// @param sizeBytes of the database
/// @param tableBytes by table, the twenty largest; with their indexes
/// @param connections to this database
/// @param maxConnections of the server
/// @param inRecovery whether the server is a standby
/// @param standbys how many are attached to it
/// @param lagBytes by standby, what it has not replayed yet; empty on a standby
/// @param lagSeconds of a standby
public record Measurement(
    long sizeBytes,
    Map<String, Long> tableBytes,
    long connections,
    long maxConnections,
    boolean inRecovery,
    long standbys,
    Map<String, Long> lagBytes,
    Optional<Long> lagSeconds) {
  public Measurement {
    tableBytes = Map.copyOf(tableBytes);
    lagBytes = Map.copyOf(lagBytes);
  }

  public static Measurement take(PostgresqlConfig config) {
    try (Database database = Database.open(config)) {
      boolean inRecovery = database.inRecovery();
      return new Measurement(
          database.sizeBytes(),
          database.tableBytes(),
          database.connections(),
          database.maxConnections(),
          inRecovery,
          database.standbys(),
          inRecovery ? Map.of() : database.lagBytes(),
          inRecovery ? database.lagSeconds() : Optional.empty());
    }
  }
}
