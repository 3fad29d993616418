package dev.lifeboat.backup;

import dev.lifeboat.store.Store;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Takes one backup at a time of one cluster.
public final class Backup {
  public Backup(
      VaultClient client,
      TokenKeeper keeper,
      BackupConfig config,
      List<Store> stores,
      Spool spool,
      InstantSource clock,
      Milestones milestones) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Blocks until it is stored or has failed; never throws for an operating error.
  ///
  /// @param slot the scheduled instant; empty for a run by hand
  public BackupOutcome run(Optional<Instant> slot, Progress progress) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The folder where a run works, locked by one process at a time.
  public static final class Spool implements AutoCloseable {
    /// Locks and cleans the folder; [dev.lifeboat.store.StoreException] when another process has
    /// it.
    public static Spool open(Path folder) {
      throw new UnsupportedOperationException("skeleton");
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException("skeleton");
    }
  }
}
