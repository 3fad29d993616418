package dev.lifeboat.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// A question before something that cannot be undone.
final class Question {
  private Question() {}

  /// Whether the answer was `yes`. Without a terminal nobody can be asked, and `--yes` is needed.
  static boolean agreed(String question, boolean yes, Surroundings surroundings) {
    if (yes) {
      return true;
    }
    if (!surroundings.terminal()) {
      throw new CommandException(
          Exit.USAGE,
          "nobody is there to be asked: %s\nhint: --yes does it without asking"
              .formatted(question));
    }
    surroundings.out().flush();
    surroundings.err().print(question + " Type yes: ");
    surroundings.err().flush();
    try {
      String answer =
          new BufferedReader(new InputStreamReader(surroundings.in(), StandardCharsets.UTF_8))
              .readLine();
      return answer != null && answer.strip().equals("yes");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
