package dev.lifeboat.journal;

/// The record of a run cannot be kept, or cannot be believed.
public final class JournalException extends RuntimeException {
  private final Reason reason;

  /// Why.
  public enum Reason {
    /// It cannot be written or read: a full disk, a missing right.
    UNUSABLE,
    /// Somebody has changed it, or cut it.
    CHANGED,
    /// Another process is at it.
    IN_USE
  }

  /// @param message may end with a line `hint: …`
  JournalException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  JournalException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
