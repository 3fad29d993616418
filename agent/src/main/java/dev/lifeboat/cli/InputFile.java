package dev.lifeboat.cli;

import dev.lifeboat.daemon.Reasons;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A file that the user named to be read.
final class InputFile {
  private InputFile() {}

  static CommandException failed(Path file, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new CommandException(Exit.NOT_FOUND, "there is no file " + file);
    }
    return new CommandException(
        Exit.NOT_FOUND, "%s cannot be read: %s".formatted(file, Reasons.of(e)));
  }
}
