package dev.lifeboat.backup;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/// The folder where a run works (mode 0700), locked by one process at a time.
///
/// A run's file is `ID.spooled.partial` until it is whole and durable, then `ID.spooled`. Left by a
/// dead process, the first is worth nothing and goes at opening; the second says that objects of
/// that run may be in the stores, and goes when [Sweep] has looked there.
public final class Spool implements AutoCloseable {
  /*
   * The lock is the kernel's, on the file `.lock`, so it ends with the process however that ends;
   * what the file says (the process id, then `agent` or `command` on a line of its own) is for the
   * sentence, and for who had better wait. A POSIX lock does not keep out its own
   * process, and closing a second channel on the file would drop it: OPEN answers before any is
   * opened. The lock file is never removed: a second process could hold a lock on a file that no
   * longer has a name.
   */
  private static final String LOCK = ".lock";
  private static final String PARTIAL = ".partial";
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel lock;
  private final Set<BackupId> deadRuns = new ConcurrentSkipListSet<>();

  private Spool(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /// Who works in a spool: an agent for as long as it runs, a command for one backup.
  public enum Holder {
    AGENT,
    COMMAND;

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// For a command.
  public static Spool open(Path configured) {
    return open(configured, Holder.COMMAND);
  }

  /// Makes the folder when it is missing, locks and cleans it; [StoreException] with reason
  /// `IN_USE` when another process has it.
  public static Spool open(Path configured, Holder holder) {
    try {
      Files.createDirectories(
          configured,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Path folder = configured.toRealPath();
      if (!OPEN.add(folder)) {
        throw inUse(folder, Long.toString(ProcessHandle.current().pid()));
      }
      Spool spool = null;
      try {
        spool = new Spool(folder, lock(folder, holder));
        spool.clean();
        return spool;
      } catch (IOException | RuntimeException e) {
        if (spool == null) {
          OPEN.remove(folder);
        } else {
          spool.close();
        }
        throw e;
      }
    } catch (IOException e) {
      Reason reason = e instanceof AccessDeniedException ? Reason.DENIED : Reason.UNAVAILABLE;
      throw new StoreException(
          reason,
          "spool %s cannot be opened: %s".formatted(configured, e)
              + "\nhint: backup.spool must be a folder that the user of lifeboat owns",
          e);
    }
  }

  /// Who has it, or had it last; empty when nobody ever had, or it cannot be told.
  public static Optional<Holder> holder(Path configured) {
    try {
      List<String> lines = Files.readAllLines(configured.resolve(LOCK), StandardCharsets.UTF_8);
      return Arrays.stream(Holder.values())
          .filter(each -> lines.size() > 1 && each.label().equals(lines.get(1)))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static FileChannel lock(Path folder, Holder holder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(LOCK),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      if (channel.tryLock() == null) {
        String pid =
            Files.readString(folder.resolve(LOCK), StandardCharsets.UTF_8)
                .lines()
                .findFirst()
                .orElse("");
        throw inUse(folder, pid.isEmpty() ? "unknown" : pid);
      }
      byte[] pid =
          "%d\n%s\n"
              .formatted(ProcessHandle.current().pid(), holder.label())
              .getBytes(StandardCharsets.UTF_8);
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid), 0);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static StoreException inUse(Path folder, String pid) {
    return new StoreException(
        Reason.IN_USE,
        "the spool %s is in use by the process %s".formatted(folder, pid)
            + "\nhint: one lifeboat at a time takes backups; ask the running one, or stop it");
  }

  private void clean() throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (name.endsWith(PARTIAL)
            && BackupId.ofSpooled(name.substring(0, name.length() - PARTIAL.length()))
                .isPresent()) {
          Files.deleteIfExists(entry);
        } else {
          BackupId.ofSpooled(name).ifPresent(deadRuns::add);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  Path folder() {
    return folder;
  }

  Path data(BackupId id) {
    return folder.resolve(id.spooled());
  }

  /// A new file for what arrives.
  FileChannel createPartial(BackupId id) throws IOException {
    return FileChannel.open(
        partial(id),
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /// Gives the file, which the caller has made durable, its final name, durably.
  void finish(BackupId id) throws IOException {
    Files.move(partial(id), data(id), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private Path partial(BackupId id) {
    return folder.resolve(id.spooled() + PARTIAL);
  }

  /// The runs whose objects may lie about in the stores.
  List<BackupId> deadRuns() {
    return List.copyOf(deadRuns);
  }

  /// Keeps this run's file, so that a later sweep looks for its objects.
  void abandon(BackupId id) {
    deadRuns.add(id);
  }

  /// Removes whatever file the run has here.
  void remove(BackupId id) throws IOException {
    Files.deleteIfExists(partial(id));
    Files.deleteIfExists(data(id));
    deadRuns.remove(id);
  }

  /// As a person reads it; `unknown` when the file system does not say.
  String free() {
    try {
      return new ByteSize(Files.getFileStore(folder).getUsableSpace()).toString();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /// Whether there is next to no room left.
  boolean isFull() {
    try {
      return Files.getFileStore(folder).getUsableSpace() < ByteSize.mebibytes(1).bytes();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      System.getLogger(Spool.class.getName())
          .log(System.Logger.Level.WARNING, "event=spool_close_failed folder=" + folder, e);
    } finally {
      OPEN.remove(folder);
    }
  }
}
