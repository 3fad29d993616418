package dev.lifeboat.archive;

import java.util.Locale;

/// A snapshot, or the container around it, is not whole.
public final class ArchiveException extends RuntimeException {
  public enum Reason {
    /// It ends early, whatever the transport said.
    TRUNCATED,
    /// Not a gzip'd tar at all.
    NOT_A_SNAPSHOT,
    /// A member is missing, doubled or unknown.
    MEMBERS,
    /// A SHA-256 of `SHA256SUMS`, or a size, does not match; or the compressed data or a tar header
    /// is damaged.
    CHECKSUM,
    /// `meta.json` is not what it should be.
    METADATA,
    /// Bytes after the end of the tar or of the gzip member, or a trailer whose sum is wrong.
    TRAILER,
    /// The container does not decrypt: changed, cut, reordered, or another key.
    DECRYPTION;

    /// The `reason` label: `truncated`.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  public ArchiveException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public ArchiveException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
