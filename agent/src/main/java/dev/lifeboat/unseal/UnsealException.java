package dev.lifeboat.unseal;

/// Shares cannot be had, or are none.
public final class UnsealException extends RuntimeException {
  /// @param message may end with a line `hint: …`; never holds a share
  UnsealException(String message) {
    super(message);
  }

  UnsealException(String message, Throwable cause) {
    super(message, cause);
  }
}
