package dev.lifeboat.keys;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.LowLevelCryptoCaller;
import com.google.crypto.tink.hybrid.HpkePrivateKey;
import com.google.crypto.tink.hybrid.subtle.HpkeDecrypt;
import com.google.crypto.tink.subtle.X25519;
import com.google.crypto.tink.util.SecretBytes;
import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyException.Reason;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Optional;

/// The private half of a [RecipientKey]: opens backups. A file of one line, `lifeboat-identity-1
/// BASE64 COMMENT`, mode 0600.
public final class RecipientIdentity implements Opener {
  /// 32 bytes of encapsulated key, 32 of data key, 16 of tag.
  private static final int WRAPPED_BYTES = 80;

  private final byte[] raw;
  private final RecipientKey recipient;

  RecipientIdentity(byte[] raw, String comment) {
    this.raw = raw;
    try {
      this.recipient = RecipientKey.of(X25519.publicFromPrivate(raw), comment);
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("32 bytes are always an X25519 key", e);
    }
  }

  public static RecipientIdentity generate(String comment) {
    return new RecipientIdentity(X25519.generatePrivateKey(), comment);
  }

  /// Refuses a file that others than its owner can read.
  public static RecipientIdentity read(Path file) {
    if (ProtectedIdentity.isProtected(file)) {
      throw KeyLine.bad(
          file.toString(), "it is protected by a passphrase", "--passphrase-file FILE opens it");
    }
    KeyLine key = KeyFiles.readPrivate(KeyKind.IDENTITY, file);
    return new RecipientIdentity(key.raw(), key.comment());
  }

  public RecipientKey recipient() {
    return recipient;
  }

  /// The data key that [RecipientKey#wrap] wrapped for this identity and this backup.
  @AccessesPartialKey
  @LowLevelCryptoCaller
  public DataKey unwrap(byte[] wrapped, String backupId) {
    if (wrapped.length != WRAPPED_BYTES) {
      throw new KeyException(
          Reason.BAD_DOCUMENT,
          "the wrapped data key of backup %s has %d bytes, expected %d"
              .formatted(backupId, wrapped.length, WRAPPED_BYTES));
    }
    byte[] dataKey;
    try {
      var hpkeKey =
          HpkePrivateKey.create(
              recipient.hpkeKey(), SecretBytes.copyFrom(raw, InsecureSecretKeyAccess.get()));
      dataKey = HpkeDecrypt.create(hpkeKey).decrypt(wrapped, RecipientKey.info(backupId));
    } catch (GeneralSecurityException e) {
      throw new KeyException(
          Reason.WRONG_KEY,
          "identity %s (%s) does not open this data key of backup %s"
                  .formatted(recipient.id(), recipient.comment(), backupId)
              + "\nhint: it was wrapped for another recipient or another backup; the manifest lists"
              + " the recipients",
          e);
    }
    try {
      return DataKey.of(dataKey);
    } finally {
      Arrays.fill(dataKey, (byte) 0);
    }
  }

  @Override
  public Optional<String> recipientId() {
    return Optional.of(recipient.id());
  }

  @Override
  public boolean fits(WrappedKey key) {
    return recipient.has(key);
  }

  @Override
  public DataKey open(WrappedKey key, String backupId) {
    return key.unwrap(this, backupId);
  }

  @Override
  public String words() {
    return "identity " + recipient.words();
  }

  /// A copy of the private bytes, to be protected by a passphrase; the caller zeroes it.
  byte[] revealBytes() {
    return raw.clone();
  }

  /// The line for the private file.
  public Secret line() {
    return new Secret(KeyLine.write(KeyKind.IDENTITY, KeyLine.encode(raw), recipient.comment()));
  }

  @Override
  public String toString() {
    return "identity of " + recipient.id();
  }
}
