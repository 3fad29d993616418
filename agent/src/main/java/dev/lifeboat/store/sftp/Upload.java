package dev.lifeboat.store.sftp;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.sshd.sftp.client.SftpClient.Attributes;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.OpenMode;
import org.apache.sshd.sftp.client.impl.SftpInputStreamAsync;
import org.apache.sshd.sftp.client.impl.SftpOutputStreamAsync;
import org.apache.sshd.sftp.common.SftpException;

/// An object while it is written: a file `.partial-RANDOM-NAME` beside the finished ones, gone when
/// closed, if the server still hears us.
final class Upload implements AutoCloseable {
  static final String PREFIX = ".partial-";

  private static final int BUFFER_BYTES = 1 << 15;
  private static final int OWNER_ONLY = 0600;

  private final Connection connection;
  private final String path;
  private final CloseableHandle handle;
  private final Set<String> left;
  private long bytes;
  private boolean renamed;

  private Upload(Connection connection, String path, CloseableHandle handle, Set<String> left) {
    this.connection = connection;
    this.path = path;
    this.handle = handle;
    this.left = left;
  }

  /// @param left where a file is noted that could not be removed
  static Upload create(Connection connection, String folder, String object, Set<String> left)
      throws IOException {
    String path =
        "%s/%s%016x-%s".formatted(folder, PREFIX, ThreadLocalRandom.current().nextLong(), object);
    CloseableHandle handle;
    try {
      handle =
          connection
              .sftp()
              .open(path, OpenMode.Read, OpenMode.Write, OpenMode.Create, OpenMode.Exclusive);
    } catch (IOException e) {
      if (Failures.isBroken(e)) {
        left.add(path);
      }
      throw e;
    }
    Upload upload = new Upload(connection, path, handle, left);
    try {
      Attributes mode = new Attributes();
      mode.setPermissions(OWNER_ONLY);
      connection.sftp().setStat(handle, mode);
    } catch (SftpException e) {
      // A server without modes, or one that gives its own. What we store is encrypted.
    } catch (IOException e) {
      upload.close();
      throw e;
    }
    return upload;
  }

  String path() {
    return path;
  }

  /// The file could not be read; said apart from what the server says.
  static final class SourceException extends RuntimeException {
    SourceException(IOException cause) {
      super(cause);
    }
  }

  /// Writes all of `source`, durable where the server knows how, and answers the SHA-256 of what
  /// was read from it.
  String write(InputStream source) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    // Closed only at the end of all bytes: it waits for every answer, and on a connection that
    // broke
    // for its time to be over. The handle stays open.
    var out = new SftpOutputStreamAsync(connection.sftp(), 0, path, handle, false);
    for (int read = read(source, buffer); read >= 0; read = read(source, buffer)) {
      digest.update(buffer, 0, read);
      out.write(buffer, 0, read);
      bytes += read;
    }
    out.close();
    sync();
    return HexFormat.of().formatHex(digest.digest());
  }

  private static int read(InputStream source, byte[] buffer) {
    try {
      return source.read(buffer);
    } catch (IOException e) {
      throw new SourceException(e);
    }
  }

  /// The SHA-256 of what the server gives back.
  String readBack() throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    var in =
        new SftpInputStreamAsync(connection.sftp(), BUFFER_BYTES, 0, bytes, path, handle, false);
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      digest.update(buffer, 0, read);
    }
    in.close();
    return HexFormat.of().formatHex(digest.digest());
  }

  /// By `fsync@openssh.com`, where it is offered.
  void sync() throws IOException {
    var fsync = connection.fsync();
    if (fsync.isSupported()) {
      fsync.fsync(handle);
    }
  }

  /// Its own name is gone, by being renamed.
  void renamed() {
    renamed = true;
  }

  @Override
  public void close() {
    try {
      if (!renamed) {
        connection.sftp().remove(path);
      }
    } catch (IOException e) {
      left.add(path);
    }
    try {
      handle.close();
    } catch (IOException e) {
      // With the connection.
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
