package dev.lifeboat.ssh;

/// A login that came to nothing because one of the two sides did not believe the other, or because
/// a file for it is not what it should be. Trying again does not help.
public final class RefusedException extends Exception {
  /// @param message for the operator: a clause, and a line `hint: …`
  RefusedException(String message) {
    super(message);
  }

  RefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
