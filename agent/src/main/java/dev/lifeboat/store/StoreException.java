package dev.lifeboat.store;

import java.util.Locale;

/// A store did not do what was asked.
public final class StoreException extends RuntimeException {
  public enum Reason {
    NOT_FOUND,
    /// The name is taken; nothing was overwritten.
    EXISTS,
    /// No space or quota left.
    FULL,
    DENIED,
    /// What arrived is not what was sent; nothing is stored under the name.
    CORRUPTED,
    /// Another process holds it.
    IN_USE,
    UNAVAILABLE;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  public StoreException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public StoreException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
