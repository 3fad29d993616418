package dev.lifeboat.keys;

import com.google.crypto.tink.subtle.Ed25519Sign;
import dev.lifeboat.config.Secret;
import java.nio.file.Path;
import java.security.GeneralSecurityException;

/// The private half of a [SignerKey]: `lifeboat-signing-key-1 BASE64 NODE`, mode 0600.
public final class SigningKey {
  private final byte[] raw;
  private final SignerKey signer;

  private SigningKey(byte[] raw, String node) {
    this.raw = raw;
    try {
      var pair = Ed25519Sign.KeyPair.newKeyPairFromSeed(raw);
      this.signer = SignerKey.of(pair.getPublicKey(), node);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("32 bytes are always an Ed25519 seed", e);
    }
  }

  public static SigningKey generate(String node) {
    try {
      return new SigningKey(Ed25519Sign.KeyPair.newKeyPair().getPrivateKey(), node);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Ed25519 is not available", e);
    }
  }

  /// Refuses a file that others than its owner can read.
  public static SigningKey read(Path file) {
    KeyLine key = KeyFiles.readPrivate(KeyKind.SIGNING_KEY, file);
    if (key.comment().isEmpty()) {
      throw KeyLine.bad(
          file.toString(),
          "the node's name after the key is missing",
          "append the name of this node to the line");
    }
    return new SigningKey(key.raw(), key.comment());
  }

  public SignerKey signer() {
    return signer;
  }

  public Secret line() {
    return new Secret(KeyLine.write(KeyKind.SIGNING_KEY, KeyLine.encode(raw), signer.node()));
  }

  /// The document: `content`, then the line `-- lifeboat-signature-1 SIGNER_ID BASE64\n`.
  ///
  /// @param content must end with a line end
  public byte[] sign(byte[] content) {
    byte[] signature;
    try {
      signature = new Ed25519Sign(raw).sign(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("signing failed", e);
    }
    return SignedDocument.join(content, signer.id(), signature);
  }

  @Override
  public String toString() {
    return "signing key of " + signer.id();
  }
}
