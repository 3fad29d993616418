package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.ProtectedIdentity;
import dev.lifeboat.keys.RecipientIdentity;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `--identity FILE` and the passphrase that may be needed for it.
final class IdentityOption {
  @Option(
      names = "--identity",
      paramLabel = "FILE",
      description = "A private key that opens it. Default: backup.identity-file.")
  private @Nullable Path file;

  @Mixin private final PassphraseOption passphrase = new PassphraseOption();

  boolean given() {
    return file != null;
  }

  /// Empty when neither the user nor the configuration names one.
  Optional<Opener> find(BackupConfig config, Surroundings surroundings)
      throws InterruptedException {
    return find(Optional.of(config), surroundings);
  }

  /// The same where there may be no backups.
  Optional<Opener> find(Optional<BackupConfig> config, Surroundings surroundings)
      throws InterruptedException {
    Optional<Path> named =
        file == null ? config.flatMap(BackupConfig::identityFile) : Optional.of(file);
    if (named.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        ProtectedIdentity.isProtected(named.get())
            ? ProtectedIdentity.open(named.get(), passphrase.ask(named.get(), surroundings))
            : RecipientIdentity.read(named.get()));
  }

  /// For commands that cannot do without.
  Opener opener(BackupConfig config, Surroundings surroundings) throws InterruptedException {
    return find(config, surroundings).orElseThrow(KeyOption::missing);
  }
}
