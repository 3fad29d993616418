package dev.lifeboat.config;

/// A secret could not be read when it was needed: its file is missing, empty or open to others.
///
/// The message names the source and ends, where there is something to do, with a line `hint: …`. It
/// never holds any part of the secret.
public final class SecretException extends RuntimeException {
  SecretException(String message) {
    super(message);
  }

  SecretException(String message, Throwable cause) {
    super(message, cause);
  }
}
