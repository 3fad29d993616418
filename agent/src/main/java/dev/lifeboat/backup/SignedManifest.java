package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.util.Optional;

/// A manifest as one store has it.
///
/// @param claimed what it says, when it can be parsed at all, trusted or not
/// @param trouble why it cannot be trusted; empty when a pinned key signed it and it names this
///   backup
record SignedManifest(Optional<Manifest> claimed, Optional<String> trouble) {
  /// Far more than a manifest with the most mounts and peers there can be.
  static final int BYTES_MAX = 4 << 20;

  /// @param object the name it stands under
  static SignedManifest read(Store store, String object, TrustedSigners signers) {
    byte[] document;
    try {
      document = store.read(object, BYTES_MAX);
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.UNAVAILABLE) {
        throw e;
      }
      return new SignedManifest(Optional.empty(), Optional.of(sentence(e)));
    }
    try {
      return of(Manifest.parse(signers.open(document).content()), object);
    } catch (KeyException e) {
      return new SignedManifest(claimed(document), Optional.of(sentence(e)));
    } catch (IllegalArgumentException e) {
      return new SignedManifest(
          Optional.empty(), Optional.of("signed, but no manifest: " + e.getMessage()));
    }
  }

  private static SignedManifest of(Manifest manifest, String object) {
    if (!ManifestName.of(manifest).equals(object)) {
      return new SignedManifest(
          Optional.of(manifest),
          Optional.of("it is the manifest of another backup, " + manifest.id()));
    }
    return new SignedManifest(Optional.of(manifest), Optional.empty());
  }

  private static Optional<Manifest> claimed(byte[] document) {
    try {
      return Optional.of(Manifest.parse(TrustedSigners.contentUnchecked(document)));
    } catch (KeyException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// The backup it is about, as far as it can be told.
  ///
  /// @param object the name it stands under
  Optional<BackupId> id(String object) {
    return ManifestName.idIn(object).or(() -> claimed.map(each -> new BackupId(each.id())));
  }

  Optional<Manifest> trusted() {
    return trouble.isPresent() ? Optional.empty() : claimed;
  }

  /// The message without its hint, which was written for somebody at a prompt.
  static String sentence(Exception e) {
    String message = String.valueOf(e.getMessage());
    int hint = message.indexOf("\nhint: ");
    return hint < 0 ? message : message.substring(0, hint);
  }
}
