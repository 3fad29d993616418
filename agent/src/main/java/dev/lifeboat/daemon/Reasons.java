package dev.lifeboat.daemon;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/// What an exception of the JDK says, in words for people: its own messages are often only a path.
public final class Reasons {
  private Reasons() {}

  /// A message of ours without its hint.
  static String sentence(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    int hint = message.indexOf("\nhint: ");
    return hint < 0 ? message : message.substring(0, hint);
  }

  public static String of(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file: " + missing.getFile();
      case AccessDeniedException denied -> "permission denied: " + denied.getFile();
      case FileSystemException other when other.getReason() != null ->
          other.getReason() + ": " + other.getFile();
      default -> Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    };
  }
}
