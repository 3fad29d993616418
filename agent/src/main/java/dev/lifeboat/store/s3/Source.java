package dev.lifeboat.store.s3;

import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import software.amazon.awssdk.core.sync.RequestBody;

/// What is to be sent: one pass over a file has taken all its sums, and every attempt to send a
/// piece of it reads that piece anew. Nothing of it is held in memory.
///
/// @param sha256 lower-case hex of the whole
/// @param crc32c of the whole, base64 as S3 writes it
/// @param parts in order, without a gap; one, perhaps empty, at the least
record Source(Path file, long bytes, String sha256, String crc32c, List<Part> parts) {
  static final int PARTS_MAX = 10_000;
  private static final int BUFFER_BYTES = 1 << 18;
  private static final String MEDIA_TYPE = "application/octet-stream";

  Source {
    parts = List.copyOf(parts);
  }

  /// @param crc32c of this part, base64
  record Part(int number, long from, long bytes, String crc32c) {}

  static Source of(Path file, long partBytes) throws IOException {
    long size = Math.max(partBytes, rounded(Files.size(file) / PARTS_MAX));
    MessageDigest sha256 = newSha256();
    CRC32C whole = new CRC32C();
    CRC32C crc = new CRC32C();
    List<Part> parts = new ArrayList<>();
    long from = 0;
    long at = 0;
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = new FileInputStream(file.toFile())) {
      while (true) {
        int room = (int) Math.min(buffer.length, size - (at - from));
        int read = in.read(buffer, 0, room);
        if (read > 0) {
          sha256.update(buffer, 0, read);
          whole.update(buffer, 0, read);
          crc.update(buffer, 0, read);
          at += read;
        }
        if ((read < 0 && (at > from || parts.isEmpty())) || at - from == size) {
          parts.add(new Part(parts.size() + 1, from, at - from, base64(crc)));
          crc.reset();
          from = at;
        }
        if (read < 0) {
          break;
        }
      }
    }
    return new Source(file, at, HexFormat.of().formatHex(sha256.digest()), base64(whole), parts);
  }

  /// Up to whole mebibytes, one more than needed.
  private static long rounded(long bytes) {
    return ((bytes >> 20) + 1) << 20;
  }

  RequestBody body(Part part) {
    return RequestBody.fromContentProvider(() -> open(part), part.bytes(), MEDIA_TYPE);
  }

  private InputStream open(Part part) {
    try {
      FileInputStream in = new FileInputStream(file.toFile());
      in.skipNBytes(part.from()); // Seeks.
      return new Bounded(in, part.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String base64OfHex(String hex) {
    return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
  }

  private static String base64(CRC32C crc) {
    byte[] bytes = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    return Base64.getEncoder().encodeToString(bytes);
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static final class Bounded extends FilterInputStream {
    private long rest;

    Bounded(InputStream in, long bytes) {
      super(in);
      this.rest = bytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (rest == 0) {
        return length == 0 ? 0 : -1;
      }
      int read = super.read(into, offset, (int) Math.min(length, rest));
      rest -= Math.max(read, 0);
      return read;
    }

    @Override
    public long skip(long count) throws IOException {
      long skipped = super.skip(Math.min(count, rest));
      rest -= skipped;
      return skipped;
    }

    @Override
    public int available() throws IOException {
      return (int) Math.min(super.available(), rest);
    }
  }
}
