package dev.lifeboat.lab;

import org.jspecify.annotations.Nullable;

/// An experiment could not be set up or did not prove what it should; the message says what.
public final class LabException extends RuntimeException {
  public LabException(String message) {
    this(message, null);
  }

  public LabException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
