package dev.lifeboat.rekey;

import dev.lifeboat.unseal.Share.Kind;
import dev.lifeboat.vault.SealStatus;

/// Which key has shares: one for each kind of seal.
public enum Target {
  /// Of a cluster that people open.
  UNSEAL_KEY("unseal key", Kind.UNSEAL, "sys/rotate/root", "sys/rekey"),
  /// Of one that opens itself. It opens nothing; it allows a new root token, and this.
  RECOVERY_KEY("recovery key", Kind.RECOVERY, "sys/rotate/recovery", "sys/rekey-recovery-key");

  private final String words;
  private final Kind kind;
  private final String rotatePath;
  private final String rekeyPath;

  Target(String words, Kind kind, String rotatePath, String rekeyPath) {
    this.words = words;
    this.kind = kind;
    this.rotatePath = rotatePath;
    this.rekeyPath = rekeyPath;
  }

  public static Target of(SealStatus status) {
    return status.type().equals("shamir") ? UNSEAL_KEY : RECOVERY_KEY;
  }

  /// `unseal key`.
  public String words() {
    return words;
  }

  public Kind kind() {
    return kind;
  }

  String rotatePath() {
    return rotatePath;
  }

  String rekeyPath() {
    return rekeyPath;
  }
}
