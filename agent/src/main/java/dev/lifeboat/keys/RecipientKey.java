package dev.lifeboat.keys;

/// The public half of a key that can open backups (X25519, for HPKE).
///
/// One line of text, as in a `recipients` file: `lifeboat-recipient-1 BASE64 COMMENT`, 32 raw bytes
/// in standard Base64. `id` is the first 16 hex digits of the SHA-256 of those bytes.
public record RecipientKey(String id, String base64, String comment) {
  public static RecipientKey parse(String line) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Wraps a data key for this recipient: HPKE `DHKEM_X25519_HKDF_SHA256 / HKDF_SHA256 /
  /// AES_256_GCM`, 32 bytes of encapsulated key and then the ciphertext.
  ///
  /// @param backupId bound as HPKE info `lifeboat data key 1 BACKUP_ID`, so a wrapped key moved to
  ///   another backup does not open
  public byte[] wrap(DataKey dataKey, String backupId) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The line, without a line end.
  @Override
  public String toString() {
    throw new UnsupportedOperationException("skeleton");
  }
}
