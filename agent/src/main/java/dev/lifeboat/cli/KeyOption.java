package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.kms.KmsOpener;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What opens backups: `--identity FILE` with its passphrase, or `--kms NAME`; the same for every
/// command that decrypts.
final class KeyOption {
  @Mixin private final IdentityOption identity = new IdentityOption();

  @Option(
      names = "--kms",
      paramLabel = "NAME",
      description = "Decrypt by this block of backup.kms, as its second identity (decrypt).")
  private @Nullable String kms;

  /// Empty when neither the user nor the configuration names a key.
  Optional<Opener> opener(BackupConfig config, Surroundings surroundings)
      throws InterruptedException {
    return opener(identity, Optional.ofNullable(kms), config, surroundings);
  }

  /// The same of a command that has the two options elsewhere.
  static Optional<Opener> opener(
      IdentityOption identity, Optional<String> kms, BackupConfig config, Surroundings surroundings)
      throws InterruptedException {
    if (kms.isEmpty()) {
      return identity.find(config, surroundings);
    }
    if (identity.given()) {
      throw new CommandException(
          Exit.USAGE, "--identity and --kms are two keys\nhint: give one of them");
    }
    return Optional.of(KmsOpener.of(kms(config, kms.get())));
  }

  /// The block of this name.
  static KmsConfig kms(BackupConfig config, String name) {
    return config.kms().stream()
        .filter(kms -> kms.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException(
                    Exit.NOT_FOUND,
                    "backup.kms has no block '%s'\nhint: %s"
                        .formatted(
                            name,
                            config.kms().isEmpty()
                                ? "add one; see docs/keys.md"
                                : config.kms().stream()
                                    .map(KmsConfig::name)
                                    .collect(Collectors.joining(", ", "there is ", "")))));
  }

  /// For commands that cannot do without.
  static CommandException missing() {
    return new CommandException(
        Exit.USAGE,
        "decrypting takes a private key\nhint: name it with --identity FILE, or --kms NAME");
  }
}
