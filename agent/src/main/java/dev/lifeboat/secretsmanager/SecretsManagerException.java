package dev.lifeboat.secretsmanager;

/// Secrets Manager did not answer, or refused, or has no such secret.
public final class SecretsManagerException extends RuntimeException {
  /// @param message one sentence and a line `hint: …`; never holds a secret
  SecretsManagerException(String message, Throwable cause) {
    super(message, cause);
  }
}
