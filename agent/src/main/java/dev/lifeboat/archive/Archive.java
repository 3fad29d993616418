package dev.lifeboat.archive;

import dev.lifeboat.archive.ArchiveException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What is in a container: the snapshot of a raft cluster, or the dump of a database in
/// PostgreSQL's custom format. Which one, its first bytes say.
final class Archive {
  /*
   *   dump = "PGDMP" major minor revision int-size offset-size format …
   *
   * as pg_dump writes it (src/bin/pg_dump/pg_backup_archiver.c, WriteHead); format 1 is custom.
   * A dump has no sums of its own: that it is whole says pg_dump by its exit code, that it can be
   * restored says pg_restore (see the package postgresql), and that it is still the same says the
   * SHA-256 of the manifest.
   */
  private static final byte[] DUMP = "PGDMP".getBytes(StandardCharsets.US_ASCII);
  private static final int HEAD_BYTES = 6;
  private static final int CUSTOM = 1;

  private Archive() {}

  /// Reads to the end and proves what can be proven without the server. Bounded memory.
  ///
  /// An [IOException] of the source is thrown as [UncheckedIOException].
  static ArchiveFacts verify(InputStream archive) {
    PushbackInputStream source = new PushbackInputStream(archive, DUMP.length);
    try {
      byte[] first = source.readNBytes(DUMP.length);
      source.unread(first);
      return Arrays.equals(first, DUMP) ? dump(source) : Snapshot.verify(source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DumpFacts dump(InputStream source) throws IOException {
    var hashed = new HashedInput(source);
    hashed.readNBytes(DUMP.length);
    byte[] head = hashed.readNBytes(HEAD_BYTES);
    if (head.length < HEAD_BYTES || head[HEAD_BYTES - 1] != CUSTOM) {
      throw new ArchiveException(
          Reason.NOT_A_SNAPSHOT, "a dump of PostgreSQL, but not a whole one in the custom format");
    }
    hashed.transferTo(OutputStream.nullOutputStream());
    return new DumpFacts("%d.%d".formatted(head[0], head[1]), hashed.bytes(), hashed.sha256Hex());
  }
}
