package dev.lifeboat.restore;

/// Something is not got back, or not as it should be.
public final class RestoreException extends RuntimeException {
  private final Reason reason;

  /// Why.
  public enum Reason {
    /// Looked at beforehand, and not begun: nothing was changed.
    REFUSED,
    /// Somebody else's run is at these nodes.
    BUSY,
    /// A step did not do what it should; the same command goes on from there.
    FAILED
  }

  /// @param message may end with a line `hint: …`
  RestoreException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  static RestoreException refused(String message) {
    return new RestoreException(Reason.REFUSED, message);
  }

  static RestoreException failed(String message) {
    return new RestoreException(Reason.FAILED, message);
  }

  /// What went wrong without its hint: for half of another sentence.
  static String sentence(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  public Reason reason() {
    return reason;
  }
}
