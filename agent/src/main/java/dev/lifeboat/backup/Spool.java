package dev.lifeboat.backup;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/// The folder where a run works (mode 0700), locked by one process at a time.
///
/// A run's file is `ID.spooled.partial` until it is whole and durable, then `ID.spooled`, and
/// before anything of it is stored there is `ID.spooled.journal`. Left by a dead process, the first
/// is worth nothing and goes at opening; the second says that objects of that run may be in the
/// stores, and goes when [Sweep] has looked there, or when the run was finished by the third.
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
  private static final String JOURNAL = ".journal";
  private static final String UNDONE = ".undone-";

  /// Longer than any request is on its way.
  private static final Duration LATE = Duration.ofDays(1);

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
        if (isHalf(name)) {
          Files.deleteIfExists(entry);
        } else {
          BackupId.ofSpooled(name).ifPresent(deadRuns::add);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /// What was not finished, and a journal whose file is gone.
  private boolean isHalf(String name) {
    String whole = name.endsWith(PARTIAL) ? without(name, PARTIAL) : name;
    if (whole.endsWith(JOURNAL)) {
      Optional<BackupId> id = BackupId.ofSpooled(without(whole, JOURNAL));
      return id.isPresent() && (!whole.equals(name) || !Files.exists(data(id.get())));
    }
    return !whole.equals(name) && BackupId.ofSpooled(whole).isPresent();
  }

  private static String without(String name, String end) {
    return name.substring(0, name.length() - end.length());
  }

  Path folder() {
    return folder;
  }

  Path data(BackupId id) {
    return folder.resolve(id.spooled());
  }

  /// What a run has made durable. Not through a channel, which takes up to twice the time to fill
  /// an array from the page cache (docs/benchmarks.md).
  InputStream open(BackupId id) throws IOException {
    return new FileInputStream(data(id).toFile());
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

  private Path journalFile(BackupId id) {
    return folder.resolve(id.spooled() + JOURNAL);
  }

  private Path halfJournal(BackupId id) {
    return folder.resolve(id.spooled() + JOURNAL + PARTIAL);
  }

  /// Durably, beside the run's file.
  void write(Journal journal) {
    Path file = journalFile(journal.id());
    Path half = halfJournal(journal.id());
    try {
      try (FileChannel channel =
          FileChannel.open(
              half,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
        journal.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    } catch (IOException e) {
      throw SpoolFile.failed(this, "cannot write the journal", e);
    }
  }

  /// Empty without one, or when it cannot be read.
  Optional<Journal> journal(BackupId id) {
    Path file = journalFile(id);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return Optional.of(Journal.read(in));
    } catch (IOException | IllegalArgumentException e) {
      System.getLogger(Spool.class.getName())
          .log(System.Logger.Level.WARNING, "event=journal_unreadable file=" + file, e);
      return Optional.empty();
    }
  }

  /// Remembers for a day that the run was undone when its manifest was on its way.
  void markUndone(BackupId id) {
    try {
      Files.write(folder.resolve(UNDONE + id.text()), new byte[0]);
    } catch (IOException e) {
      System.getLogger(Spool.class.getName())
          .log(System.Logger.Level.WARNING, "event=undone_not_marked backup=" + id, e);
    }
  }

  /// Those of [#markUndone]; older ones are forgotten.
  Set<BackupId> undone(Instant now) {
    Set<BackupId> undone = new TreeSet<>();
    try (DirectoryStream<Path> marks = Files.newDirectoryStream(folder, UNDONE + "*")) {
      for (Path mark : marks) {
        String id = mark.getFileName().toString().substring(UNDONE.length());
        if (Files.getLastModifiedTime(mark).toInstant().plus(LATE).isBefore(now)) {
          Files.deleteIfExists(mark);
        } else if (BackupId.isId(id)) {
          undone.add(new BackupId(id));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      System.getLogger(Spool.class.getName())
          .log(System.Logger.Level.WARNING, "event=undone_unreadable folder=" + folder, e);
    }
    return undone;
  }

  /// The runs whose objects may lie about in the stores.
  List<BackupId> deadRuns() {
    return List.copyOf(deadRuns);
  }

  /// Keeps this run's file, so that a later sweep looks for its objects.
  void abandon(BackupId id) {
    deadRuns.add(id);
  }

  /// [#abandon], and nobody finishes it.
  void giveUp(BackupId id) {
    try {
      Files.deleteIfExists(journalFile(id));
    } catch (IOException e) {
      System.getLogger(Spool.class.getName())
          .log(System.Logger.Level.WARNING, "event=journal_stays backup=" + id, e);
    }
    abandon(id);
  }

  /// Removes whatever file the run has here.
  void remove(BackupId id) throws IOException {
    Files.deleteIfExists(partial(id));
    // A full disk or an interrupt may have come while it was written.
    Files.deleteIfExists(halfJournal(id));
    Files.deleteIfExists(journalFile(id));
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
