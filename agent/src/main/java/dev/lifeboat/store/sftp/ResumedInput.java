package dev.lifeboat.store.sftp;

import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.attribute.FileTime;
import org.apache.sshd.sftp.client.SftpClient.Attributes;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.OpenMode;
import org.apache.sshd.sftp.client.impl.SftpInputStreamAsync;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;

/// One object from its first byte to its last: when the connection breaks, the rest is read over
/// another one, provided that size and time of the file are still the same. [StoreException] with
/// `UNAVAILABLE` when that did not help.
final class ResumedInput extends InputStream {
  private static final System.Logger logger = System.getLogger(ResumedInput.class.getName());
  private static final int RESUMPTIONS = 5;
  private static final int BUFFER_BYTES = 1 << 15;

  private final Server server;
  private final String object;
  private final String path;
  private Part part;
  private long at;
  private int resumptions;

  /// What one connection gives.
  private record Part(Connection connection, InputStream bytes, long length, FileTime changed) {}

  private ResumedInput(Server server, String object, String path) {
    this.server = server;
    this.object = object;
    this.path = path;
    this.part = begin();
  }

  static ResumedInput open(Server server, String object, String path) {
    return new ResumedInput(server, object, path);
  }

  private String doing() {
    return "cannot read " + server.failures().place(object);
  }

  private Part begin() {
    return server.ask(
        doing(),
        connection -> {
          // Not what a link points to.
          Attributes file = connection.sftp().lstat(path);
          if (!file.isRegularFile()) {
            throw new SftpException(SftpConstants.SSH_FX_NO_SUCH_FILE, "is no file");
          }
          CloseableHandle handle = connection.sftp().open(path, OpenMode.Read);
          return new Part(
              connection,
              new SftpInputStreamAsync(
                  connection.sftp(), BUFFER_BYTES, at, file.getSize(), path, handle),
              file.getSize(),
              file.getModifyTime());
        });
  }

  long length() {
    return part.length();
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int count) {
    if (count == 0) {
      return 0;
    }
    while (at < part.length()) {
      try {
        int read = part.bytes().read(into, offset, (int) Math.min(count, part.length() - at));
        if (read > 0) {
          at += read;
          return read;
        }
        throw new EOFException("ends at byte %d of %d".formatted(at, part.length()));
      } catch (IOException e) {
        resume(server.translated(doing(), e, part.connection()));
      }
    }
    return -1;
  }

  private void resume(StoreException broken) {
    resumptions++;
    if (broken.reason() != Reason.UNAVAILABLE
        || resumptions > RESUMPTIONS
        || Thread.currentThread().isInterrupted()) {
      throw broken;
    }
    logger.log(
        System.Logger.Level.INFO,
        "event=read_resumed object={0} at={1}",
        object,
        Long.toString(at));
    Part before = part;
    Part next = begin();
    if (next.length() != before.length() || !next.changed().equals(before.changed())) {
      throw server
          .failures()
          .said(Reason.UNAVAILABLE, doing() + ": it was changed while it was read", broken);
    }
    part = next;
  }

  /// Waits for what was asked for ahead; a failure there is nobody's concern any more.
  @Override
  public void close() {
    try {
      part.bytes().close();
    } catch (IOException e) {
      var ignored = server.translated(doing(), e, part.connection());
    }
  }
}
