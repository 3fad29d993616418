package dev.lifeboat.keys;

import dev.lifeboat.keys.KeyException.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The signers that a reader has pinned: one [SignerKey] a line, `#` for comments. Keys of former
/// nodes stay in it, or their backups could no longer be trusted.
public final class TrustedSigners {
  private final List<SignerKey> signers;

  private TrustedSigners(List<SignerKey> signers) {
    this.signers = List.copyOf(signers);
  }

  /// Refuses an empty file and a key that stands in it twice.
  public static TrustedSigners read(Path file) {
    var signers = new ArrayList<SignerKey>();
    Map<String, String> seen = new HashMap<>();
    for (KeyFiles.NumberedLine line : KeyFiles.lines(KeyKind.SIGNER, file)) {
      SignerKey signer = SignerKey.parse(line.text(), line.where());
      String before = seen.putIfAbsent(signer.id(), line.where());
      if (before != null) {
        throw KeyLine.bad(line.where(), "signer " + signer.id() + " is in " + before, "remove one");
      }
      signers.add(signer);
    }
    if (signers.isEmpty()) {
      throw KeyLine.bad(
          file.toString(),
          "no signer in it, so no backup could be trusted",
          "put the public signer line of every node here");
    }
    return new TrustedSigners(signers);
  }

  public static TrustedSigners of(List<SignerKey> signers) {
    return new TrustedSigners(signers);
  }

  public List<SignerKey> all() {
    return signers;
  }

  /// The content of a signed document and who signed it; [KeyException] when it cannot be trusted.
  ///
  /// That a pinned key signed it does not say what it is: check the content's `type`.
  public Opened open(byte[] document) {
    SignedDocument parts = SignedDocument.split(document);
    SignerKey signer =
        signers.stream()
            .filter(pinned -> pinned.id().equals(parts.signerId()))
            .findFirst()
            .orElseThrow(() -> unknown(parts.signerId()));
    if (!signer.verifies(parts.content(), parts.signature())) {
      throw new KeyException(
          Reason.BAD_SIGNATURE,
          "the signature of %s (%s) does not match the document"
                  .formatted(signer.id(), signer.node())
              + "\nhint: it was changed after signing, or never signed by that node; do not trust"
              + " it, fetch it from another store");
    }
    return new Opened(parts.content(), signer);
  }

  private KeyException unknown(String signerId) {
    return new KeyException(
        Reason.UNKNOWN_SIGNER,
        "signed by %s, which is none of the %d trusted signers".formatted(signerId, signers.size())
            + "\nhint: if it is a node of yours, add its public signer line to the trusted"
            + " signers; otherwise somebody forged it");
  }

  /// The content without any check of the signature, for showing what a document claims.
  public static byte[] contentUnchecked(byte[] document) {
    return SignedDocument.split(document).content();
  }

  public record Opened(byte[] content, SignerKey signer) {}
}
