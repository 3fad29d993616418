package dev.lifeboat.cli;

/// A command cannot do what was asked, for a reason that belongs to no other package.
final class CommandException extends RuntimeException {
  private final Exit exit;

  /// @param message may end with a line `hint: …`
  CommandException(Exit exit, String message) {
    super(message);
    this.exit = exit;
  }

  Exit exit() {
    return exit;
  }
}
