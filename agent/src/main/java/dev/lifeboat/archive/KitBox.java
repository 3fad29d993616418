package dev.lifeboat.archive;

import dev.lifeboat.archive.ArchiveException.Reason;
import dev.lifeboat.keys.DataKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// The encrypted recovery kit of one backup: a tar of small files, all in memory.
///
/// The same cipher and the same data key as [Container], with the associated data `lifeboat kit 1
/// BACKUP_ID`. That, and a salt of its own, give it a key of its own by HKDF: the two files never
/// share a nonce under one key, and neither opens under the other's name.
public final class KitBox {
  /// Of the tar and of the box around it.
  public static final int BYTES_MAX = 16 << 20;

  private static final int MODE = 0600;

  private KitBox() {}

  /// @param files by their names in the tar, in their order; at most 16 MiB in all
  public static byte[] seal(Map<String, byte[]> files, DataKey key, String backupId) {
    byte[] tar = tar(files);
    if (tar.length > BYTES_MAX) {
      throw new IllegalArgumentException("a recovery kit of %d bytes".formatted(tar.length));
    }
    var box = new ByteArrayOutputStream(tar.length + 1024);
    try (WritableByteChannel encrypting =
        Container.encryptingChannel(new StoredOutput(box), key, associatedData(backupId))) {
      Container.writeFully(encrypting, ByteBuffer.wrap(tar));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return box.toByteArray();
  }

  /// The tar in a box, every byte of it authenticated.
  public static byte[] tar(byte[] box, DataKey key, String backupId) {
    var source = new StoredInput(new ByteArrayInputStream(box));
    try {
      ReadableByteChannel decrypting =
          Container.decryptingChannel(source, key, associatedData(backupId));
      ByteBuffer tar = ByteBuffer.allocate(box.length);
      int count = Container.readFully(decrypting, tar, source, backupId);
      return Arrays.copyOf(tar.array(), count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The files of a tar that [#seal] made, by their names.
  public static Map<String, byte[]> files(byte[] tar) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (var in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        files.put(entry.getName(), in.readNBytes(BYTES_MAX));
      }
    } catch (IOException e) {
      throw new ArchiveException(
          Reason.MEMBERS, "the recovery kit is no tar: " + e.getMessage(), e);
    }
    return files;
  }

  private static byte[] tar(Map<String, byte[]> files) {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), TarConstants.LF_NORMAL);
        entry.setSize(file.getValue().length);
        entry.setMode(MODE);
        entry.setModTime(0L);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] associatedData(String backupId) {
    return ("lifeboat kit 1 " + backupId).getBytes(StandardCharsets.UTF_8);
  }
}
