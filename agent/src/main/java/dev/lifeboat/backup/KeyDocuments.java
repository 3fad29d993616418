package dev.lifeboat.backup;

import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;

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

  /// Opens the data key; `WRONG_KEY` when there is no document for this identity.
  DataKey dataKey(RecipientIdentity identity) {
    String recipientId = identity.recipient().id();
    try {
      return read(recipientId).unwrap(identity, id.text());
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.NOT_FOUND) {
        throw wrongKey(recipientId, e);
      }
      throw e;
    }
  }

  private KeyException wrongKey(String recipientId, Throwable cause) {
    return new KeyException(
        KeyException.Reason.WRONG_KEY,
        "backup %s was not encrypted to %s (store %s has no key for it)"
                .formatted(id, recipientId, store.name())
            + "\nhint: lifeboat inspect %s names the recipients".formatted(id),
        cause);
  }
}
