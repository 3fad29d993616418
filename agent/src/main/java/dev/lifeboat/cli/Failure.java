package dev.lifeboat.cli;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.backup.FailureReason;
import dev.lifeboat.canary.CanaryException;
import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import dev.lifeboat.config.SecretException;
import dev.lifeboat.daemon.ControlException;
import dev.lifeboat.journal.JournalException;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.machine.MachineException;
import dev.lifeboat.postgresql.PostgresqlException;
import dev.lifeboat.rekey.RekeyException;
import dev.lifeboat.restore.RestoreException;
import dev.lifeboat.route53.RecordException;
import dev.lifeboat.secretsmanager.SecretsManagerException;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.unseal.UnsealException;
import dev.lifeboat.vault.VaultException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Objects;

/// Why a command ended without doing its work: the exit code and the words for it.
///
/// @param text as it is printed: one sentence after `lifeboat: `, then perhaps a line `hint: …`; or
///   the problems of a configuration, each of which says itself where it is
record Failure(Exit exit, String text) {
  private static final System.Logger logger = System.getLogger(Failure.class.getName());

  /// @param message one sentence, then perhaps a line `hint: …`
  static Failure sentence(Exit exit, String message) {
    return new Failure(exit, "lifeboat: " + message);
  }

  static Failure of(Throwable thrown) {
    return switch (thrown) {
      case CommandException e -> sentence(e.exit(), words(e));
      case ConfigException e -> new Failure(Exit.CONFIGURATION, ConfigFile.render(e).strip());
      case SecretException e -> sentence(Exit.CONFIGURATION, words(e));
      case VaultException e -> sentence(exit(e.reason()), words(e));
      case StoreException e -> sentence(exit(e.reason()), words(e));
      case KeyException e -> sentence(exit(e.reason()), words(e));
      case UnsealException e -> sentence(Exit.CONFIGURATION, words(e));
      case RekeyException e -> sentence(Exit.REKEY_FAILED, words(e));
      case JournalException e -> sentence(exit(e.reason()), words(e));
      case SecretsManagerException e -> sentence(Exit.KMS_FAILED, words(e));
      case ArchiveException e -> sentence(Exit.VERIFICATION_FAILED, words(e));
      case RestoreException e -> sentence(exit(e.reason()), words(e));
      case RecordException e -> sentence(Exit.RESTORE_FAILED, words(e));
      case PostgresqlException e -> sentence(Exit.RESTORE_FAILED, words(e));
      case MachineException e -> sentence(Exit.RESTORE_FAILED, words(e));
      case CanaryException e -> sentence(Exit.RESTORE_FAILED, words(e));
      case ControlException e -> sentence(exit(e.reason()), words(e));
      case UncheckedIOException e when hasCause(e, BindException.class) ->
          sentence(Exit.ALREADY_RUNNING, words(e));
      case UncheckedIOException e
          when hasCause(e, SocketException.class) || hasCause(e, UnknownHostException.class) ->
          sentence(Exit.CONFIGURATION, words(e));
      default -> bug(thrown);
    };
  }

  /// However deep: whoever opens a port wraps what the system said, some more than once.
  private static boolean hasCause(Throwable thrown, Class<? extends Throwable> type) {
    for (Throwable cause = thrown.getCause(); cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static Failure bug(Throwable thrown) {
    logger.log(System.Logger.Level.ERROR, "event=bug", thrown);
    return sentence(
        Exit.INTERNAL,
        "this is a bug in lifeboat: %s\nhint: please report it with the stack trace above"
            .formatted(thrown));
  }

  private static String words(Throwable thrown) {
    return Objects.requireNonNullElse(thrown.getMessage(), thrown.toString());
  }

  static Exit exit(VaultException.Reason reason) {
    return switch (reason) {
      case UNREACHABLE, TIMEOUT, TRUNCATED, STALLED, NOT_JSON, SEALED, NO_LEADER, SERVER_ERROR ->
          Exit.VAULT_UNAVAILABLE;
      case DENIED, NOT_FOUND, REFUSED -> Exit.VAULT_DENIED;
      case TLS, REDIRECT_REFUSED, NO_CREDENTIAL -> Exit.CONFIGURATION;
    };
  }

  static Exit exit(StoreException.Reason reason) {
    return switch (reason) {
      case NOT_FOUND -> Exit.NOT_FOUND;
      case CORRUPTED -> Exit.VERIFICATION_FAILED;
      case IN_USE -> Exit.ALREADY_RUNNING;
      case EXISTS, FULL, DENIED, UNAVAILABLE -> Exit.STORE_FAILED;
    };
  }

  static Exit exit(KeyException.Reason reason) {
    return switch (reason) {
      case BAD_KEY_FILE -> Exit.CONFIGURATION;
      case WRONG_KEY -> Exit.WRONG_KEY;
      case KMS -> Exit.KMS_FAILED;
      case BAD_DOCUMENT, BAD_SIGNATURE, UNKNOWN_SIGNER -> Exit.VERIFICATION_FAILED;
    };
  }

  static Exit exit(RestoreException.Reason reason) {
    return switch (reason) {
      case REFUSED, FAILED -> Exit.RESTORE_FAILED;
      case BUSY -> Exit.ALREADY_RUNNING;
    };
  }

  static Exit exit(JournalException.Reason reason) {
    return switch (reason) {
      case UNUSABLE -> Exit.STORE_FAILED;
      case CHANGED -> Exit.VERIFICATION_FAILED;
      case IN_USE -> Exit.ALREADY_RUNNING;
    };
  }

  static Exit exit(ControlException.Reason reason) {
    return switch (reason) {
      case IN_USE -> Exit.ALREADY_RUNNING;
      case NOT_RUNNING -> Exit.NOT_FOUND;
      case DENIED, UNUSABLE -> Exit.CONFIGURATION;
      case BROKEN_OFF, REFUSED -> Exit.BACKUP_FAILED;
      case LEFT -> Exit.INTERRUPTED;
    };
  }

  static Exit exit(FailureReason reason) {
    return switch (reason) {
      case NO_LEADER, UNREACHABLE, SEALED -> Exit.VAULT_UNAVAILABLE;
      case DENIED -> Exit.VAULT_DENIED;
      case TRUNCATED, STALLED, CORRUPT, STALE, CANARY, DATABASE, READBACK, LATE ->
          Exit.BACKUP_FAILED;
      case DISK_FULL, STORE -> Exit.STORE_FAILED;
      case KEYS, KIT -> Exit.CONFIGURATION;
      case KMS -> Exit.KMS_FAILED;
      case BUSY -> Exit.ALREADY_RUNNING;
      case INTERRUPTED -> Exit.INTERRUPTED;
      case INTERNAL -> Exit.INTERNAL;
    };
  }

  void print(PrintStream err) {
    err.println(text);
  }
}
