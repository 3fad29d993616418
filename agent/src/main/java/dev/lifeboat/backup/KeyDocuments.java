package dev.lifeboat.backup;

import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.util.List;
import java.util.Optional;

/// The signed wrapped keys of one backup in one store.
record KeyDocuments(Store store, BackupId id, TrustedSigners signers) {
  static final int BYTES_MAX = 64 << 10;

  /// The document for one recipient, trusted and about this backup and this recipient;
  /// [KeyException] or [StoreException] says why not.
  WrappedKey read(String recipientId) {
    return read(id.key(recipientId), recipientId);
  }

  private WrappedKey read(String object, String recipientId) {
    WrappedKey key = WrappedKey.parse(signers.open(store.read(object, BYTES_MAX)).content());
    if (!key.backup().equals(id.text())) {
      throw new KeyException(
          KeyException.Reason.BAD_DOCUMENT, "it is a key of another backup, " + key.backup());
    }
    if (!key.recipient().equals(recipientId)) {
      throw new KeyException(
          KeyException.Reason.BAD_DOCUMENT,
          "it is the key of another recipient, " + key.recipient());
    }
    return key;
  }

  /// The document made for whoever opens; empty when there is none. One that cannot be trusted is
  /// thrown when no other fits.
  Optional<WrappedKey> find(Opener opener) {
    Optional<String> recipientId = opener.recipientId();
    if (recipientId.isPresent()) {
      try {
        return Optional.of(read(recipientId.get())).filter(opener::fits);
      } catch (StoreException e) {
        if (e.reason() == StoreException.Reason.NOT_FOUND) {
          return Optional.empty();
        }
        throw e;
      }
    }
    Optional<KeyException> untrusted = Optional.empty();
    for (String recipient : recipients()) {
      try {
        WrappedKey key = read(recipient);
        if (opener.fits(key)) {
          return Optional.of(key);
        }
      } catch (KeyException e) {
        untrusted = Optional.of(e);
      }
    }
    if (untrusted.isPresent()) {
      throw untrusted.get();
    }
    return Optional.empty();
  }

  /// The ids of the recipients for whom there is a document, trusted or not.
  List<String> recipients() {
    return store.list().stream()
        .map(Store.StoredObject::name)
        .filter(name -> BackupId.ofObject(name).filter(id::equals).isPresent() && id.isKey(name))
        .map(id::recipientOf)
        .toList();
  }

  /// Opens the data key; `WRONG_KEY` when there is no document for whoever opens.
  DataKey dataKey(Opener opener) {
    return opener.open(find(opener).orElseThrow(() -> wrongKey(opener)), id.text());
  }

  private KeyException wrongKey(Opener opener) {
    return new KeyException(
        KeyException.Reason.WRONG_KEY,
        "backup %s was not encrypted to %s (store %s has no key for it)"
                .formatted(id, opener.words(), store.name())
            + "\nhint: lifeboat inspect %s names the recipients".formatted(id));
  }
}
