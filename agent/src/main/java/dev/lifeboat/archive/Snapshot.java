package dev.lifeboat.archive;

import java.io.InputStream;

/// The raft snapshot archive of both products: gzip of a tar of exactly `meta.json`, `state.bin`,
/// `SHA256SUMS` and `SHA256SUMS.sealed`.
public final class Snapshot {
  private Snapshot() {}

  /// Reads to the end and proves everything that can be proven without the seal: the four members,
  /// each SHA-256, the size, the gzip trailer, no trailing bytes. Bounded memory.
  ///
  /// An [java.io.IOException] of the source is thrown as [java.io.UncheckedIOException].
  public static SnapshotFacts verify(InputStream snap) {
    throw new UnsupportedOperationException("skeleton");
  }
}
