package dev.lifeboat.cli;

/// Every exit code, documented in `docs/exit-codes.md` and used by `systemd/lifeboat.service`.
public enum Exit {
  OK(0),
  /// A bug; the stack trace is in the log.
  INTERNAL(1),
  USAGE(2),
  /// The configuration or a key file is wrong; restarting does not help.
  CONFIGURATION(3),
  /// The node or the cluster could not be reached, or nobody leads.
  VAULT_UNAVAILABLE(4),
  /// Login or policy.
  VAULT_DENIED(5),
  /// The backup was not taken, for another reason than 4, 5 and 8.
  BACKUP_FAILED(6),
  /// Something stored is damaged, forged or missing.
  VERIFICATION_FAILED(7),
  /// A store or the spool failed.
  STORE_FAILED(8),
  /// Another lifeboat holds the spool, the port or the socket.
  ALREADY_RUNNING(9),
  NOT_FOUND(10),
  /// The private key given does not open this backup.
  WRONG_KEY(11),
  INTERRUPTED(130);

  private final int code;

  Exit(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
