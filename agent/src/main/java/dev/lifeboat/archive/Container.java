package dev.lifeboat.archive;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingKey;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters;
import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import com.google.crypto.tink.util.SecretBytes;
import dev.lifeboat.archive.ArchiveException.Reason;
import dev.lifeboat.keys.DataKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/// The encrypted file around one snapshot, or one dump of PostgreSQL: Tink streaming AEAD,
/// AES-256-GCM-HKDF, 64 KiB segments, associated data `lifeboat snapshot 1 BACKUP_ID`.
///
/// Every call uses the calling thread and one more. When the calling thread is interrupted, the
/// call ends with an [UncheckedIOException] of an [InterruptedIOException] and the thread stays
/// interrupted.
public final class Container {
  /*
   *   file    = 0x28 salt[32] prefix[7] segment*
   *   segment = ciphertext tag[16]        65536 bytes, the first 65496, the last as long as it is
   *
   *   key     = HKDF-SHA256(input = data key, salt, info = "lifeboat snapshot 1 " BACKUP_ID)
   *   nonce   = prefix | segment number (4 bytes, big-endian, from 0) | 1 if last, else 0
   *
   * AES-256-GCM without further associated data. The number makes a segment useless in another
   * place, the last byte makes a cut visible, and the info makes the file useless under another
   * backup's name. docs/recovery-without-lifeboat.md opens it with a short script.
   *
   * Sealing writes the last segment only after the snapshot in it was found whole: what is left
   * behind by a call that threw does not decrypt, even if nobody threw it away.
   *
   * Work is divided so that no thread waits long for the other, and no byte is hashed more often
   * than it must be: a backup runs beside the server that makes the snapshot (ms per MiB, warm):
   *
   *             calling thread                                  the other
   *   seal      read, CRC-32C, AES-GCM 0.4, write               plain SHA-256 0.6, inflate, CRC-32,
   *                                                             member SHA-256 0.6
   *   open      read, stored SHA-256 0.6, AES-GCM 0.4, write    the same
   *   prove     read, AES-GCM 0.4, CRC-32C                      stored SHA-256 0.6
   *
   * What prove proves: AES-GCM, that the file read back holds every byte that was encrypted, in
   * order and to the end; CRC-32C, that what was encrypted was what had been verified, and not
   * changed in our own memory between the two. The SHA-256 in the manifest is that of the file as
   * it was read back.
   */
  private static final int SEGMENT_BYTES = 64 << 10;

  private Container() {}

