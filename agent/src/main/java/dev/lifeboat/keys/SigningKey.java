package dev.lifeboat.keys;

import dev.lifeboat.config.Secret;
import java.nio.file.Path;

/// The private half of a [SignerKey]: `lifeboat-signing-key-1 BASE64 NODE`, mode 0600.
public final class SigningKey {
  private SigningKey() {}

  public static SigningKey generate(String node) {
    throw new UnsupportedOperationException("skeleton");
  }

  public static SigningKey read(Path file) {
    throw new UnsupportedOperationException("skeleton");
  }

  public SignerKey signer() {
    throw new UnsupportedOperationException("skeleton");
  }

  public Secret line() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The document: `content`, then the line `-- lifeboat-signature-1 SIGNER_ID BASE64\n`.
  ///
  /// @param content must end with a line end
  public byte[] sign(byte[] content) {
    throw new UnsupportedOperationException("skeleton");
  }
}
