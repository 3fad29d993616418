package dev.lifeboat.cli;

/// A question before something that cannot be undone.
final class Question {
  private Question() {}

  /// Whether the answer was `yes`. Without a terminal nobody can be asked, and `--yes` is needed.
  static boolean agreed(String question, boolean yes, Surroundings surroundings)
      throws InterruptedException {
    if (yes) {
      return true;
    }
    if (!surroundings.terminal()) {
      throw new CommandException(
          Exit.USAGE,
          "nobody is there to be asked: %s\nhint: --yes does it without asking"
              .formatted(question));
    }
    return "yes".equals(Terminal.line(question + " Type yes: ", surroundings));
  }
}
