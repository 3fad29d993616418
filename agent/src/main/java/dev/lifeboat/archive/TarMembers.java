package dev.lifeboat.archive;

import dev.lifeboat.archive.ArchiveException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;

/// The members of the tar inside a snapshot, one after the other.
final class TarMembers {
  /*
   * Commons Compress decodes and sums the header blocks; walking from block to block is done here.
   * Its TarArchiveInputStream does not compare header sums, takes the end of the input for the end
   * of the archive, skips unseen what follows the first zero block, and reads an extended header
   * of any announced length into memory.
   *
   *   archive = *( [ pax ] header body padding ) 2*zero-block     then zeros only
   *
   * Both products write plain ustar headers and two zero blocks. A body of 8 GiB or more does not
   * fit into one: Go then puts a pax header with its size in front.
   */
  private static final int BLOCK_BYTES = 512;
  private static final int PAX_BYTES_MAX = 8 << 10;

  /// @param sizeBytes of the body that follows
  record Member(String name, long sizeBytes) {}

  private final GzipMember source;
  private final byte[] block = new byte[BLOCK_BYTES];
  private String last = "";
  private long remaining;
  private int padding;

  TarMembers(GzipMember source) {
    this.source = source;
  }

  /// The next regular file, whose body must then be read whole; empty when the archive has ended as
  /// it should.
  Optional<Member> next() throws IOException {
    skipPadding();
    if (!readBlock()) {
      requireEnd();
      return Optional.empty();
    }
    TarArchiveEntry entry = header();
    Pax pax = Pax.NONE;
    if (entry.getLinkFlag() == TarConstants.LF_PAX_EXTENDED_HEADER_LC) {
      pax = readPax(entry);
      if (!readBlock()) {
        throw truncated("after an extended header");
      }
      entry = header();
    }
    String name = pax.path().orElse(entry.getName());
    if (entry.getLinkFlag() != TarConstants.LF_NORMAL
        && entry.getLinkFlag() != TarConstants.LF_OLDNORM) {
      throw new ArchiveException(
          Reason.MEMBERS,
          "member %s is no regular file (tar type '%s')"
              .formatted(SnapshotReader.quoted(name), (char) entry.getLinkFlag()));
    }
    begin(name, pax.size().orElse(entry.getSize()));
    return Optional.of(new Member(name, remaining));
  }

  /// Bytes of the body of the current member; -1 at its end.
  int read(byte[] buffer) throws IOException {
    if (remaining == 0) {
      return -1;
    }
    int count = source.read(buffer, 0, (int) Math.min(buffer.length, remaining));
    if (count < 0) {
      throw truncated("%d bytes before the end of %s".formatted(remaining, last));
    }
    remaining -= count;
    return count;
  }

  private void begin(String name, long sizeBytes) {
    if (sizeBytes < 0) {
      throw damaged("a negative size of " + SnapshotReader.quoted(name));
    }
    last = SnapshotReader.quoted(name);
    remaining = sizeBytes;
    padding = (int) (-sizeBytes & (BLOCK_BYTES - 1));
  }

  private TarArchiveEntry header() {
    try {
      if (TarUtils.verifyCheckSum(block)) {
        return new TarArchiveEntry(block);
      }
    } catch (IllegalArgumentException | UncheckedIOException e) {
      // A number in it that is none: no header, as with a wrong checksum.
    }
    if (last.isEmpty()) {
      throw new ArchiveException(
          Reason.NOT_A_SNAPSHOT,
          "not a snapshot: inside the gzip is no tar\nhint: is this the right file?");
    }
    throw damaged("the tar header after %s is damaged".formatted(last));
  }

  private record Pax(Optional<String> path, Optional<Long> size) {
    static final Pax NONE = new Pax(Optional.empty(), Optional.empty());
  }

  private Pax readPax(TarArchiveEntry header) throws IOException {
    if (header.getSize() > PAX_BYTES_MAX) {
      throw new ArchiveException(
          Reason.MEMBERS,
          "an extended tar header of %d bytes, at most %d"
              .formatted(header.getSize(), PAX_BYTES_MAX));
    }
    begin("an extended header", header.getSize());
    byte[] body = new byte[(int) header.getSize()];
    for (int read = 0; read < body.length; ) {
      byte[] piece = new byte[body.length - read];
      int count = read(piece);
      System.arraycopy(piece, 0, body, read, count);
      read += count;
    }
    skipPadding();
    return parsePax(new String(body, StandardCharsets.UTF_8));
  }

  /// Records of `LENGTH KEY=VALUE\n`; the length counts itself. Only ASCII ones matter to us.
  private static Pax parsePax(String text) {
    Pax pax = Pax.NONE;
    try {
      for (int from = 0; from < text.length(); ) {
        int space = text.indexOf(' ', from);
        int end = from + Integer.parseInt(text.substring(from, space));
        int equals = text.indexOf('=', space);
        if (equals > end - 1 || text.charAt(end - 1) != '\n') {
          throw damaged("an extended tar header does not parse");
        }
        String value = text.substring(equals + 1, end - 1);
        pax =
            switch (text.substring(space + 1, equals)) {
              case "path" -> new Pax(Optional.of(value), pax.size());
              case "size" -> new Pax(pax.path(), Optional.of(Long.parseLong(value)));
              default -> pax;
            };
        from = end;
      }
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      throw damaged("an extended tar header does not parse");
    }
    return pax;
  }

  /// The first of the two zero blocks has been read.
  private void requireEnd() throws IOException {
    if (readBlock()) {
      throw damaged("a single zero block after %s, expected two".formatted(last));
    }
    int count;
    while ((count = source.read(block, 0, BLOCK_BYTES)) >= 0) {
      requireZeros(count, "after the end of the archive");
    }
  }

  private void skipPadding() throws IOException {
    while (padding > 0) {
      int count = source.read(block, 0, padding);
      if (count < 0) {
        throw truncated("in the padding after " + last);
      }
      requireZeros(count, "in the padding after " + last);
      padding -= count;
    }
  }

  private void requireZeros(int count, String where) {
    for (int i = 0; i < count; i++) {
      if (block[i] != 0) {
        throw new ArchiveException(Reason.TRAILER, "bytes other than zero " + where);
      }
    }
  }

  /// False when the block is all zeros.
  private boolean readBlock() throws IOException {
    int read = 0;
    while (read < BLOCK_BYTES) {
      int count = source.read(block, read, BLOCK_BYTES - read);
      if (count < 0) {
        throw truncated(
            last.isEmpty() ? "before its first member" : "without an end mark after " + last);
      }
      read += count;
    }
    for (byte value : block) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }

  private static ArchiveException truncated(String where) {
    return GzipMember.truncated("in the tar, " + where);
  }

  private static ArchiveException damaged(String what) {
    return new ArchiveException(
        Reason.CHECKSUM, what + "\nhint: take the snapshot again, or fetch another copy");
  }
}
