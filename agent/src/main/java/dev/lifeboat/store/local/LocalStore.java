package dev.lifeboat.store.local;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A [Store] in one folder: an object is a file of its name, mode 0600, in a folder that is made
/// with mode 0700 when it is missing. Needs a file system with hard links and locks.
public final class LocalStore implements Store {
  /*
   * How an object comes to be. Written into a Partial, hashed on the way in, fsync'd, read back
   * and compared; then link(2) gives it its name. link fails when the name is taken, which rename
   * does not: of two writers of one name exactly one wins and neither overwrites. Then the partial
   * name goes and the folder is fsync'd. A death before the link leaves a partial, which cleanUp
   * removes; a death after it leaves a whole object and perhaps a second name for it, which
   * cleanUp removes as well. A power failure before the last fsync may take the name away again,
   * but then put has not returned.
   *
   * adopt is that link alone, straight from the caller's file: no second copy, no second read. The
   * contract of adopt is what makes it honest: the file is durable, has been read back and
   * compared after its last byte was written, and nobody opens it for writing again, so the same
   * inode under another name holds the same bytes. When the file system refuses the link (another
   * one, or one without links) it is copied and proven like any other.
   *
   * Reading back what was just written asks the page cache, not the platter. It finds a fault of
   * ours, of memory or of the file system; a disk that lies is found by verify, later.
   */
  private static final System.Logger logger = System.getLogger(LocalStore.class.getName());
  private static final int FULL_BELOW_BYTES = 1 << 20;

  private final String name;
  private final Path folder;
  private final Disk disk;

  LocalStore(String name, Path folder, Disk disk) {
    this.name = name;
    this.folder = folder.toAbsolutePath();
    this.disk = disk;
  }

  /// Makes the folder when it is missing.
  public static LocalStore open(String name, Path folder) {
    LocalStore store = new LocalStore(name, folder, Disk.REAL);
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw store.failed("cannot make the folder", folder, e);
    }
    return store;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void put(String object, Path source, String sha256) {
    refuseTaken(object);
    try (InputStream bytes = openSource(source)) {
      publish(object, bytes, sha256);
    } catch (IOException e) {
      throw failed("cannot store", folder.resolve(object), e);
    }
  }

  @Override
  public void put(String object, byte[] content) {
    refuseTaken(object);
    String sha256 = HexFormat.of().formatHex(Partial.sha256().digest(content));
    try {
      publish(object, new ByteArrayInputStream(content), sha256);
    } catch (IOException e) {
      throw failed("cannot store", folder.resolve(object), e);
    }
  }

  @Override
  public void adopt(String object, Path source, String sha256) {
    refuseTaken(object);
    Path target = folder.resolve(object);
    if (!Files.isRegularFile(source, LinkOption.NOFOLLOW_LINKS)) {
      throw new IllegalArgumentException("not a file of the caller's own: " + source);
    }
    try {
      Files.createLink(target, source);
    } catch (FileAlreadyExistsException e) {
      requireOurs(target, source, object, e);
    } catch (IOException | UnsupportedOperationException e) {
      logger.log(
          System.Logger.Level.DEBUG, "event=store_copies store={0} object={1}", name, object);
      put(object, source, sha256);
      return;
    }
    try {
      syncFolder();
    } catch (IOException e) {
      throw failed("cannot make durable", target, e);
    }
  }

  private void publish(String object, InputStream bytes, String sha256) throws IOException {
    Path target = folder.resolve(object);
    try (Partial partial = Partial.create(folder, object, disk)) {
      String sent = partial.write(bytes);
      if (!sent.equals(sha256)) {
        throw corrupted(object, "what was sent has the SHA-256 " + sent, sha256);
      }
      String stored = partial.readBack();
      if (!stored.equals(sha256)) {
        throw corrupted(object, "what was read back has the SHA-256 " + stored, sha256);
      }
      link(partial.path(), target, object);
    }
    syncFolder();
  }

  private void link(Path partial, Path target, String object) throws IOException {
    try {
      Files.createLink(target, partial);
    } catch (FileAlreadyExistsException e) {
      requireOurs(target, partial, object, e);
    } catch (UnsupportedOperationException e) {
      throw new StoreException(
          Reason.UNAVAILABLE,
          "store %s: the file system of %s has no hard links\nhint: use ext4, xfs or the like"
              .formatted(name, folder),
          e);
    }
  }

  /// NFS repeats a request whose answer was lost, and then says of our own link that it is there.
  private void requireOurs(
      Path target, Path linked, String object, FileAlreadyExistsException exists) {
    try {
      if (Files.isSameFile(target, linked)) {
        return;
      }
    } catch (IOException e) {
      exists.addSuppressed(e);
    }
    throw taken(object, exists);
  }

  @Override
  public InputStream open(String object) {
    Path file = folder.resolve(Store.checkedName(object));
    try {
      return Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw failed("cannot read", file, e);
    }
  }

  @Override
  public byte[] read(String object, int maxBytes) {
    try (InputStream bytes = open(object)) {
      byte[] content = bytes.readNBytes(maxBytes);
      if (bytes.read() >= 0) {
        throw new StoreException(
            Reason.CORRUPTED,
            "store %s: %s is larger than the %s that it may be"
                .formatted(name, folder.resolve(object), new ByteSize(maxBytes)));
      }
      return content;
    } catch (IOException e) {
      throw failed("cannot read", folder.resolve(object), e);
    }
  }

