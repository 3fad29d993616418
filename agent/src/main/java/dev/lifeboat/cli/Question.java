package dev.lifeboat.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

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
    surroundings.out().flush();
    surroundings.err().print(question + " Type yes: ");
    surroundings.err().flush();
    return "yes".equals(answer(surroundings));
  }

  /// Read on a thread of its own: a read of the terminal does not end on Ctrl-C, waiting for it
  /// does.
  private static String answer(Surroundings surroundings) throws InterruptedException {
    var reader =
        new BufferedReader(new InputStreamReader(surroundings.in(), StandardCharsets.UTF_8));
    FutureTask<String> answer =
        new FutureTask<>(
            () -> {
              String line = reader.readLine();
              return line == null ? "" : line.strip();
            });
    Thread.ofPlatform().daemon().name("answer").start(answer);
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the terminal cannot be read", e.getCause());
    }
  }
}
