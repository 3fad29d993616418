package dev.lifeboat.lab.experiment;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Faults of the database in which the nodes keep their data.
final class PostgresqlFaults {
  /// Agents measure it twice a minute.
  private static final Duration MEASURED = Duration.ofSeconds(40);

  /// More than the 64 MiB that a standby may be behind, in the log of writes alone.
  private static final String WRITING =
      "SELECT count(pg_logical_emit_message(false, 'lab', repeat('x', 1048576)))"
          + " FROM generate_series(1, 96)";

  /// What it means that nothing can be written: the former active node answers `sys/health` with a
  /// code of 500, which is no answer.
  private static final Set<String> NO_PRIMARY =
      Set.of("VaultPostgresqlDown", "VaultNoActiveNode", "VaultNodeUnreachable");

  private PostgresqlFaults() {}

  static List<Fault> all() {
    return List.of(
        // All agents ask the primary, or one would tell of the same as VaultPostgresqlReplayLate.
        Faults.fault(
                "database standby lagging", Set.of("VaultPostgresqlStandbyBehind"), 6, MEASURED)
            .on(Ground.POSTGRESQL)
            .with(stage -> "backup.postgresql.port = " + stage.databases().primary().port())
            .strike(PostgresqlFaults::lag)
            .mend(PostgresqlFaults::replay),
        Faults.fault("database standby lost", Set.of("VaultPostgresqlStandbyLost"), 11, MEASURED)
            .on(Ground.POSTGRESQL)
            .with(stage -> "backup.postgresql.port = " + stage.databases().primary().port())
            .strike(stage -> stage.databases().standby().kill())
            .mend(stage -> stage.databases().rebuild()),
        Faults.fault("database primary lost", NO_PRIMARY, 4, MEASURED)
            .on(Ground.POSTGRESQL)
            .strike(stage -> stage.databases().primary().kill())
            .mend(PostgresqlFaults::failOver));
  }

  private static void lag(AlertStage stage) {
    stage.databases().standby().sql("postgres", "SELECT pg_wal_replay_pause()");
    stage.databases().primary().sql("postgres", WRITING);
  }

  private static void replay(AlertStage stage) {
    stage.databases().standby().sql("postgres", "SELECT pg_wal_replay_resume()");
  }

  /// The nodes go on with the one that was promoted: none of them is restarted.
  private static void failOver(AlertStage stage) {
    stage.databases().failOver();
    stage.cluster().awaitWhole();
    stage.databases().rebuild();
  }
}
