package dev.lifeboat.keys;

/// The public half of a node's signing key (Ed25519): `lifeboat-signer-1 BASE64 NODE`, 32 raw
/// bytes. `id` is the first 16 hex digits of the SHA-256 of those bytes.
public record SignerKey(String id, String base64, String node) {
  public static SignerKey parse(String line) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The line, without a line end.
  @Override
  public String toString() {
    throw new UnsupportedOperationException("skeleton");
  }
}
