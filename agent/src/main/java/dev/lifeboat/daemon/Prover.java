package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Copy;
import dev.lifeboat.backup.Catalogue.Finding;
import dev.lifeboat.backup.Catalogue.Verification;
import dev.lifeboat.backup.Check;
import dev.lifeboat.backup.Checks;
import dev.lifeboat.backup.Readers;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.PacedStore;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/// Verifies one copy of one backup for the schedule, and leaves the record beside it.
final class Prover {
  private static final System.Logger logger = System.getLogger(Prover.class.getName());

  private final BackupConfig config;
  private final List<Store> stores;
  private final Readers readers;
  private final BackupCounts counts;
  private final BackupEvents events;
  private final InstantSource clock;

  /// @param readers is told of every backup while it is read
  Prover(
      BackupConfig config,
      List<Store> stores,
      Readers readers,
      BackupCounts counts,
      BackupEvents events,
      InstantSource clock) {
    this.config = config;
    this.stores = List.copyOf(stores);
    this.readers = readers;
    this.counts = counts;
    this.events = events;
    this.clock = clock;
  }

  /// False when it came to no end and is to be tried again.
  boolean prove(Turns.Turn turn, Instant slot, PacedStore.Pace pace) {
    String id = turn.entry().id();
    Optional<Store> store =
        stores.stream().filter(each -> each.name().equals(turn.store())).findFirst();
    if (store.isEmpty()) {
      return true;
    }
    try {
      TrustedSigners signers = TrustedSigners.read(config.trustedSignersFile());
      Catalogue catalogue =
          new Catalogue(List.of(new PacedStore(store.get(), pace)), signers, clock, readers);
      Verification verification = verify(catalogue, turn.entry());
      if (!verification.good() && catalogue.find(id).isEmpty()) {
        // Expired since the stores were listed.
        return true;
      }
      Copy copy = verification.copies().getFirst();
      if (!copy.finished() || Thread.currentThread().isInterrupted()) {
        unfinished(turn, copy.findings().stream().findFirst().map(Finding::message).orElse(""));
        return false;
      }
      log(id, copy);
      counts.verified(copy.findings().isEmpty());
      record(store.get(), verification, copy, slot);
      events.verified(id, copy);
      return true;
    } catch (StoreException | KeyException e) {
      unfinished(turn, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return false;
    }
  }

  private Verification verify(Catalogue catalogue, Catalogue.Entry entry) {
    try {
      return catalogue.verify(entry, identity());
    } catch (KeyException e) {
      if (e.reason() != KeyException.Reason.WRONG_KEY) {
        throw e;
      }
      return catalogue.verify(entry, Optional.empty());
    }
  }

  /// Without a key that can be read the stored bytes are still worth reading.
  private Optional<RecipientIdentity> identity() {
    try {
      return config.identityFile().map(RecipientIdentity::read);
    } catch (KeyException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=identity_unreadable message=%s"
              .formatted(LogLines.quoted(String.valueOf(e.getMessage()))));
      return Optional.empty();
    }
  }

  private static void log(String id, Copy copy) {
    logger.log(
        System.Logger.Level.INFO,
        "event=backup_verified store=%s backup=%s depth=%s good=%s bytes=%d took_ms=%d"
            .formatted(
                copy.store(),
                id,
                copy.depth().label(),
                copy.findings().isEmpty(),
                copy.bytesRead(),
                copy.took().toMillis()));
    for (Finding finding : copy.findings()) {
      logger.log(
          System.Logger.Level.ERROR,
          "event=backup_wrong store=%s backup=%s object=%s message=%s"
              .formatted(
                  finding.store(), id, finding.object(), LogLines.quoted(finding.message())));
    }
  }

  private static void unfinished(Turns.Turn turn, String why) {
    logger.log(
        System.Logger.Level.WARNING,
        "event=verification_unfinished store=%s backup=%s message=%s"
            .formatted(turn.store(), turn.entry().id(), LogLines.quoted(why)));
  }

  /// What cannot be recorded was verified all the same, and is not tried again at this slot.
  private void record(Store store, Verification verification, Copy copy, Instant slot) {
    try {
      Check check =
          Check.of(verification, copy, "the agent of " + config.node(), Optional.of(slot));
      Checks.write(store, check, copy.records(), SigningKey.read(config.signingKeyFile()));
    } catch (StoreException | KeyException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=verification_not_recorded store=%s backup=%s message=%s"
              .formatted(
                  store.name(),
                  verification.id(),
                  LogLines.quoted(String.valueOf(e.getMessage()))));
    }
  }
}
