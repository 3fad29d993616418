package dev.lifeboat.cli;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyFiles;
import java.io.Console;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a passphrase comes from: a file, a variable of the user's choice, or a terminal. Never an
/// argument, which every process of the machine can read.
final class PassphraseOption {
  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description = "The passphrase of the private key: one line, mode 0600.")
  private @Nullable Path file;

  @Option(
      names = "--passphrase-env",
      paramLabel = "VARIABLE",
      description = "The environment variable with the passphrase of the private key.")
  private @Nullable String variable;

  /// Empty when the user named neither.
  Optional<Secret> given(Surroundings surroundings) {
    if (file != null && variable != null) {
      throw new CommandException(
          Exit.USAGE, "--passphrase-file and --passphrase-env are two places\nhint: give one");
    }
    if (file != null) {
      return Optional.of(KeyFiles.readPassphrase(file));
    }
    if (variable == null) {
      return Optional.empty();
    }
    String value = surroundings.environment().getOrDefault(variable, "");
    if (value.isEmpty()) {
      throw new CommandException(
          Exit.USAGE,
          "the environment variable %s is not set\nhint: export it".formatted(variable));
    }
    return Optional.of(new Secret(value));
  }

  /// The one given, else asked for on the terminal.
  Secret ask(Path key, Surroundings surroundings) throws InterruptedException {
    Optional<Secret> given = given(surroundings);
    return given.isPresent() ? given.get() : ask("passphrase of " + key, key, surroundings);
  }

  /// A new one, twice: a mistyped one would lose the key.
  Secret askNew(Path key, Surroundings surroundings) throws InterruptedException {
    Optional<Secret> given = given(surroundings);
    if (given.isPresent()) {
      return given.get();
    }
    Secret first = ask("new passphrase of " + key, key, surroundings);
    if (!first.equals(ask("once more", key, surroundings))) {
      throw new CommandException(Exit.USAGE, "the two passphrases differ\nhint: try again");
    }
    return first;
  }

  private static Secret ask(String prompt, Path key, Surroundings surroundings)
      throws InterruptedException {
    if (!surroundings.terminal()) {
      throw new CommandException(
          Exit.USAGE,
          "%s needs a passphrase and nobody is there to be asked\nhint: %s"
              .formatted(key, "--passphrase-file FILE, or --passphrase-env VARIABLE"));
    }
    surroundings.out().flush();
    surroundings.err().print(prompt + ": ");
    surroundings.err().flush();
    FutureTask<Secret> answer = new FutureTask<>(() -> read(surroundings));
    Thread.ofPlatform().daemon().name("passphrase").start(answer);
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the terminal cannot be read", e.getCause());
    }
  }

  private static Secret read(Surroundings surroundings) throws java.io.IOException {
    // Asked of the console, which does not show what is typed; a test has none.
    Console console = surroundings.in().equals(System.in) ? System.console() : null;
    if (console != null) {
      char[] typed = console.readPassword();
      return new Secret(typed == null ? "" : new String(typed));
    }
    StringBuilder line = new StringBuilder();
    for (int next = surroundings.in().read(); next >= 0 && next != '\n'; ) {
      line.append((char) next);
      next = surroundings.in().read();
    }
    return new Secret(line.toString().strip());
  }
}
