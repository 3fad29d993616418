package dev.lifeboat.keys;

import java.nio.file.Path;
import java.util.List;

/// The signers that a reader has pinned: one [SignerKey] a line, `#` for comments. Keys of former
/// nodes stay in it, or their backups could no longer be trusted.
public final class TrustedSigners {
  private TrustedSigners() {}

  public static TrustedSigners read(Path file) {
    throw new UnsupportedOperationException("skeleton");
  }

  public static TrustedSigners of(List<SignerKey> signers) {
    throw new UnsupportedOperationException("skeleton");
  }

  public List<SignerKey> all() {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The content of a signed document and who signed it; [KeyException] when it cannot be trusted.
  public Opened open(byte[] document) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// The content without any check of the signature, for showing what a document claims.
  public static byte[] contentUnchecked(byte[] document) {
    throw new UnsupportedOperationException("skeleton");
  }

  public record Opened(byte[] content, SignerKey signer) {}
}
