package dev.lifeboat.unseal;

import dev.lifeboat.keys.Opener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A file with shares: as it is, encrypted for gpg (a name that ends in `.gpg` or `.asc`), or one
/// that `lifeboat rekey` has encrypted to a recipient (`.share`).
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

  /// The private key of whoever has such shares; asked for only when it is needed.
  public interface Key {
    Key NONE = Optional::empty;

    Optional<Opener> get() throws InterruptedException;
  }

  private boolean ends(String... suffixes) {
    String name = String.valueOf(file.getFileName());
    return Arrays.stream(suffixes).anyMatch(name::endsWith);
  }

  /// @param terminal whether gpg may ask somebody for a passphrase
  public List<Share> read(boolean terminal, Key key) throws InterruptedException {
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw new UnsealException(
            "%s has %d bytes, too many for shares\nhint: is this the right file?"
                .formatted(file, Files.size(file)));
      }
      if (ends(SealedShare.SUFFIX)) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        SealedShare sealed = SealedShare.parse(text, file.toString());
        return List.of(sealed.open(key.get().orElseThrow(this::keyless), file.toString()));
      }
      if (ends(".gpg", ".asc")) {
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

  private UnsealException keyless() {
    return new UnsealException(
        file + " is encrypted to a recipient\nhint: --identity FILE names the private key");
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
