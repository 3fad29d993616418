package dev.lifeboat.archive;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// Snapshots for tests: the two real ones, and ones taken apart and put together otherwise.
final class Snaps {
  /// @param type of the tar entry
  record Member(String name, byte[] body, byte type) {
    Member(String name, byte[] body) {
      this(name, body, TarConstants.LF_NORMAL);
    }

    Member(String name, String body) {
      this(name, body.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Snaps() {}

  /// Of a single node, with three secrets; its seal keys were thrown away.
  static byte[] openbao() {
    return resource("openbao-2.7.2.snap");
  }

  static byte[] vault() {
    return resource("vault-1.21.0.snap");
  }

  private static byte[] resource(String name) {
    try (InputStream in = Snaps.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static InputStream failing(String message) {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        throw new IOException(message);
      }

      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        throw new IOException(message);
      }
    };
  }

  static byte[] gunzip(byte[] snap) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(snap))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Member> members(byte[] snap) {
    var members = new ArrayList<Member>();
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(gunzip(snap)))) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        members.add(new Member(entry.getName(), tar.readAllBytes()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return members;
  }

  static byte[] tar(List<Member> members) {
    var bytes = new ByteArrayOutputStream();
    for (Member member : members) {
      var entry = new TarArchiveEntry(member.name(), member.type());
      entry.setSize(member.body().length);
      byte[] header = new byte[512];
      entry.writeEntryHeader(header);
      bytes.writeBytes(header);
      bytes.writeBytes(member.body());
      bytes.writeBytes(new byte[-member.body().length & 511]);
    }
    bytes.writeBytes(new byte[1024]);
    return bytes.toByteArray();
  }

  static byte[] gzip(byte[] tar) {
    return gzip(tar, Deflater.NO_COMPRESSION, 0);
  }

  /// @param flags of the header; their fields are not written
  static byte[] gzip(byte[] tar, int level, int flags) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 0, 0, 0, 0, 0, (byte) 0xff});
    var deflater = new Deflater(level, true);
    deflater.setInput(tar);
    deflater.finish();
    byte[] buffer = new byte[8192];
    while (!deflater.finished()) {
      bytes.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    var crc = new CRC32();
    crc.update(tar);
    for (long value : new long[] {crc.getValue(), tar.length}) {
      for (int shift = 0; shift < 32; shift += 8) {
        bytes.write((int) (value >> shift));
      }
    }
    return bytes.toByteArray();
  }

  /// A snapshot of these members, whatever they are.
  static byte[] of(List<Member> members) {
    return gzip(tar(members));
  }

  /// The four members around this state, with the right sums.
  static List<Member> around(byte[] meta, byte[] state) {
    return List.of(
        new Member("meta.json", meta),
        new Member("state.bin", state),
        new Member("SHA256SUMS", sha256(state) + "  state.bin\n" + sha256(meta) + "  meta.json\n"),
        new Member("SHA256SUMS.sealed", "sealed by nobody"));
  }

  static byte[] meta(long size) {
    return ("{\"Version\":1,\"ID\":\"bolt-snapshot\",\"Index\":37,\"Term\":3,\"Size\":"
            + size
            + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(HashedInput.sha256().digest(bytes));
  }
}
