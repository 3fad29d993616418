package dev.lifeboat.archive;

import dev.lifeboat.keys.DataKey;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.LongConsumer;

/// The encrypted file around one snapshot: Tink streaming AEAD, AES-256-GCM-HKDF, 64 KiB segments,
/// associated data `lifeboat snapshot 1 BACKUP_ID`.
public final class Container {
  private Container() {}

  /// Streams `snap` through [Snapshot#verify] and encryption at the same time into `file`. Closes
  /// neither. Only what was wholly verified returns; the caller throws away the file of a call that
  /// threw.
  ///
  /// @param progress told of the plain bytes so far, on the calling thread
  public static Sealed seal(
      InputStream snap, OutputStream file, DataKey key, String backupId, LongConsumer progress) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Decrypts `file` to its end, verifies the snapshot in it, and writes it to `plain`
  /// (`OutputStream.nullOutputStream()` to verify only).
  public static Sealed open(InputStream file, OutputStream plain, DataKey key, String backupId) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// Reads a container back and proves that it decrypts to the snapshot with this SHA-256 and size;
  /// quicker than [#open], since the archive inside was verified when it was sealed.
  public static void proveSame(InputStream file, DataKey key, String backupId, Sealed expected) {
    throw new UnsupportedOperationException("skeleton");
  }

  /// @param storedBytes size of the container; @param storedSha256 lower-case hex of all of it
  public record Sealed(SnapshotFacts facts, long storedBytes, String storedSha256) {}
}
