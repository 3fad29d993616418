package dev.lifeboat.lab.alerts;

import static dev.lifeboat.lab.alerts.Healthy.on;

import java.util.List;

/// What the rules of `replica.yaml`, `rekey.yaml` and `postgresql.yaml` are for.
final class StorageStories {
  private static final String MISSING = "vault_replica_missing_backups";
  private static final String BYTES = "vault_storage_postgresql_replication_lag_bytes";

  private static final String FAILURES =
      on("vault_replica_failures_total", "a", "destination", "replica", "reason", "unavailable");

  private StorageStories() {}

  static List<Story> all() {
    return List.of(
        Story.ofHours("a copy is late, then much too late", 7)
            .change(on(MISSING, "a", "destination", "replica"), "0", "10m", "1")
            .first("370m", "VaultReplicaBehind"),
        // Once an hour is a hiccup that the next attempt mends; every ten minutes is an outage.
        Story.ofHours("the other place is away", 4)
            .values(FAILURES, "0x4 1x4 2x4 3x4 4x4 5x4 6x4 7x4 8x4 9x4 10x4 11x4 12x4 13x4 14x54")
            .first("130m", "VaultReplicaFailing")
            .at("198m", "VaultReplicaFailing")
            .at("202m"),
        Story.ofMinutes("the other place was away for a moment", 240)
            .change(FAILURES, "0", "10m", "1")
            .at("130m"),
        Story.ofHours("shares that nobody has made anew", 4)
            .always(on("vault_rekey_last_success_timestamp_seconds", "a"), "0")
            .always(on("vault_rekey_interval_seconds", "a"), "3600")
            .always(on("vault_rekey_interval_seconds", "b"), "3600")
            .always(on("vault_rekey_interval_seconds", "c"), "3600")
            .at("119m")
            .at("130m", "VaultRekeyOverdue"),
        Story.ofMinutes("the database is down", 30)
            .change(on("vault_storage_postgresql_up", "b"), "1", "10m", "0")
            .first("12m", "VaultPostgresqlDown"),
        Story.ofMinutes("the database has few connections left", 30)
            .change(on("vault_storage_postgresql_connections", "b"), "80", "10m", "81")
            .first("20m", "VaultPostgresqlConnectionsHigh"),
        Story.ofMinutes("a standby of the database falls behind", 30)
            .change(on(BYTES, "b", "standby", "two"), "67108864", "10m", "67108865")
            .first("15m", "VaultPostgresqlStandbyBehind"),
        Story.ofHours("a standby of the database is gone", 20)
            .change(on("vault_storage_postgresql_standbys", "a"), "1", "2h", "0")
            .first("130m", "VaultPostgresqlStandbyLost")
            .at("830m", "VaultPostgresqlStandbyLost")
            .at("850m"),
        Story.ofMinutes("the database that is asked replays late", 30)
            .change(on("vault_storage_postgresql_replication_lag_seconds", "b"), "60", "10m", "61")
            .first("15m", "VaultPostgresqlReplayLate"));
  }
}
