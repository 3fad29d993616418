package dev.lifeboat.daemon;

/// The control socket could not be opened, or the agent behind it not be talked to.
public final class ControlException extends RuntimeException {
  public enum Reason {
    /// Another process answers on it.
    IN_USE,
    /// Nobody listens: no agent runs with this configuration.
    NOT_RUNNING,
    /// The socket file is there, but this user may not use it.
    DENIED,
    /// The path cannot hold a socket.
    UNUSABLE,
    /// The agent ended, or stood still, before it had answered.
    BROKEN_OFF,
    /// We were told to stop waiting; the agent goes on.
    LEFT,
    /// The agent understood and said no.
    REFUSED
  }

  private final Reason reason;

  ControlException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  ControlException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
