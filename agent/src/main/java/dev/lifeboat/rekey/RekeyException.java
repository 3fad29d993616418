package dev.lifeboat.rekey;

/// There are no new shares: the old ones are the shares of the cluster still.
public final class RekeyException extends RuntimeException {
  /// @param message may end with a line `hint: …`; never holds a share
  public RekeyException(String message) {
    super(message);
  }

  public RekeyException(String message, Throwable cause) {
    super(message, cause);
  }
}
