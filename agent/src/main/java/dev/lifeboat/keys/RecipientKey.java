package dev.lifeboat.keys;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.LowLevelCryptoCaller;
import com.google.crypto.tink.hybrid.HpkeParameters;
import com.google.crypto.tink.hybrid.HpkePublicKey;
import com.google.crypto.tink.hybrid.subtle.HpkeEncrypt;
import com.google.crypto.tink.util.Bytes;
import dev.lifeboat.keys.KeyException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The public half of a key that can open backups (X25519, for HPKE).
///
/// One line of text, as in a `recipients` file: `lifeboat-recipient-1 BASE64 COMMENT`, 32 raw bytes
/// in standard Base64. `id` is the first 16 hex digits of the SHA-256 of those bytes.
public record RecipientKey(String id, String base64, String comment) implements Recipient {
  public RecipientKey {
    comment = KeyLine.requireComment(comment);
    if (!id.equals(KeyLine.id(KeyLine.decodeCanonical(base64)))) {
      throw new IllegalArgumentException("the id " + id + " is not this key's");
    }
  }

  static RecipientKey of(byte[] publicBytes, String comment) {
    return new RecipientKey(KeyLine.id(publicBytes), KeyLine.encode(publicBytes), comment);
  }

  public static RecipientKey parse(String line) {
    return parse(line, "recipient key");
  }

  /// The keys of a recipients file, in its order: one a line, blank lines and `#` comments aside.
  /// Refuses an empty file and a key that stands in it twice.
  public static List<RecipientKey> readAll(Path file) {
    var recipients = new ArrayList<RecipientKey>();
    Map<String, String> seen = new HashMap<>();
    for (KeyFiles.NumberedLine line : KeyFiles.lines(KeyKind.RECIPIENT, file)) {
      RecipientKey recipient = parse(line.text(), line.where());
      String before = seen.putIfAbsent(recipient.id(), line.where());
      if (before != null) {
        throw KeyLine.bad(
            line.where(), "recipient " + recipient.id() + " is in " + before, "remove one");
      }
      recipients.add(recipient);
    }
    if (recipients.isEmpty()) {
      throw KeyLine.bad(
          file.toString(),
          "no recipient in it, so nobody could open a backup",
          "make one with 'lifeboat keys generate' and put its public line here");
    }
    return List.copyOf(recipients);
  }

  private static RecipientKey parse(String line, String where) {
    KeyLine key = KeyLine.parse(KeyKind.RECIPIENT, line, where);
    return of(key.raw(), key.comment());
  }

  /// Wraps a data key for this recipient: HPKE `DHKEM_X25519_HKDF_SHA256 / HKDF_SHA256 /
  /// AES_256_GCM`, 32 bytes of encapsulated key and then the ciphertext.
  ///
  /// @param backupId bound as HPKE info `lifeboat data key 1 BACKUP_ID`, so a wrapped key moved to
  ///   another backup does not open
  @LowLevelCryptoCaller
  public byte[] wrap(DataKey dataKey, String backupId) {
    byte[] raw = dataKey.revealBytes();
    try {
      return HpkeEncrypt.create(hpkeKey()).encrypt(raw, info(backupId));
    } catch (GeneralSecurityException e) {
      throw new KeyException(
          Reason.BAD_KEY_FILE,
          "nothing can be encrypted for recipient %s (%s)\nhint: its line is damaged; ask its owner"
                  .formatted(id, comment)
              + " for the public line again",
          e);
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  @Override
  public boolean has(WrappedKey key) {
    return key.recipient().equals(id);
  }

  @Override
  public WrappedKey wrapped(DataKey dataKey, String clusterId, String backupId) {
    return WrappedKey.wrap(this, dataKey, backupId);
  }

  @Override
  public String words() {
    return comment.isEmpty() ? id : "%s (%s)".formatted(id, comment);
  }

  @AccessesPartialKey
  HpkePublicKey hpkeKey() throws GeneralSecurityException {
    var parameters =
        HpkeParameters.builder()
            .setVariant(HpkeParameters.Variant.NO_PREFIX)
            .setKemId(HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256)
            .setKdfId(HpkeParameters.KdfId.HKDF_SHA256)
            .setAeadId(HpkeParameters.AeadId.AES_256_GCM)
            .build();
    return HpkePublicKey.create(
        parameters, Bytes.copyFrom(KeyLine.decodeCanonical(base64)), /* idRequirement= */ null);
  }

  static byte[] info(String backupId) {
    return ("lifeboat data key 1 " + backupId).getBytes(StandardCharsets.UTF_8);
  }

  /// The line, without a line end.
  @Override
  public String toString() {
    return KeyLine.write(KeyKind.RECIPIENT, base64, comment);
  }
}
