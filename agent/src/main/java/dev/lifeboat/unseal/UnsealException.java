package dev.lifeboat.unseal;

import java.util.Locale;

/// Shares cannot be had, or are none.
public final class UnsealException extends RuntimeException {
  public enum Reason {
    /// A file or a secret holds something else than shares, or others can read it.
    BAD_SHARES,
    /// `gpg` is missing, or does not decrypt the file.
    GPG;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  /// @param message may end with a line `hint: …`; never holds a share
  UnsealException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  UnsealException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
