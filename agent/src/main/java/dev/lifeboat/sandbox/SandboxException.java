package dev.lifeboat.sandbox;

import org.jspecify.annotations.Nullable;

/// A throw-away server could not be had.
public final class SandboxException extends RuntimeException {
  /// Why; the names are label values.
  public enum Reason {
    /// No such program, or one that is neither Vault nor OpenBao.
    PROGRAM,
    /// Its folder or its configuration could not be written, or no port was free.
    SETUP,
    /// It ended by itself before it answered.
    ENDED,
    /// It runs but did not do what was waited for in time.
    TIMEOUT
  }

  private final Reason reason;

  public SandboxException(Reason reason, String message) {
    this(reason, message, null);
  }

  public SandboxException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
