package dev.lifeboat.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// The raft snapshot archive of both products: gzip of a tar of exactly `meta.json`, `state.bin`,
/// `SHA256SUMS` and `SHA256SUMS.sealed`.
public final class Snapshot {
  private Snapshot() {}

  /// Reads to the end and proves everything that can be proven without the seal: the four members,
  /// each SHA-256, the size, the gzip trailer, no trailing bytes. Bounded memory.
  ///
  /// What it cannot prove is that the content belongs to `SHA256SUMS.sealed`: only the seal can, in
  /// a restore.
  ///
  /// An [IOException] of the source is thrown as [UncheckedIOException].
  public static SnapshotFacts verify(InputStream snap) {
    try {
      return SnapshotReader.read(snap);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
