package dev.lifeboat.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// Where a secret is read from, each time it is needed, so that a rotated file takes effect without
/// a restart. In the configuration: `{ file = … }`, `{ env = … }` or `{ credential = … }`, the last
/// meaning `$CREDENTIALS_DIRECTORY/NAME` of systemd.
///
/// A secret written into the configuration itself is refused by [Section#secret].
public sealed interface SecretSource {
  /// The secret as it is now; [SecretException] when it cannot be had.
  Secret read();

  /// The whole file without trailing line ends. Refused when group or others may do anything with
  /// it.
  ///
  /// @param guarded the file lies in `$CREDENTIALS_DIRECTORY`, which systemd guards as a folder and
  ///   fills with files of its own mode (0440 when an ACL is set): its permissions are not ours to
  ///   judge
  record FromFile(Path file, boolean guarded) implements SecretSource {
    private static final int LIMIT_BYTES = 1 << 16;
    private static final Set<PosixFilePermission> OWNER_ONLY =
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_EXECUTE);

    public FromFile(Path file) {
      this(file, false);
    }

    @Override
    public Secret read() {
      String text;
      try {
        if (!guarded) {
          refuseWhenOpen();
        }
        text = content();
      } catch (NoSuchFileException missing) {
        throw new SecretException("secret file " + file + ": no such file", missing);
      } catch (IOException failed) {
        throw new SecretException(
            "secret file "
                + file
                + ": cannot be read ("
                + failed.getClass().getSimpleName()
                + ")\nhint: it must belong to the user that lifeboat runs as, mode 0600",
            failed);
      }
      String secret = text.stripTrailing();
      if (secret.isEmpty()) {
        throw new SecretException("secret file " + file + ": is empty");
      }
      return oneWord(new Secret(secret));
    }

    private Secret oneWord(Secret secret) {
      if (!secret.isOneWord()) {
        throw new SecretException(
            "secret file %s: holds more than one word\nhint: %s"
                .formatted(file, "write the bare secret: one line, no blank, no byte order mark"));
      }
      return secret;
    }

    private String content() throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(LIMIT_BYTES + 1);
        if (bytes.length > LIMIT_BYTES) {
          throw new SecretException("secret file " + file + ": is larger than 64 KiB");
        }
        return new String(bytes, StandardCharsets.UTF_8);
      }
    }

    private void refuseWhenOpen() throws IOException {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (!OWNER_ONLY.containsAll(permissions)) {
        throw new SecretException(
            "secret file %s: open to others than its owner (%s)\nhint: chmod 600 %s"
                .formatted(file, PosixFilePermissions.toString(permissions), file));
      }
    }
  }

  /// @param value as it was when the configuration was read; a process's environment does not
  ///   change
  record FromEnvironment(String variable, Secret value) implements SecretSource {
    @Override
    public Secret read() {
      return value;
    }
  }
}