  @Override
  public List<StoredObject> list() {
    List<StoredObject> objects = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        stored(entry).ifPresent(objects::add);
      }
    } catch (DirectoryIteratorException e) {
      throw failed("cannot list", folder, new IOException(e.getMessage(), e));
    } catch (IOException e) {
      throw failed("cannot list", folder, e);
    }
    objects.sort(Comparator.comparing(StoredObject::name));
    return List.copyOf(objects);
  }

  private static Optional<StoredObject> stored(Path entry) throws IOException {
    String object = entry.getFileName().toString();
    if (!Store.isName(object)) {
      return Optional.empty();
    }
    try {
      var attributes =
          Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile()
          ? Optional.of(
              new StoredObject(
                  object,
                  attributes.size(),
                  attributes.lastModifiedTime().toInstant(),
                  version(attributes)))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty(); // Deleted between its name and its size.
    }
  }

  /// An object is linked once its file is whole, so another one of its name is another inode; a
  /// number that was given again has another time.
  private static String version(BasicFileAttributes attributes) {
    return attributes.fileKey() + "/" + attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
  }

  @Override
  public void delete(String object) {
    Path file = folder.resolve(Store.checkedName(object));
    try {
      if (Files.deleteIfExists(file)) {
        syncFolder();
      }
    } catch (IOException e) {
      throw failed("cannot delete", file, e);
    }
  }

  /// What the file system gives a new file: on a network file system that is its server's clock.
  @Override
  public Instant now() {
    try (Partial partial = Partial.create(folder, "now", disk)) {
      return Files.getLastModifiedTime(partial.path()).toInstant();
    } catch (IOException e) {
      throw failed("cannot read the clock of", folder, e);
    }
  }

  @Override
  public void cleanUp() {
    try {
      int removed = Partial.removeDead(folder);
      if (removed > 0) {
        syncFolder();
        logger.log(
            System.Logger.Level.INFO, "event=store_cleaned store={0} removed={1}", name, removed);
      }
    } catch (IOException e) {
      throw failed("cannot clean up", folder, e);
    }
  }

  @Override
  public void close() {}

  private void refuseTaken(String object) {
    if (Files.exists(folder.resolve(Store.checkedName(object)), LinkOption.NOFOLLOW_LINKS)) {
      throw taken(object, null);
    }
  }

  private InputStream openSource(Path source) {
    try {
      return new FileInputStream(source.toFile());
    } catch (IOException e) {
      throw new StoreException(
          Reason.UNAVAILABLE, "store %s: cannot read the source %s".formatted(name, source), e);
    }
  }

  private void syncFolder() throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      disk.force(channel);
    }
  }

  private StoreException taken(String object, @Nullable Throwable cause) {
    String message =
        "store %s: %s exists already and nothing is ever overwritten"
            .formatted(name, folder.resolve(object));
    return cause == null
        ? new StoreException(Reason.EXISTS, message)
        : new StoreException(Reason.EXISTS, message, cause);
  }

  private StoreException corrupted(String object, String found, String expected) {
    return new StoreException(
        Reason.CORRUPTED,
        "store %s: %s was not stored: %s, expected %s\nhint: look at this machine's disk and memory"
            .formatted(name, folder.resolve(object), found, expected));
  }

  private StoreException failed(String doing, Path path, IOException cause) {
    Reason reason = reason(cause);
    String hint =
        switch (reason) {
          case NOT_FOUND -> "";
          case FULL -> "\nhint: free space there, now " + free();
          case DENIED -> "\nhint: the user that runs lifeboat must own " + folder;
          default -> "\nhint: see that " + folder + " is a folder on a healthy, mounted disk";
        };
    String message =
        "store %s: %s %s: %s".formatted(name, doing, path, cause.getClass().getSimpleName());
    String detail = cause.getMessage();
    if (detail != null && !detail.equals(path.toString())) {
      message += " (" + detail + ")";
    }
    return new StoreException(reason, message + hint, cause);
  }

  /*
   * The JDK has no error number to give: a full disk is an IOException like any other. What the
   * file system answers when asked is better evidence than the text, which follows the locale; a
   * quota, however, is seen in the text alone.
   */
  private Reason reason(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return Files.isDirectory(folder) ? Reason.NOT_FOUND : Reason.UNAVAILABLE;
    }
    if (cause instanceof AccessDeniedException) {
      return Reason.DENIED;
    }
    if (cause instanceof FileAlreadyExistsException || cause instanceof NotDirectoryException) {
      return Reason.UNAVAILABLE;
    }
    String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    if (text.contains("no space left") || text.contains("quota exceeded")) {
      return Reason.FULL;
    }
    try {
      FileStore fileSystem = Files.getFileStore(folder);
      if (fileSystem.isReadOnly()) {
        return Reason.DENIED;
      }
      return fileSystem.getUsableSpace() < FULL_BELOW_BYTES ? Reason.FULL : Reason.UNAVAILABLE;
    } catch (IOException e) {
      cause.addSuppressed(e);
      return Reason.UNAVAILABLE;
    }
  }

  private String free() {
    try {
      return new ByteSize(Files.getFileStore(folder).getUsableSpace()).toString();
    } catch (IOException e) {
      return "unknown";
    }
  }
}
