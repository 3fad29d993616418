package dev.lifeboat.cli;

/// Every exit code, documented in `docs/exit-codes.md` and used by `systemd/lifeboat.service`.
public enum Exit {
  OK(0, "done"),
  INTERNAL(1, "a bug; the stack trace is in the log"),
  USAGE(2, "wrong arguments"),
  CONFIGURATION(3, "the configuration or a key file is wrong; trying again does not help"),
  VAULT_UNAVAILABLE(4, "the node or the cluster could not be reached, or nobody leads"),
  VAULT_DENIED(5, "the login or the policy was refused"),
  BACKUP_FAILED(6, "the backup was not taken, for another reason than 3, 4, 5 and 8"),
  VERIFICATION_FAILED(7, "something stored is damaged, forged or missing"),
  STORE_FAILED(8, "a store, the spool or an output file failed"),
  ALREADY_RUNNING(9, "another lifeboat holds the spool, the port or the socket"),
  NOT_FOUND(10, "no such backup or file"),
  WRONG_KEY(11, "the private key given does not open this backup"),
  EXPIRE_REFUSED(
      12, "nothing was deleted: a clock is wrong, too much would go, or the plan has changed"),
  KMS_FAILED(13, "a key management service (KMS) or Secrets Manager did not answer, or refused"),
  REWRAP_INCOMPLETE(
      14, "the keys of some backups were not changed; the same command does the rest"),
  NOTIFY_FAILED(15, "somebody who is to be told of backups could not be told"),
  UNSEAL_FAILED(16, "a node is still sealed: wrong or too few shares, or it opens itself"),
  RESTORE_FAILED(17, "not got back yet, or not begun; the same command goes on"),
  REKEY_FAILED(18, "there are no new shares in force; the old ones open the cluster still"),
  NODE_MISSING(19, "the cluster is back and serves, and a node of it is not"),
  INTERRUPTED(130, "ended by Ctrl-C or a signal; nothing half-written is left");

  private final int code;
  private final String meaning;

  Exit(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  public int code() {
    return code;
  }

  /// Half a sentence for the help and the documentation.
  public String meaning() {
    return meaning;
  }
}
