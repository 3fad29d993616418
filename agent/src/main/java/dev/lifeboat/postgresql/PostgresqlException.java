package dev.lifeboat.postgresql;

/// A dump or a restore that failed, or a database that does not answer. The message is a sentence
/// in lower case, perhaps followed by a line `hint: …`, and never holds a password.
public final class PostgresqlException extends RuntimeException {
  private final Reason reason;

  /// What went wrong.
  public enum Reason {
    /// Nobody answers at the address, or not as PostgreSQL does.
    UNREACHABLE,
    /// The login, or a right that it lacks.
    DENIED,
    /// pg_dump or pg_restore is not there, or of the wrong version.
    PROGRAM,
    /// The dump ended with an error, or early.
    DUMP,
    /// Nothing came for too long.
    STALLED,
    /// What was dumped cannot be restored, or is not what was expected.
    UNPROVEN
  }

  PostgresqlException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  PostgresqlException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
