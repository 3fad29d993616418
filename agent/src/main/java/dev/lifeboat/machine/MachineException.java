package dev.lifeboat.machine;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A machine did not do what was asked.
public final class MachineException extends RuntimeException {
  /// Why; the names are label values.
  public enum Reason {
    /// No connection, or one that broke: then it is not known whether a command was carried out.
    UNREACHABLE,
    /// One of the two sides did not believe the other. Trying again does not help.
    DENIED,
    /// A command did not end within its bound and was given up.
    TIMEOUT,
    /// A command could not be started, or said more than anybody can want.
    UNUSABLE,
    /// A command ended badly, by its own account.
    FAILED;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  MachineException(Reason reason, String message) {
    this(reason, message, null);
  }

  MachineException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
