package dev.lifeboat.cli;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyFiles;
import java.nio.file.Path;
import java.util.Optional;
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
    return Terminal.hidden(prompt + ": ", surroundings);
  }
}
