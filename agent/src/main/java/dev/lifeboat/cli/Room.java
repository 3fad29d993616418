package dev.lifeboat.cli;

import dev.lifeboat.config.ByteSize;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether a folder can take a backup: one line of `lifeboat check`. Nothing is written to find
/// out.
///
/// @param line such as `spool /var/lib/lifeboat/spool: writable by root, 12.3 GiB free`
record Room(boolean good, String line) {
  /// Less holds no backup of any cluster.
  private static final long BYTES_MIN = ByteSize.mebibytes(1).bytes();

  static Room of(String name, Path folder) {
    String user = System.getProperty("user.name", "this user");
    boolean there = Files.exists(folder);
    Path nearest = nearest(folder.toAbsolutePath());
    String what = name + " " + folder + ": ";
    if (!Files.isDirectory(nearest)) {
      return bad(what + nearest + " is no folder", "name another folder, or move that file");
    }
    try {
      FileStore disk = Files.getFileStore(nearest);
      long free = disk.getUsableSpace();
      if (disk.isReadOnly() || !Files.isWritable(nearest)) {
        return bad(
            what + nearest + " is not writable by " + user,
            "see that the disk is mounted: findmnt -T %s; then give it to that user, or ask as the"
                    .formatted(folder)
                + " agent's: runuser -u lifeboat -- lifeboat check");
      }
      if (free < BYTES_MIN) {
        return bad(what + "no space left", "free some on " + disk.name());
      }
      return new Room(
          true,
          "%s%s by %s, %s free"
              .formatted(
                  what,
                  there ? "writable" : "will be made, on %s, writable".formatted(mount(nearest)),
                  user,
                  Words.size(free)));
    } catch (IOException e) {
      return bad(what + "cannot be looked at: " + e, "see its file system");
    }
  }

  /// The folder itself, or the one above it that is there.
  private static Path nearest(Path folder) {
    Path above = folder.getParent();
    return above == null || Files.exists(folder) ? folder : nearest(above);
  }

  /// Where its file system is mounted, and which kind it is: a disk that is not mounted is then
  /// seen. Not found where one file system is mounted twice, one within the other.
  private static String mount(Path folder) throws IOException {
    Path mount = folder.toRealPath();
    FileStore disk = Files.getFileStore(mount);
    Path above = mount.getParent();
    while (above != null && Files.getFileStore(above).equals(disk)) {
      mount = above;
      above = mount.getParent();
    }
    return "%s (%s)".formatted(mount, disk.type());
  }

  private static Room bad(String sentence, String hint) {
    return new Room(false, sentence + "\nhint: " + hint);
  }
}
