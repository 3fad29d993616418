package dev.lifeboat.journal;

import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.JournalException.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The record of one run: only ever appended to, on the disk before the next thing is done, and
/// chained, so that a line that was changed, left out or added in between is noticed.
///
/// A line that was cut by the death of its writer is dropped: what it would have said was not
/// relied upon yet. Facts never hold a secret; the file has mode 0600 all the same.
public final class Journal implements AutoCloseable {
  private static final String SUFFIX = ".journal";
  private static final FileAttribute<?> OWNER_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> OWNER_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path file;
  // Not a channel: that would be closed when its thread is interrupted, and the run ends with a
  // line that says so.
  private final RandomAccessFile out;
  private final InstantSource clock;
  private final IntConsumer written;
  private final List<Entry> entries;
  private String last;

  private Journal(
      Path file,
      RandomAccessFile out,
      InstantSource clock,
      IntConsumer written,
      Lines.Chain chain) {
    this.file = file;
    this.out = out;
    this.clock = clock;
    this.written = written;
    this.entries = new ArrayList<>(chain.entries());
    this.last = chain.last();
  }

  /// A new one.
  ///
  /// @param folder made when it is missing, its owner's alone
  /// @param run names the file; no other run may have had it
  /// @param facts what the run is for
  /// @param written is told the number of each line that is on the disk
  public static Journal begin(
      Path folder,
      String run,
      Map<String, String> facts,
      InstantSource clock,
      IntConsumer written) {
    Path file = folder.resolve(run + SUFFIX);
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder, OWNER_FOLDER);
      }
      create(file);
      Journal journal = open(file, clock, written);
      sync(folder);
      return journal.first(Event.BEGUN, facts);
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /// One that is there.
  public static Journal resume(Path file, InstantSource clock, IntConsumer written) {
    try {
      return open(file, clock, written).first(Event.RESUMED, Map.of());
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  private static void create(Path file) throws IOException {
    try {
      Files.createFile(file, OWNER_FILE);
    } catch (FileAlreadyExistsException e) {
      throw new JournalException(
          Reason.IN_USE, "%s exists: that run was begun already".formatted(file), e);
    }
  }

  private static Journal open(Path file, InstantSource clock, IntConsumer written)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw");
    try {
      lock(file, out);
      Lines.Chain chain = Lines.read(file, Files.readAllBytes(file));
      out.setLength(chain.bytes());
      out.seek(chain.bytes());
      return new Journal(file, out, clock, written, chain);
    } catch (IOException | RuntimeException e) {
      out.close();
      throw e;
    }
  }

  private Journal first(Event event, Map<String, String> facts) {
    boolean good = false;
    try {
      write(event, "", facts);
      good = true;
      return this;
    } finally {
      if (!good) {
        close();
      }
    }
  }

  /// What a journal says, of which somebody else may be the writer.
  public static List<Entry> read(Path file) {
    try {
      return Lines.read(file, Files.readAllBytes(file)).entries();
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  /// The newest run that has neither ended nor been given up; empty when there is none.
  ///
  /// @param wanted by its first line
  public static Optional<Path> unfinished(Path folder, Predicate<Entry> wanted) {
    return runs(folder).reversed().stream()
        .filter(
            file -> {
              List<Entry> entries = read(file);
              return !over(entries) && wanted.test(entries.getFirst());
            })
        .findFirst();
  }

  /// Whether there is nothing more to do: it has ended, was given up, or never began.
  public static boolean over(List<Entry> entries) {
    return entries.isEmpty()
        || entries.stream()
            .anyMatch(each -> each.event() == Event.ENDED || each.event() == Event.ABANDONED);
  }

  /// All of them, the oldest first where their names begin with a time.
  public static List<Path> runs(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// The name of its run.
  public static String run(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - SUFFIX.length());
  }

  private static void lock(Path file, RandomAccessFile out) throws IOException {
    Optional<FileLock> lock;
    try {
      lock = Optional.ofNullable(out.getChannel().tryLock());
    } catch (OverlappingFileLockException ours) {
      lock = Optional.empty();
    }
    if (lock.isEmpty()) {
      throw new JournalException(
          Reason.IN_USE,
          "another lifeboat is at the run %s\nhint: let it finish, or end it first"
              .formatted(run(file)));
    }
  }

  public Path file() {
    return file;
  }

  public String run() {
    return run(file);
  }

  /// So far, the oldest first.
  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  /// What the run is for.
  public Entry head() {
    return entries.getFirst();
  }

  /// The newest of its kind.
  public Optional<Entry> last(Event event, String step) {
    return entries.reversed().stream()
        .filter(entry -> entry.event() == event && entry.step().equals(step))
        .findFirst();
  }

  public boolean done(String step) {
    return last(Event.DONE, step).isPresent();
  }

  /// Returns when it is on the disk.
  public void write(Event event, String step, Map<String, String> facts) {
    Entry entry = new Entry(entries.size() + 1, clock.instant(), event, step, facts);
    Lines.Line line = Lines.line(entry, last);
    long before = 0;
    try {
      before = out.getFilePointer();
      out.write(line.text().getBytes(StandardCharsets.UTF_8));
      out.getFD().sync();
    } catch (IOException e) {
      takeBack(before);
      throw unusable(file, e);
    }
    last = line.hash();
    entries.add(entry);
    written.accept(entry.number());
  }

  /// So that what comes after a full disk follows a whole line.
  private void takeBack(long before) {
    try {
      out.setLength(before);
      out.seek(before);
    } catch (IOException e) {
      // The next reader drops the cut line.
      System.getLogger(Journal.class.getName())
          .log(System.Logger.Level.DEBUG, "event=journal_cut", e);
    }
  }

  public void note(String step, Map<String, String> facts) {
    write(Event.NOTED, step, facts);
  }

  /// What was noted of a step, the newest of each name.
  public Map<String, String> noted(String step) {
    return noted(entries, step);
  }

  /// The same of a run that was read.
  public static Map<String, String> noted(List<Entry> entries, String step) {
    Map<String, String> facts = new TreeMap<>();
    for (Entry entry : entries) {
      if (entry.event() == Event.NOTED && entry.step().equals(step)) {
        facts.putAll(entry.facts());
      }
    }
    return facts;
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel opened = FileChannel.open(folder)) {
      opened.force(true);
    }
  }

  private static JournalException unusable(Path file, IOException e) {
    return new JournalException(
        Reason.UNUSABLE,
        "the journal %s cannot be kept: %s\nhint: nothing is done without one; see its folder's"
                .formatted(file, e)
            + " rights and its disk",
        e);
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }
}
