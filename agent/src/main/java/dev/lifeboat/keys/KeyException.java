package dev.lifeboat.keys;

import java.util.Locale;

/// A key file, a signature or a wrapped data key is not what it should be.
public final class KeyException extends RuntimeException {
  public enum Reason {
    /// A key file that cannot be read or parsed, or that others can read.
    BAD_KEY_FILE,
    /// None of our private keys opens this data key.
    WRONG_KEY,
    /// A key management service did not answer, or refused.
    KMS,
    /// A document without a signature line, or a damaged one.
    BAD_DOCUMENT,
    /// The signature does not match the bytes: edited after signing.
    BAD_SIGNATURE,
    /// A good signature by a key that is not pinned.
    UNKNOWN_SIGNER;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  public KeyException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public KeyException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
