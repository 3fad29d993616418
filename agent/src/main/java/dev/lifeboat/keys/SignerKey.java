package dev.lifeboat.keys;

import com.google.crypto.tink.subtle.Ed25519Verify;
import java.security.GeneralSecurityException;

/// The public half of a node's signing key (Ed25519): `lifeboat-signer-1 BASE64 NODE`, 32 raw
/// bytes. `id` is the first 16 hex digits of the SHA-256 of those bytes.
public record SignerKey(String id, String base64, String node) {
  public SignerKey {
    node = KeyLine.requireComment(node);
    if (node.isEmpty()) {
      throw new IllegalArgumentException("the name of the signer's node is empty");
    }
    if (!id.equals(KeyLine.id(KeyLine.decodeCanonical(base64)))) {
      throw new IllegalArgumentException("the id " + id + " is not this key's");
    }
  }

  static SignerKey of(byte[] publicBytes, String node) {
    return new SignerKey(KeyLine.id(publicBytes), KeyLine.encode(publicBytes), node);
  }

  public static SignerKey parse(String line) {
    return parse(line, "signer key");
  }

  static SignerKey parse(String line, String where) {
    KeyLine key = KeyLine.parse(KeyKind.SIGNER, line, where);
    if (key.comment().isEmpty()) {
      throw KeyLine.bad(
          where, "the node's name after the key is missing", "append the name of its node");
    }
    return of(key.raw(), key.comment());
  }

  boolean verifies(byte[] content, byte[] signature) {
    try {
      new Ed25519Verify(KeyLine.decodeCanonical(base64)).verify(signature, content);
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /// The line, without a line end.
  @Override
  public String toString() {
    return KeyLine.write(KeyKind.SIGNER, base64, node);
  }
}
