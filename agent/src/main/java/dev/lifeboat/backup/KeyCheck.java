package dev.lifeboat.backup;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.archive.Container;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Whether a key opens the newest backup of a store: its data key is unwrapped and the beginning of
/// the data, or all of it, is decrypted.
public record KeyCheck(TrustedSigners signers, Opener opener, boolean deep) {
  /// How one store fared.
  public enum Outcome {
    OPENED,
    /// There is no backup, so nothing is proven.
    NOTHING_THERE,
    /// The key is not one of the newest backup's, or does not open what was made for it.
    WRONG_KEY,
    /// A key management service did not answer, or refused.
    KMS_FAILED,
    /// A document or the data is damaged or forged.
    DAMAGED,
    STORE_FAILED
  }

  /// @param backup the newest that can be trusted
  /// @param keys for how many recipients its data key lies there
  /// @param why empty when it was opened
  public record Line(
      String store, Optional<String> backup, int keys, Outcome outcome, String why) {}

  /// Never throws for what is wrong with a store or a key.
  public Line of(Store store) {
    Optional<Holding> newest;
    try {
      newest =
          Holding.readAll(store, signers, _ -> true).stream()
              .filter(holding -> holding.manifest().trusted().isPresent())
              .max(Comparator.comparing(h -> h.manifest().trusted().orElseThrow().takenAt()));
    } catch (StoreException e) {
      return new Line(
          store.name(), Optional.empty(), 0, Outcome.STORE_FAILED, SignedManifest.sentence(e));
    }
    if (newest.isEmpty()) {
      return new Line(
          store.name(),
          Optional.empty(),
          0,
          Outcome.NOTHING_THERE,
          "no backup that can be trusted is in it");
    }
    return of(newest.get());
  }

  private Line of(Holding holding) {
    // What is signed and trusted says whose it is.
    BackupId id = holding.id().orElseThrow();
    try (DataKey key = new KeyDocuments(holding.store(), id, signers).dataKey(opener);
        InputStream file = holding.store().open(id.data())) {
      if (!deep) {
        Container.openFirst(file, key, id.text());
        return line(holding, Outcome.OPENED, "");
      }
      Container.Sealed found =
          Container.open(file, OutputStream.nullOutputStream(), key, id.text());
      Manifest manifest = holding.manifest().trusted().orElseThrow();
      return found.facts().plainSha256().equals(manifest.plain().sha256())
          ? line(holding, Outcome.OPENED, "")
          : line(holding, Outcome.DAMAGED, "it holds another snapshot than its manifest says");
    } catch (KeyException e) {
      return line(holding, outcome(e.reason()), SignedManifest.sentence(e));
    } catch (ArchiveException e) {
      return line(holding, Outcome.DAMAGED, SignedManifest.sentence(e));
    } catch (StoreException e) {
      boolean missing = e.reason() == StoreException.Reason.NOT_FOUND;
      return line(
          holding, missing ? Outcome.DAMAGED : Outcome.STORE_FAILED, SignedManifest.sentence(e));
    } catch (IOException | UncheckedIOException e) {
      return line(holding, Outcome.STORE_FAILED, "it cannot be read: " + e.getMessage());
    }
  }

  private static Outcome outcome(KeyException.Reason reason) {
    return switch (reason) {
      case WRONG_KEY, BAD_KEY_FILE -> Outcome.WRONG_KEY;
      case KMS -> Outcome.KMS_FAILED;
      case BAD_DOCUMENT, BAD_SIGNATURE, UNKNOWN_SIGNER -> Outcome.DAMAGED;
    };
  }

  private static Line line(Holding holding, Outcome outcome, String why) {
    return new Line(
        holding.store().name(), Optional.of(holding.key()), holding.keys(), outcome, why);
  }

  /// One line for each store.
  public List<Line> of(List<Store> stores) {
    return stores.stream().map(this::of).toList();
  }
}
