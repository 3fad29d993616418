package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.config.SecretException;
import dev.lifeboat.postgresql.PostgresqlConfig;
import dev.lifeboat.postgresql.PostgresqlException;
import dev.lifeboat.postgresql.Setup;
import java.util.Optional;

/// What `lifeboat check --live` asks of the database of a server on PostgreSQL: whether it can be
/// dumped, and the dump be restored.
final class DatabaseExam {
  private static final String TOPIC = "postgresql";

  private DatabaseExam() {}

  static Optional<Exam> of(BackupConfig backup) {
    return backup.postgresql().map(config -> look(config, backup));
  }

  private static Exam look(PostgresqlConfig config, BackupConfig backup) {
    Setup setup;
    try {
      setup = Setup.of(config, backup.spool());
    } catch (PostgresqlException | SecretException e) {
      return Exam.wrong(TOPIC, e, Exit.BACKUP_FAILED);
    }
    if (!setup.dumpIsNewEnough()) {
      return Exam.wrong(
          TOPIC,
          "pg_dump %s is older than the server, %s"
              .formatted(setup.dumpVersion(), setup.serverVersion()),
          "install postgresql-client of the server's version",
          Exit.BACKUP_FAILED);
    }
    if (setup.tables().isEmpty()) {
      return Exam.wrong(
          TOPIC,
          "%s has no table with the keyring of a server that this user can read"
              .formatted(config.where()),
          "is it the database of storage \"postgresql\"? docs/postgresql.md lists the grants",
          Exit.BACKUP_FAILED);
    }
    if (config.scratch() && !setup.mayCreateDatabases()) {
      return Exam.wrong(
          TOPIC,
          "the user %s may not create a database to restore into".formatted(config.user()),
          "ALTER ROLE … CREATEDB, or set backup.postgresql.scratch = false",
          Exit.BACKUP_FAILED);
    }
    return Exam.ok(
        TOPIC,
        "%s, server %s, pg_dump %s, %s in %s"
            .formatted(
                config.where(),
                setup.serverVersion(),
                setup.dumpVersion(),
                Words.size(setup.sizeBytes()),
                String.join(", ", setup.tables())));
  }
}
