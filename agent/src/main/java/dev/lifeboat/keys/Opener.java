package dev.lifeboat.keys;

import java.util.Optional;

/// Whoever can open data keys: a private key on this machine, or a service that keeps one.
public interface Opener {
  /// The id of the recipient whose documents it opens; empty when only the documents tell.
  Optional<String> recipientId();

  /// Whether this document was made for it.
  boolean fits(WrappedKey key);

  /// [KeyException] when it does not open.
  ///
  /// @param backupId of the backup to open, from its manifest: a document of another backup fails
  DataKey open(WrappedKey key, String backupId);

  /// For messages: `identity 0123456789abcdef (escrow)`.
  String words();
}
