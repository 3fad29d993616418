package dev.lifeboat.backup;

import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.util.Arrays;
import java.util.Optional;

/// The manifest of one run on its way into the stores: whoever stores it has the slot.
///
/// @param object its name, the same for every run that takes the slot
/// @param document the signed manifest of this run
/// @param signers whom another one must be signed by
record Fence(String object, byte[] document, TrustedSigners signers) {
  /// Thrown when another run has stored the manifest of the slot; [Backup] makes an outcome of it.
  static final class Taken extends RuntimeException {
    private final String by;

    Taken(String object, String store, String by) {
      super("%s of backup %s is in store %s already".formatted(object, by, store));
      this.by = by;
    }

    /// The id of the backup that has the slot.
    String by() {
      return by;
    }
  }

  /// Whether the store has this very manifest: the answer of a put may have been lost, and the put
  /// tried again.
  boolean isOursIn(Store store) {
    try {
      return Arrays.equals(store.read(object, SignedManifest.BYTES_MAX), document);
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.NOT_FOUND
          || e.reason() == StoreException.Reason.CORRUPTED) {
        return false;
      }
      throw e;
    }
  }

  /// Deletes it where it is ours: under the name of a slot there may be another run's.
  void undo(Store store) {
    if (isOursIn(store)) {
      store.delete(object);
    }
  }

  /// Another run's manifest stands under the name.
  ///
  /// @return the backup that has the slot; a failure when that is none that can be counted on
  static Taken taken(Store store, String object, TrustedSigners signers) {
    SignedManifest there = SignedManifest.read(store, object, signers);
    Optional<Manifest> trusted = there.trusted();
    if (trusted.isEmpty()) {
      throw blocked(store, object, there.trouble().orElse("it cannot be trusted"));
    }
    String id = trusted.get().id();
    String data = new BackupId(id).data();
    if (store.list().stream().noneMatch(each -> each.name().equals(data))) {
      throw blocked(store, object, "its data is missing");
    }
    return new Taken(object, store.name(), id);
  }

  /// Loud, and not overwritten: it may be a good backup whose signer is not known here yet.
  private static StoreException blocked(Store store, String object, String why) {
    return new StoreException(
        StoreException.Reason.EXISTS,
        "store %s has a manifest of this slot that is no backup, %s: %s"
                .formatted(store.name(), object, why)
            + "\nhint: lifeboat list shows it; trust its signer, or move the object away");
  }
}
