package dev.lifeboat.keys;

import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.KeyException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Files of key lines: written once, whole and durable, and never overwritten; read only when a
/// private one is private.
public final class KeyFiles {
  private static final long FILE_BYTES_MAX = 1 << 20;

  private static final String CHECK_PATH =
      "check the path and the file's owner in the configuration";

  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private KeyFiles() {}

  /// Writes a private line with mode 0600. A file that exists is left as it is and refused: the
  /// only copy of a key may be in it.
  public static void writePrivate(Path file, Secret line) {
    byte[] bytes = line.revealBytes();
    try {
      write(file, bytes, "rw-------");
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /// Writes a public line with mode 0644; an existing file is refused too.
  public static void writePublic(Path file, String line) {
    write(file, line.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
  }

  /*
   * The name is given with link(2), which fails when it is taken, where rename(2) would replace
   * what is there. A crash leaves at most a hidden temporary file beside it, never half a key
   * under the name.
   */
  private static void write(Path file, byte[] line, String mode) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new KeyException(Reason.BAD_KEY_FILE, file + ": not a file name");
    }
    try {
      Path temporary =
          Files.createTempFile(
              folder,
              ".lifeboat-key-",
              ".tmp",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try {
        try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
          writeFully(channel, ByteBuffer.wrap(line));
          writeFully(channel, ByteBuffer.wrap(new byte[] {'\n'}));
          Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString(mode));
          channel.force(true);
        }
        Files.createLink(file, temporary);
      } finally {
        Files.deleteIfExists(temporary);
      }
      try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    } catch (FileAlreadyExistsException e) {
      throw new KeyException(
          Reason.BAD_KEY_FILE,
          file
              + ": exists already and was not changed\nhint: give another name, or move the old"
              + " key away; backups made for it open with nothing else",
          e);
    } catch (NoSuchFileException e) {
      throw new KeyException(
          Reason.BAD_KEY_FILE,
          file + ": its folder does not exist\nhint: mkdir -p -m 700 " + folder,
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written", e);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /// A passphrase: the only line of a private file, which may hold blanks.
  public static Secret readPassphrase(Path file) {
    requirePrivate(file, CHECK_PATH);
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw KeyLine.bad(file.toString(), "too large for a passphrase", "is this the right file?");
      }
      List<String> lines =
          new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
      if (lines.size() != 1 || lines.getFirst().isBlank()) {
        throw KeyLine.bad(
            file.toString(),
            "expected one line with a passphrase, found %d lines".formatted(lines.size()),
            "write the bare passphrase into it");
      }
      return new Secret(lines.getFirst().strip());
    } catch (IOException e) {
      throw unreadable(file, e, CHECK_PATH);
    }
  }

  /// The key lines of a file: neither blank nor a `#` comment.
  record NumberedLine(String where, String text) {}

  /// The one key in a private file.
  static KeyLine readPrivate(KeyKind kind, Path file) {
    return readPrivate(kind, file, System.getenv("CREDENTIALS_DIRECTORY"));
  }

  /// systemd gives a unit's user its credentials by an access list, which the mode then shows as
  /// readable for the group although it is not: files in that folder are private by construction.
  static KeyLine readPrivate(KeyKind kind, Path file, @Nullable String credentialsFolder) {
    boolean credential =
        credentialsFolder != null
            && file.toAbsolutePath().normalize().startsWith(Path.of(credentialsFolder));
    if (!credential) {
      requirePrivate(file, kind.origin());
    }
    List<NumberedLine> lines = lines(kind, file);
    if (lines.size() == 1) {
      return KeyLine.parse(kind, lines.getFirst().text(), file.toString());
    }
    if (!lines.isEmpty()) {
      // A foreign key of many lines is told as such by its first.
      var _ = KeyLine.parse(kind, lines.getFirst().text(), file.toString());
    }
    throw KeyLine.bad(
        file.toString(),
        "expected one line with %s, found %d lines".formatted(kind.words(), lines.size()),
        lines.isEmpty() ? "make one with: lifeboat keys generate" : "keep one key to a file");
  }

  /// @param kind what should be in it
  static List<NumberedLine> lines(KeyKind kind, Path file) {
    String text;
    try {
      long size = Files.size(file);
      if (size > FILE_BYTES_MAX) {
        throw KeyLine.bad(
            file.toString(),
            "%d bytes are too many for a key file, at most %d".formatted(size, FILE_BYTES_MAX),
            "is this the right file?");
      }
      text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unreadable(file, e, kind.origin());
    }
    var lines = new ArrayList<NumberedLine>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (!line.isBlank() && !line.stripLeading().startsWith("#")) {
        lines.add(new NumberedLine(file + ":" + number, line));
      }
    }
    return lines;
  }

  /// @param missing the hint when there is no such file
  static void requirePrivate(Path file, String missing) {
    Set<PosixFilePermission> mode;
    try {
      mode = Files.getPosixFilePermissions(file);
    } catch (IOException e) {
      throw unreadable(file, e, missing);
    }
    if (mode.stream().anyMatch(OTHERS::contains)) {
      throw KeyLine.bad(
          file.toString(),
          "others than its owner can read or change it (mode %s)"
              .formatted(PosixFilePermissions.toString(mode)),
          "chmod 600 " + file + ", and make a new key if somebody did");
    }
  }

  private static KeyException unreadable(Path file, IOException e, String missing) {
    String what =
        switch (e) {
          case NoSuchFileException _ -> "no such file";
          case java.nio.file.AccessDeniedException _ -> "this user may not read it";
          case IOException other -> "cannot be read: " + other.getMessage();
        };
    return new KeyException(
        Reason.BAD_KEY_FILE,
        file + ": " + what + "\nhint: " + (e instanceof NoSuchFileException ? missing : CHECK_PATH),
        e);
  }
}
