package dev.lifeboat.store.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// An object while it is written: a file `.partial-RANDOM-NAME` beside the finished ones, locked
/// for as long as its writer lives and gone when closed.
final class Partial implements AutoCloseable {
  /*
   * Alive or dead. A partial of a dead process must go, one that is being written must stay, and
   * neither age nor a process id in the name tells which is which. The lock does: the kernel drops
   * it with the process. Two traps of POSIX locks are met here. They belong to the process, so
   * closing any other channel on the same file would drop ours: within this process LIVE answers
   * instead, and reading back goes through the channel that wrote. And between creation and lock
   * another process may take the file for a dead one: so after locking we look whether it is still
   * there, and begin again if not; who deletes holds the lock while it does.
   */
  static final String PREFIX = ".partial-";

  private static final Set<Path> LIVE = ConcurrentHashMap.newKeySet();
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int ATTEMPTS = 5;

  private final Path path;
  private final FileChannel channel;
  private final Disk disk;

  private Partial(Path path, FileChannel channel, Disk disk) {
    this.path = path;
    this.channel = channel;
    this.disk = disk;
  }

  static Partial create(Path folder, String object, Disk disk) throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String random = "%016x".formatted(ThreadLocalRandom.current().nextLong());
      Path path = folder.resolve(PREFIX + random + "-" + object).toAbsolutePath();
      LIVE.add(path);
      Partial partial = null;
      try {
        partial = new Partial(path, disk.create(path), disk);
        if (partial.channel.tryLock() != null && Files.exists(path)) {
          return partial;
        }
        partial.close();
      } catch (FileAlreadyExistsException e) {
        LIVE.remove(path);
      } catch (IOException | RuntimeException e) {
        LIVE.remove(path);
        if (partial != null) {
          partial.close();
        }
        throw e;
      }
    }
    throw new IOException("no partial file of ours stayed in " + folder);
  }

  /// Whether a folder entry is such a file, of whatever process.
  static boolean is(Path file) {
    return file.getFileName().toString().startsWith(PREFIX);
  }

  /// Removes those of `folder` whose writer is dead; answers how many.
  static int removeDead(Path folder) throws IOException {
    int removed = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Partial::is)) {
      for (Path entry : entries) {
        if (!LIVE.contains(entry.toAbsolutePath()) && removeIfDead(entry)) {
          removed++;
        }
      }
    }
    return removed;
  }

  private static boolean removeIfDead(Path entry) throws IOException {
    try (FileChannel channel = FileChannel.open(entry, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null && Files.deleteIfExists(entry);
    } catch (NoSuchFileException | OverlappingFileLockException e) {
      // Its writer has just ended it, or another thread of ours is here for the same reason.
      return false;
    }
  }

  Path path() {
    return path;
  }

  /// Writes all of `source` and answers the SHA-256 of what was read from it.
  String write(InputStream source) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = source.read(buffer); read >= 0; read = source.read(buffer)) {
      digest.update(buffer, 0, read);
      disk.write(channel, ByteBuffer.wrap(buffer, 0, read));
    }
    disk.force(channel);
    return HexFormat.of().formatHex(digest.digest());
  }

  /// The SHA-256 of what the file gives back.
  String readBack() throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    channel.position(0);
    while (channel.read(buffer) >= 0) {
      digest.update(buffer.flip());
      buffer.clear();
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// Removes the file under this name; an object linked from it stays.
  @Override
  public void close() throws IOException {
    try (channel) {
      Files.deleteIfExists(path);
    } finally {
      LIVE.remove(path);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