  /// Streams `snap` through [Snapshot#verify] and encryption at the same time into `file`. Closes
  /// neither. Only what was wholly verified returns; the caller throws away the file of a call that
  /// threw, and reads back what was written by [#prove].
  ///
  /// @param progress told of the plain bytes so far, on the calling thread
  public static Written seal(
      InputStream snap, OutputStream file, DataKey key, String backupId, LongConsumer progress) {
    var stored = new StoredOutput(file);
    var checksum = new CRC32C();
    try {
      WritableByteChannel encrypting = encryptingChannel(stored, key, backupId);
      ArchiveFacts facts =
          Relay.run(
              "snapshot-verify",
              Archive::verify,
              relay -> {
                long bytes = 0;
                int count;
                do {
                  requireNotInterrupted();
                  byte[] buffer = relay.take();
                  count = snap.readNBytes(buffer, 0, buffer.length);
                  relay.put(buffer, count);
                  checksum.update(buffer, 0, count);
                  writeFully(encrypting, ByteBuffer.wrap(buffer, 0, count));
                  bytes += count;
                  progress.accept(bytes);
                } while (count == Relay.BUFFER_BYTES);
              });
      encrypting.close();
      return new Written(facts, stored.bytes(), checksum.getValue());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Decrypts `file` to its end, verifies the snapshot in it, and writes it to `plain`
  /// (`OutputStream.nullOutputStream()` to verify only).
  public static Sealed open(InputStream file, OutputStream plain, DataKey key, String backupId) {
    var hashed = new HashedInput(file);
    try {
      ArchiveFacts facts =
          Relay.run(
              "snapshot-verify", Archive::verify, decrypt(hashed, key, backupId, plain::write));
      return new Sealed(facts, hashed.bytes(), hashed.sha256Hex());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Decrypts the first segment only: enough to know that this key opens this container, and
  /// nothing about the rest.
  public static void openFirst(InputStream file, DataKey key, String backupId) {
    var source = new StoredInput(file);
    try {
      var one = ByteBuffer.allocate(1);
      if (readFully(decryptingChannel(source, key, backupId), one, source, backupId) == 0) {
        throw notSame("nothing", backupId);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads a container back and proves that it decrypts to the snapshot that was sealed; quicker
  /// than [#open], since the archive inside was verified when it was written.
  public static Sealed prove(InputStream file, DataKey key, String backupId, Written written) {
    var checksum = new CRC32C();
    HashedInput stored;
    try {
      stored =
          Relay.run(
              "snapshot-prove",
              Container::hashWhole,
              relay -> checksum(new RelayedInput(file, relay), key, backupId, checksum));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (stored.bytes() != written.storedBytes()) {
      throw notSame(
          "%d bytes, %d were written".formatted(stored.bytes(), written.storedBytes()), backupId);
    }
    if (checksum.getValue() != written.plainCrc32c()) {
      throw notSame("another snapshot than was verified", backupId);
    }
    return new Sealed(written.facts(), stored.bytes(), stored.sha256Hex());
  }

  /// Makes the first backup of a process quicker: loads the native ciphers and what else sealing
  /// needs. Takes about half a second of one core; run it on a thread of its own while the
  /// connection to the server is being made. Repeating it is harmless.
  public static void warmUp() {
    WarmUp.run();
  }

  /// A container that nobody has read back yet.
  ///
  /// @param plainCrc32c of the snapshot as it was given to encryption
  public record Written(ArchiveFacts facts, long storedBytes, long plainCrc32c) {}

  /// @param storedBytes size of the container; @param storedSha256 lower-case hex of all of it
  public record Sealed(ArchiveFacts facts, long storedBytes, String storedSha256) {}

  @FunctionalInterface
  private interface Sink {
    void write(byte[] buffer, int offset, int count) throws IOException;
  }

  private static Relay.Producer decrypt(
      InputStream file, DataKey key, String backupId, Sink plain) {
    return relay -> {
      var source = new StoredInput(file);
      ReadableByteChannel decrypting = decryptingChannel(source, key, backupId);
      int count;
      do {
        requireNotInterrupted();
        byte[] buffer = relay.take();
        count = readFully(decrypting, ByteBuffer.wrap(buffer), source, backupId);
        relay.put(buffer, count);
        plain.write(buffer, 0, count);
      } while (count == Relay.BUFFER_BYTES);
    };
  }

  private static void checksum(InputStream file, DataKey key, String backupId, CRC32C checksum)
      throws IOException {
    var source = new StoredInput(file);
    ReadableByteChannel decrypting = decryptingChannel(source, key, backupId);
    byte[] buffer = new byte[Relay.BUFFER_BYTES];
    int count;
    do {
      requireNotInterrupted();
      count = readFully(decrypting, ByteBuffer.wrap(buffer), source, backupId);
      checksum.update(buffer, 0, count);
    } while (count == buffer.length);
  }

  static int readFully(
      ReadableByteChannel decrypting, ByteBuffer buffer, StoredInput source, String backupId)
      throws IOException {
    try {
      while (buffer.hasRemaining() && decrypting.read(buffer) >= 0) {}
      return buffer.position();
    } catch (IOException e) {
      source.rethrowFailure();
      throw new ArchiveException(
          Reason.DECRYPTION,
          "the container of backup %s does not decrypt, within %d bytes from its start"
                  .formatted(backupId, source.bytes())
              + "\nhint: it was changed or cut, or belongs to another backup; verify another copy",
          e);
    }
  }

  private static HashedInput hashWhole(InputStream stored) {
    var hashed = new HashedInput(stored);
    byte[] buffer = new byte[SEGMENT_BYTES];
    try {
      while (hashed.read(buffer, 0, buffer.length) >= 0) {}
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return hashed;
  }

  static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  static WritableByteChannel encryptingChannel(StoredOutput target, DataKey key, String backupId)
      throws IOException {
    return encryptingChannel(target, key, associatedData(backupId));
  }

  static WritableByteChannel encryptingChannel(
      StoredOutput target, DataKey key, byte[] associatedData) throws IOException {
    try {
      return aead(key).newEncryptingChannel(target, associatedData);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("encryption is not available", e);
    }
  }

  static ReadableByteChannel decryptingChannel(StoredInput source, DataKey key, String backupId)
      throws IOException {
    return decryptingChannel(source, key, associatedData(backupId));
  }

  static ReadableByteChannel decryptingChannel(
      StoredInput source, DataKey key, byte[] associatedData) throws IOException {
    try {
      return aead(key).newDecryptingChannel(source, associatedData);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("decryption is not available", e);
    }
  }

  @AccessesPartialKey
  private static StreamingAead aead(DataKey key) {
    byte[] raw = key.revealBytes();
    try {
      var parameters =
          AesGcmHkdfStreamingParameters.builder()
              .setKeySizeBytes(raw.length)
              .setDerivedAesGcmKeySizeBytes(raw.length)
              .setHkdfHashType(AesGcmHkdfStreamingParameters.HashType.SHA256)
              .setCiphertextSegmentSizeBytes(SEGMENT_BYTES)
              .build();
      return AesGcmHkdfStreaming.create(
          AesGcmHkdfStreamingKey.create(
              parameters, SecretBytes.copyFrom(raw, InsecureSecretKeyAccess.get())));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM streaming is not available", e);
    } finally {
      Arrays.fill(raw, (byte) 0);
    }
  }

  private static byte[] associatedData(String backupId) {
    return ("lifeboat snapshot 1 " + backupId).getBytes(StandardCharsets.UTF_8);
  }

  private static void requireNotInterrupted() throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
  }

  private static ArchiveException notSame(String what, String backupId) {
    return new ArchiveException(
        Reason.CHECKSUM,
        "read back, the container of backup %s holds %s\nhint: this is a fault of the"
                .formatted(backupId, what)
            + " disk or the memory, not of the server; look at the kernel's log");
  }
}
