package dev.lifeboat.ssh;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.config.SecretSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.util.io.resource.PathResource;
import org.apache.sshd.common.util.security.SecurityUtils;

/// Reads the one key that logs in, anew for every connection, so that a rotated one takes effect.
final class LoginKey {
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private LoginKey() {}

  /// [RefusedException] when a file is not what it should be.
  static KeyPair read(SshLogin login) throws RefusedException {
    Path file = login.privateKeyFile();
    KeyPair pair;
    try {
      refuseWhenOpen(file);
      pair = privateKey(login);
    } catch (IOException e) {
      throw new RefusedException(
          "cannot read the private key %s (%s)\nhint: %s"
              .formatted(
                  file,
                  e.getClass().getSimpleName(),
                  "it must belong to the user that lifeboat runs as, in OpenSSH's or PEM format"),
          e);
    } catch (SecretException e) {
      throw new RefusedException(String.valueOf(e.getMessage()), e);
    } catch (GeneralSecurityException | RuntimeException e) {
      throw notOpened(file, e);
    }
    if (login.certificateFile().isEmpty()) {
      return pair;
    }
    return new KeyPair(certificate(login.certificateFile().get()), pair.getPrivate());
  }

  private static KeyPair privateKey(SshLogin login)
      throws IOException, GeneralSecurityException, RefusedException {
    Path file = login.privateKeyFile();
    FilePasswordProvider passphrase =
        login
            .passphrase()
            .map(SecretSource::read)
            .map(secret -> FilePasswordProvider.of(secret.reveal()))
            .orElse(FilePasswordProvider.EMPTY);
    Iterable<KeyPair> pairs;
    try (InputStream in = Files.newInputStream(file)) {
      pairs = SecurityUtils.loadKeyPairIdentities(null, new PathResource(file), in, passphrase);
    } catch (StreamCorruptedException e) {
      throw notOpened(file, e);
    }
    Iterator<KeyPair> first = pairs == null ? Set.<KeyPair>of().iterator() : pairs.iterator();
    if (!first.hasNext()) {
      throw new RefusedException(
          "%s holds no private key\nhint: `ssh-keygen -t ed25519 -f %s` makes one"
              .formatted(file, file));
    }
    return first.next();
  }

  /// What the library says of it may quote the file: it stays in the cause.
  private static RefusedException notOpened(Path file, Exception cause) {
    return new RefusedException(
        "the private key %s cannot be opened\nhint: %s"
            .formatted(
                file, "is it whole, and is passphrase the right one? `ssh-keygen -y -f` tells"),
        cause);
  }

  private static void refuseWhenOpen(Path file) throws IOException, RefusedException {
    // systemd guards the folder of its credentials, and gives its files modes of its own.
    String guarded = System.getenv("CREDENTIALS_DIRECTORY");
    if (guarded != null && file.startsWith(guarded)) {
      return;
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (mode.stream().anyMatch(OTHERS::contains)) {
      throw new RefusedException(
          "the private key %s is open to others than its owner (%s)\nhint: chmod 600 %s"
              .formatted(file, PosixFilePermissions.toString(mode), file));
    }
  }

  private static PublicKey certificate(Path file) throws RefusedException {
    try {
      PublicKey key =
          PublicKeyEntry.parsePublicKeyEntry(Files.readString(file).strip())
              .resolvePublicKey(null, Map.of(), PublicKeyEntryResolver.FAILING);
      if (key instanceof OpenSshCertificate) {
        return key;
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw new RefusedException(
          "cannot read the certificate %s (%s)\nhint: %s"
              .formatted(file, e.getClass().getSimpleName(), "`ssh-keygen -L -f` shows what it is"),
          e);
    }
    throw new RefusedException(
        "%s holds no certificate\nhint: %s"
            .formatted(file, "it is the file that ends in -cert.pub; leave it out without one"));
  }
}
