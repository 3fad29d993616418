package dev.lifeboat.route53;

/// Route 53 did not answer, or refused, or has a record that cannot be switched.
public final class RecordException extends RuntimeException {
  /// @param message one sentence and a line `hint: …`
  RecordException(String message, Throwable cause) {
    super(message, cause);
  }

  RecordException(String message) {
    super(message);
  }
}
