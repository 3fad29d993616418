package dev.lifeboat.unseal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/// A file with shares: as it is, or encrypted for gpg (a name that ends in `.gpg` or `.asc`).
///
/// @param file the name is all that is ever printed of it
public record ShareFile(Path file) {
  private static final long BYTES_MAX = 1 << 16;
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private boolean encrypted() {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(".gpg") || name.endsWith(".asc");
  }

  /// @param terminal whether gpg may ask somebody for a passphrase
  public List<Share> read(boolean terminal) throws InterruptedException {
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw new UnsealException(
            "%s has %d bytes, too many for shares\nhint: is this the right file?"
                .formatted(file, Files.size(file)));
      }
      if (encrypted()) {
        return ShareText.read(Gpg.decrypt(file, terminal), file.toString());
      }
      refuseWhenOpen();
      return ShareText.read(Files.readString(file, StandardCharsets.ISO_8859_1), file.toString());
    } catch (NoSuchFileException e) {
      throw new UnsealException(file + ": no such file\nhint: is the medium mounted?", e);
    } catch (IOException e) {
      throw new UnsealException(
          "%s cannot be read (%s)\nhint: see its owner and mode"
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  private void refuseWhenOpen() throws IOException {
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (mode.stream().anyMatch(OTHERS::contains)) {
      throw new UnsealException(
          "%s: others than its owner can read or change it (mode %s)\nhint: chmod 600 %s; %s"
              .formatted(
                  file,
                  PosixFilePermissions.toString(mode),
                  file,
                  "if somebody did read it, rekey: a share is spent"));
    }
  }
}
