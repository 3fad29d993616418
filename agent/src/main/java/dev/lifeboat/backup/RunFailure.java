package dev.lifeboat.backup;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.canary.CanaryException;
import dev.lifeboat.config.SecretException;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.postgresql.PostgresqlException;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.vault.VaultException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;

/// Why a run failed, in our words: thrown where only the run can tell, and made of every other
/// exception by [#of].
final class RunFailure extends RuntimeException {
  private static final String HINT = "\nhint: ";

  private final FailureReason reason;

  RunFailure(FailureReason reason, String message) {
    super(message);
    this.reason = reason;
  }

  RunFailure(FailureReason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  FailureReason reason() {
    return reason;
  }

  /// The sentence, without its hint.
  String sentence() {
    String message = String.valueOf(getMessage());
    int hint = message.indexOf(HINT);
    return hint < 0 ? message : message.substring(0, hint);
  }

  /// The next action; may be empty.
  String hint() {
    String message = String.valueOf(getMessage());
    int hint = message.indexOf(HINT);
    return hint < 0 ? "" : message.substring(hint + HINT.length());
  }

  /// Looks through the causes for the first that says something: the stream's own failures come as
  /// the cause of an [IOException], which the archive hands on unchecked.
  ///
  /// @param interrupted whether the run's thread was told to stop, which then explains the rest
  static RunFailure of(Throwable thrown, boolean interrupted) {
    if (interrupted || isInterrupt(thrown)) {
      return new RunFailure(
          FailureReason.INTERRUPTED, "the run was told to stop; nothing was kept", thrown);
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case RunFailure failure -> {
          return failure;
        }
        case VaultException e -> {
          return from(reason(e.reason()), e);
        }
        case CanaryException e -> {
          return from(FailureReason.CANARY, e);
        }
        case ArchiveException e -> {
          return from(reason(e.reason()), e);
        }
        case KeyException e -> {
          return from(
              e.reason() == KeyException.Reason.KMS ? FailureReason.KMS : FailureReason.KEYS, e);
        }
        case PostgresqlException e -> {
          return from(FailureReason.DATABASE, e);
        }
        case SecretException e -> {
          return from(FailureReason.DENIED, e);
        }
        case StoreException e -> {
          return from(reason(e.reason()), e);
        }
        default -> {}
      }
    }
    if (thrown instanceof UncheckedIOException e) {
      return new RunFailure(
          FailureReason.TRUNCATED,
          "the snapshot stream broke: " + e.getCause() + HINT + "look into the server's log",
          e);
    }
    return new RunFailure(
        FailureReason.INTERNAL,
        "a bug in lifeboat: " + thrown + HINT + "the log has the stack trace; please report it",
        thrown);
  }

  private static RunFailure from(FailureReason reason, Exception e) {
    return new RunFailure(reason, String.valueOf(e.getMessage()), e);
  }

  private static boolean isInterrupt(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedException
          || cause instanceof ClosedByInterruptException
          || (cause instanceof InterruptedIOException
              && !(cause instanceof SocketTimeoutException))) {
        return true;
      }
    }
    return false;
  }

  private static FailureReason reason(VaultException.Reason reason) {
    return switch (reason) {
      case UNREACHABLE, TIMEOUT, NOT_JSON, TLS, NOT_FOUND, REFUSED, SERVER_ERROR ->
          FailureReason.UNREACHABLE;
      case NO_LEADER, REDIRECT_REFUSED -> FailureReason.NO_LEADER;
      case DENIED, NO_CREDENTIAL -> FailureReason.DENIED;
      case SEALED -> FailureReason.SEALED;
      case TRUNCATED -> FailureReason.TRUNCATED;
      case STALLED -> FailureReason.STALLED;
    };
  }

  private static FailureReason reason(ArchiveException.Reason reason) {
    return switch (reason) {
      case TRUNCATED -> FailureReason.TRUNCATED;
      case NOT_A_SNAPSHOT, MEMBERS, CHECKSUM, METADATA, TRAILER, DECRYPTION ->
          FailureReason.CORRUPT;
    };
  }

  private static FailureReason reason(StoreException.Reason reason) {
    return switch (reason) {
      case FULL -> FailureReason.DISK_FULL;
      case CORRUPTED -> FailureReason.READBACK;
      case NOT_FOUND, EXISTS, DENIED, IN_USE, UNAVAILABLE -> FailureReason.STORE;
    };
  }
}
