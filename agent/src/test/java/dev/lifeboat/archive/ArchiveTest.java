package dev.lifeboat.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.archive.ArchiveException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ArchiveTest {
  private static final byte[] DUMP =
      "PGDMP\u0001\u000e\u0000\u0004\u0008\u0001and so on".getBytes(StandardCharsets.ISO_8859_1);

  private static ArchiveFacts verify(byte[] bytes) {
    return Archive.verify(new ByteArrayInputStream(bytes));
  }

  @Test
  void its_first_bytes_say_whether_it_is_a_snapshot_or_a_dump() {
    assertEquals(
        Snapshot.verify(new ByteArrayInputStream(Snaps.openbao())), verify(Snaps.openbao()));
    assertEquals(new DumpFacts("1.14", DUMP.length, Snaps.sha256(DUMP)), verify(DUMP));
  }

  @Test
  void a_dump_that_is_cut_in_its_head_or_in_another_format_is_refused() {
    byte[] tar = DUMP.clone();
    tar[10] = 3;
    for (byte[] wrong : new byte[][] {java.util.Arrays.copyOf(DUMP, 10), tar}) {
      var e = assertThrows(ArchiveException.class, () -> verify(wrong));
      assertEquals(Reason.NOT_A_SNAPSHOT, e.reason());
    }
  }

  @Test
  void a_source_that_fails_is_no_verdict() {
    var failing =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("gone");
          }

          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            return read();
          }
        };

    assertThrows(UncheckedIOException.class, () -> Archive.verify(failing));
  }
}
