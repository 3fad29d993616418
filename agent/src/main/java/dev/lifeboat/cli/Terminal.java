package dev.lifeboat.cli;

import dev.lifeboat.config.Secret;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Whoever sits there, asked for one line. Only where there is a terminal.
final class Terminal {
  private Terminal() {}

  /// The line without its blanks; empty at the end of the input.
  static String line(String prompt, Surroundings surroundings) throws InterruptedException {
    return asked(prompt, surroundings, () -> read(surroundings.in()));
  }

  /// The same, not shown while it is typed.
  static Secret hidden(String prompt, Surroundings surroundings) throws InterruptedException {
    return asked(prompt, surroundings, () -> readHidden(surroundings));
  }

  /// On a thread of its own: a read of the terminal does not end on Ctrl-C, waiting for it does.
  private static <T> T asked(String prompt, Surroundings surroundings, Callable<T> reading)
      throws InterruptedException {
    surroundings.out().flush();
    surroundings.err().print(prompt);
    surroundings.err().flush();
    FutureTask<T> answer = new FutureTask<>(reading);
    Thread.ofPlatform().daemon().name("answer").start(answer);
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CommandException refused) {
        throw refused;
      }
      throw new IllegalStateException("the terminal cannot be read", e.getCause());
    }
  }

  private static Secret readHidden(Surroundings surroundings) throws IOException {
    // Asked of the console, which does not show what is typed; a test has none.
    boolean process = surroundings.in().equals(System.in);
    Console console = process ? System.console() : null;
    if (console != null) {
      char[] typed = console.readPassword();
      return new Secret(typed == null ? "" : new String(typed));
    }
    if (process && Surroundings.isTerminal(0)) {
      // Without a console the terminal would show it.
      throw new CommandException(
          Exit.USAGE,
          "what is typed cannot be hidden while standard output goes elsewhere\nhint: leave out the"
              + " | or > while it is asked for");
    }
    return new Secret(read(surroundings.in()));
  }

  /// Byte by byte: what comes after the line is for the next question.
  private static String read(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8).strip();
  }
}
