package dev.lifeboat.archive;

import dev.lifeboat.archive.ArchiveException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Exactly one gzip member (RFC 1952) followed by nothing, inflated as it is read.
///
/// The end is answered only when everything before it is proven: CRC-32, length, and that the
/// source ends after the trailer.
final class GzipMember implements AutoCloseable {
  /*
   * java.util.zip.GZIPInputStream cannot be used here. It accepts several members after each
   * other, and it ignores bytes after the trailer that do not look like another member.
   *
   * Of the header, three fields carry no meaning for the content and are not checked: MTIME, XFL
   * and OS. Flag FTEXT is a hint and is accepted. Everything else that the header may carry is
   * parsed, and its own checksum compared when it has one.
   */
  private static final int FHCRC = 2;
  private static final int FEXTRA = 4;
  private static final int FNAME = 8;
  private static final int FCOMMENT = 16;
  private static final int RESERVED = 0xe0;
  private static final int HEADER_BYTES_MAX = 64 << 10;

  private final InputStream source;
  private final Inflater inflater = new Inflater(/* nowrap= */ true);
  private final CRC32 crc = new CRC32();
  private final byte[] input = new byte[64 << 10];
  private int position;
  private int limit;
  private long inflatedBytes;
  private boolean started;
  private boolean proven;

  GzipMember(InputStream source) {
    this.source = source;
  }

  /// Inflated bytes, at least one; -1 when the member ended and nothing follows it.
  int read(byte[] buffer, int offset, int length) throws IOException {
    if (!started) {
      readHeader();
      inflater.setInput(input, position, limit - position);
      started = true;
    }
    if (proven) {
      return -1;
    }
    int count = inflate(buffer, offset, length);
    if (count == 0) {
      position = limit - inflater.getRemaining();
      readTrailer();
      proven = true;
      return -1;
    }
    crc.update(buffer, offset, count);
    inflatedBytes += count;
    return count;
  }

  /// 0 at the end of the compressed data.
  private int inflate(byte[] buffer, int offset, int length) throws IOException {
    try {
      int count = 0;
      while (count == 0 && !inflater.finished()) {
        count = inflater.inflate(buffer, offset, length);
        if (count == 0 && inflater.needsInput()) {
          if (!fill()) {
            throw truncated("in the compressed data, after %d bytes".formatted(inflatedBytes));
          }
          inflater.setInput(input, 0, limit);
        }
      }
      return count;
    } catch (DataFormatException e) {
      throw new ArchiveException(
          Reason.CHECKSUM,
          "the gzip data is damaged after %d bytes of content: %s"
                  .formatted(inflatedBytes, e.getMessage())
              + "\nhint: take the snapshot again, or fetch another copy",
          e);
    }
  }

  private void readHeader() throws IOException {
    var header = new CRC32();
    int id1 = next();
    if (id1 < 0) {
      throw new ArchiveException(
          Reason.TRUNCATED,
          "the snapshot is empty\nhint: the server ended the answer before the first byte; its log"
              + " says why");
    }
    int id2 = next();
    if (id1 != 0x1f || (id2 >= 0 && id2 != 0x8b)) {
      throw notGzip("it begins with %02x, a gzip file with 1f 8b".formatted(id1));
    }
    header.update(id1);
    header.update(headerByte(id2));
    int method = headerByte(header);
    if (method != 8) {
      throw notGzip("its compression method is %d, expected 8 (deflate)".formatted(method));
    }
    int flags = headerByte(header);
    if ((flags & RESERVED) != 0) {
      throw notGzip("its header has reserved flags (%02x)".formatted(flags));
    }
    for (int i = 0; i < 6; i++) { // MTIME, XFL, OS
      var _ = headerByte(header);
    }
    readOptionalFields(flags, header);
    if ((flags & FHCRC) != 0) {
      int expected = (int) header.getValue() & 0xffff;
      int found = headerByte(header) | headerByte(header) << 8;
      if (found != expected) {
        throw notGzip("its header has the checksum %04x, not %04x".formatted(found, expected));
      }
    }
  }

  private void readOptionalFields(int flags, CRC32 header) throws IOException {
    if ((flags & FEXTRA) != 0) {
      int extra = headerByte(header) | headerByte(header) << 8;
      for (int i = 0; i < extra; i++) {
        var _ = headerByte(header);
      }
    }
    for (int field : new int[] {FNAME, FCOMMENT}) {
      int length = 0;
      while ((flags & field) != 0 && headerByte(header) != 0) {
        if (++length > HEADER_BYTES_MAX) {
          throw notGzip("its header is longer than %d bytes".formatted(HEADER_BYTES_MAX));
        }
      }
    }
  }

  private int headerByte(CRC32 header) throws IOException {
    int value = headerByte(next());
    header.update(value);
    return value;
  }

  private static int headerByte(int value) {
    if (value < 0) {
      throw truncated("in the gzip header");
    }
    return value;
  }

  private void readTrailer() throws IOException {
    byte[] trailer = new byte[8];
    for (int i = 0; i < trailer.length; i++) {
      int value = next();
      if (value < 0) {
        throw truncated("in the gzip trailer, after %d of its 8 bytes".formatted(i));
      }
      trailer[i] = (byte) value;
    }
    compareTrailer("CRC-32", littleEndian(trailer, 0), (int) crc.getValue());
    compareTrailer("length modulo 2^32", littleEndian(trailer, 4), (int) inflatedBytes);
    if (next() >= 0) {
      throw new ArchiveException(
          Reason.TRAILER,
          "bytes follow after the end of the gzip member\nhint: a snapshot is one gzip member and"
              + " nothing else; was something appended to the file?");
    }
  }

  private static void compareTrailer(String what, int found, int expected) {
    if (found != expected) {
      throw new ArchiveException(
          Reason.TRAILER,
          "the %s in the gzip trailer is %08x, of the content %08x".formatted(what, found, expected)
              + "\nhint: take the snapshot again, or fetch another copy");
    }
  }

  private static int littleEndian(byte[] bytes, int from) {
    return (bytes[from] & 0xff)
        | (bytes[from + 1] & 0xff) << 8
        | (bytes[from + 2] & 0xff) << 16
        | (bytes[from + 3] & 0xff) << 24;
  }

  /// One byte of the source, -1 at its end.
  private int next() throws IOException {
    if (position == limit && !fill()) {
      return -1;
    }
    return input[position++] & 0xff;
  }

  private boolean fill() throws IOException {
    try {
      limit = Math.max(0, source.read(input, 0, input.length));
    } catch (EOFException e) {
      // Some transports say so when the announced length did not come.
      throw new ArchiveException(Reason.TRUNCATED, "the source ended early", e);
    }
    position = 0;
    return limit > 0;
  }

  static ArchiveException truncated(String where) {
    return new ArchiveException(
        Reason.TRUNCATED,
        "the snapshot ends early, "
            + where
            + "\nhint: the server or the network broke off, even if the transfer looked complete;"
            + " take it again");
  }

  private static ArchiveException notGzip(String what) {
    return new ArchiveException(
        Reason.NOT_A_SNAPSHOT,
        "not a snapshot: " + what + "\nhint: is this the right file? A snapshot is a gzip'd tar");
  }

  @Override
  public void close() {
    inflater.end();
  }
}
