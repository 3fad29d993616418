package dev.lifeboat.archive;

import dev.lifeboat.keys.DataKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/// What a process pays once, paid before the first backup waits for it.
final class WarmUp {
  private WarmUp() {}

  static void run() {
    var _ = NativeCrypto.use();
    try {
      loadClasses();
    } catch (IOException e) {
      throw new UncheckedIOException("in memory", e);
    }
  }

  /// Tink, Jackson and Commons Compress load some hundred classes at their first use.
  private static void loadClasses() throws IOException {
    var stored = new ByteArrayOutputStream();
    byte[] zeros = new byte[Relay.BUFFER_BYTES];
    try (var key = DataKey.generate()) {
      try (var encrypting = Container.encryptingChannel(new StoredOutput(stored), key, "warm-up")) {
        Container.writeFully(encrypting, ByteBuffer.wrap(zeros));
      }
      var source = new StoredInput(new ByteArrayInputStream(stored.toByteArray()));
      try (var decrypting = Container.decryptingChannel(source, key, "warm-up")) {
        var _ = Container.readFully(decrypting, ByteBuffer.wrap(zeros), source, "warm-up");
      }
    }
    byte[] block = new byte[512];
    new TarArchiveEntry("meta.json").writeEntryHeader(block);
    var _ = new TarArchiveEntry(block);
    var _ =
        SnapshotMeta.parse(
            "{\"Version\":1,\"ID\":\"warm-up\",\"Index\":1,\"Term\":1,\"Size\":1}"
                .getBytes(StandardCharsets.UTF_8));
  }
}
