package dev.lifeboat.archive;

import dev.lifeboat.keys.DataKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/// What a process pays once, paid before the first backup waits for it.
final class WarmUp {
  private static final int ROUNDS = 3000;
  private static final int ROUND_BYTES = 1 << 10;

  private WarmUp() {}

  static void run() {
    try {
      compileCiphers();
      loadClasses();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is not available", e);
    } catch (IOException e) {
      throw new UncheckedIOException("in memory", e);
    }
  }

  /// Many small calls of AES-GCM and SHA-256: the JIT counts calls, and the few large ones of a
  /// backup reach its thresholds only after a hundred MiB.
  private static void compileCiphers() throws GeneralSecurityException {
    // A throw-away key that encrypts zeros under counting nonces and is never used again.
    var key = new SecretKeySpec(HashedInput.sha256().digest(), "AES");
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    MessageDigest digest = HashedInput.sha256();
    byte[] zeros = new byte[ROUND_BYTES];
    byte[] nonce = new byte[12];
    for (int round = 0; round < ROUNDS && !Thread.currentThread().isInterrupted(); round++) {
      ByteBuffer.wrap(nonce).putInt(round);
      cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
      digest.update(cipher.doFinal(zeros));
    }
    var _ = digest.digest();
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
