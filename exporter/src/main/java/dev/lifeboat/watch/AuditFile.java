package dev.lifeboat.watch;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One audit file of the node beside us: is it there, does it grow, and does it hold what the node
/// was asked?
///
/// The proof is a request of our own. The server answers it with an id, and writes that id into
/// every audit device before it answers (`request.id` of an entry). So the id is looked for in what
/// was appended since the request began. Nothing else of the file is kept.
public final class AuditFile {
  /// Longer pieces are searched from behind; what is not found in them is unknown, not missing.
  private static final long SEARCHED_BYTES_MAX = 64L << 20;

  /// Between two looks of which the earlier tells where a request may begin.
  private static final Duration KEPT = Duration.ofMinutes(5);

  private static final int BUFFER_BYTES = 1 << 16;

  /// @param exists empty when we may not even look
  /// @param requestFound empty when nothing was asked, the file may not be read, or it was replaced
  public record Look(
      Optional<Boolean> exists,
      Optional<Long> size,
      Optional<Instant> lastWrite,
      Optional<Boolean> requestFound,
      Optional<String> problem) {}

  /// A request of ours that the node has answered.
  ///
  /// @param begun not after the request was sent
  public record Asked(String requestId, Instant begun) {}

  private record Mark(Instant at, long size, @Nullable Object fileKey) {}

  private final Path file;
  private final Deque<Mark> marks = new ArrayDeque<>();
  private Optional<Asked> judged = Optional.empty();
  private Optional<Boolean> found = Optional.empty();

  public AuditFile(Path file) {
    this.file = file;
  }

  /// @param asked the latest; the node has answered it already
  public Look look(Optional<Asked> asked, Instant now) {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      marks.clear();
      found = Optional.empty();
      return new Look(
          Optional.of(false), Optional.empty(), Optional.empty(), found, Optional.empty());
    } catch (IOException e) {
      return new Look(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.of("%s cannot be looked at (%s)".formatted(file, e.getClass().getSimpleName())));
    }
    Optional<String> problem = Optional.empty();
    if (!asked.equals(judged)) {
      try {
        found = asked.isEmpty() ? Optional.empty() : find(asked.get(), attributes);
      } catch (AccessDeniedException e) {
        found = Optional.empty();
      } catch (IOException e) {
        found = Optional.empty();
        problem =
            Optional.of("%s cannot be read (%s)".formatted(file, e.getClass().getSimpleName()));
      }
      judged = asked;
    }
    remember(new Mark(now, attributes.size(), attributes.fileKey()));
    return new Look(
        Optional.of(true),
        Optional.of(attributes.size()),
        Optional.of(attributes.lastModifiedTime().toInstant()),
        found,
        problem);
  }

  private void remember(Mark mark) {
    marks.addLast(mark);
    while (marks.getFirst().at().isBefore(mark.at().minus(KEPT))) {
      marks.removeFirst();
    }
  }

  /// The size of the file at some time before the request.
  private Optional<Mark> before(Asked asked) {
    Optional<Mark> before = Optional.empty();
    for (Mark mark : marks) {
      if (mark.at().isBefore(asked.begun())) {
        before = Optional.of(mark);
      }
    }
    return before;
  }

  private Optional<Boolean> find(Asked asked, BasicFileAttributes attributes) throws IOException {
    if (!Files.isReadable(file)) {
      throw new AccessDeniedException(file.toString());
    }
    Optional<Mark> mark = before(asked);
    long size = attributes.size();
    boolean sameFile =
        mark.isPresent()
            && Objects.equals(mark.get().fileKey(), attributes.fileKey())
            && mark.get().size() <= size;
    long from = Math.max(sameFile ? mark.get().size() : 0, size - SEARCHED_BYTES_MAX);
    if (contains(asked.requestId(), from, size)) {
      return Optional.of(true);
    }
    boolean whole = sameFile && from == mark.get().size();
    return whole ? Optional.of(false) : Optional.empty();
  }

  private boolean contains(String id, long from, long to) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(from);
      int kept = 0;
      for (long at = from; at < to; ) {
        int read = in.read(buffer, kept, buffer.length - kept);
        if (read < 0) {
          return false;
        }
        at += read;
        int filled = kept + read;
        if (new String(buffer, 0, filled, StandardCharsets.ISO_8859_1).contains(id)) {
          return true;
        }
        kept = Math.min(id.length() - 1, filled);
        System.arraycopy(buffer, filled - kept, buffer, 0, kept);
      }
      return false;
    }
  }
}
