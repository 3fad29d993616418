package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.SignerKey;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where backups are read, whose they may be, and what opens them.
final class BackupSource {
  @Option(
      names = "--store",
      paramLabel = "NAME",
      description = "Take it from this store only. Default: from any that has it whole.")
  private @Nullable String store;

  @Option(
      names = "--signer",
      paramLabel = "LINE",
      description =
          "Trust, for this run, what this key has signed: the public signer line of a node that the"
              + " trusted signers lack.")
  private @Nullable String signer;

  @Option(
      names = "--kms",
      paramLabel = "NAME",
      description = "Decrypt by this block of backup.kms instead of --identity.")
  private @Nullable String kms;

  /// @param identity which this command has for shares as well
  Opener opener(IdentityOption identity, BackupConfig config, Surroundings surroundings)
      throws InterruptedException {
    return KeyOption.opener(identity, Optional.ofNullable(kms), config, surroundings)
        .orElseThrow(KeyOption::missing);
  }

  OpenCatalogue open(BackupConfig config, Surroundings surroundings) {
    return open(config, List.of(), surroundings);
  }

  /// @param only the stores to look at when none is named; all when empty
  OpenCatalogue open(BackupConfig config, List<String> only, Surroundings surroundings) {
    return OpenCatalogue.open(
        config,
        surroundings.clock(),
        store == null ? only : List.of(store),
        Optional.ofNullable(signer).map(SignerKey::parse).map(List::of).orElse(List.of()));
  }

  /// Whether one store was named.
  boolean isOneStore() {
    return store != null;
  }
}
