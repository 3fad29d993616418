package dev.lifeboat.backup;

import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The size and SHA-256 of an object as it is read back.
record StoredHash(long bytes, String sha256) {
  static StoredHash of(Store store, String object) {
    try (InputStream in = store.open(object)) {
      return of(in);
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Reason.UNAVAILABLE,
          "store %s: %s cannot be read to its end: %s"
              .formatted(store.name(), object, e.getMessage()),
          e);
    }
  }

  static StoredHash of(Path file) {
    try (InputStream in = new FileInputStream(file.toFile())) {
      return of(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StoredHash of(InputStream in) throws IOException {
    MessageDigest digest = newSha256();
    byte[] buffer = new byte[1 << 18];
    long bytes = 0;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      digest.update(buffer, 0, read);
      bytes += read;
    }
    return new StoredHash(bytes, HexFormat.of().formatHex(digest.digest()));
  }

  static StoredHash of(byte[] content) {
    return new StoredHash(content.length, HexFormat.of().formatHex(newSha256().digest(content)));
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  Manifest.Content content() {
    return new Manifest.Content(bytes, sha256);
  }

  boolean matches(Manifest.Content expected) {
    return bytes == expected.bytes() && sha256.equals(expected.sha256());
  }
}
