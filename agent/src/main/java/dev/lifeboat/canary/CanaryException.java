package dev.lifeboat.canary;

/// The canary could not be written, or did not read back as it was written; the message ends with a
/// hint. That the node was not reached, is sealed or refused the token is a
/// [dev.lifeboat.vault.VaultException] instead.
public final class CanaryException extends RuntimeException {
  CanaryException(String message) {
    super(message);
  }

  CanaryException(String message, Throwable cause) {
    super(message, cause);
  }
}
