package dev.lifeboat.store.sftp;

import dev.lifeboat.ssh.SshTrouble;
import dev.lifeboat.store.SftpConfig;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.util.Locale;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHStatExtensionInfo;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHStatPathExtension;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;

/// The one place that turns what the server, the network or the library says into
/// [StoreException]s.
final class Failures {
  private static final long FULL_BELOW_BYTES = 1 << 20;

  private final String store;
  private final SftpConfig config;

  Failures(String store, SftpConfig config) {
    this.store = store;
    this.config = config;
  }

  /// `sftp://user@host:port/folder/object`
  String place(String object) {
    return config.place() + "/" + object;
  }

  StoreException said(Reason reason, String message) {
    return new StoreException(reason, "store %s: %s".formatted(store, message));
  }

  StoreException said(Reason reason, String message, Throwable cause) {
    return new StoreException(reason, "store %s: %s".formatted(store, message), cause);
  }

  StoreException taken(String object) {
    return said(Reason.EXISTS, place(object) + " exists already and nothing is ever overwritten");
  }

  /// The connection broke, or never came to be.
  StoreException broken(String doing, Throwable e) {
    if (SshTrouble.interrupted(e)) {
      Thread.currentThread().interrupt();
      return said(Reason.UNAVAILABLE, doing + ": told to stop", e);
    }
    return said(
        Reason.UNAVAILABLE,
        "%s: %s\nhint: can this machine reach %s:%d, and does it serve sftp?"
            .formatted(doing, SshTrouble.words(e), config.login().host(), config.login().port()),
        e);
  }

  /// Whether it says that the connection is of no more use, in whatever words.
  static boolean isBroken(IOException e) {
    return !(e instanceof SftpException answer)
        || answer.getStatus() == SftpConstants.SSH_FX_NO_CONNECTION
        || answer.getStatus() == SftpConstants.SSH_FX_CONNECTION_LOST;
  }

  /// The server's own answer. OpenSSH calls most things "Failure": what its file system says when
  /// asked is better evidence. Asks it, so only while the connection lives.
  StoreException answered(String doing, SftpException e, Connection connection) {
    String what =
        "%s: %s (%d) %s"
            .formatted(
                doing,
                SftpConstants.getStatusName(e.getStatus()),
                e.getStatus(),
                SshTrouble.brief(String.valueOf(e.getMessage())));
    return switch (e.getStatus()) {
      case SftpConstants.SSH_FX_NO_SUCH_FILE, SftpConstants.SSH_FX_NO_SUCH_PATH ->
          isFolder(connection)
              ? said(Reason.NOT_FOUND, what, e)
              : said(
                  Reason.UNAVAILABLE,
                  "%s\nhint: make the folder %s there, or correct path"
                      .formatted(what, config.folder()),
                  e);
      case SftpConstants.SSH_FX_PERMISSION_DENIED, SftpConstants.SSH_FX_WRITE_PROTECT ->
          said(
              Reason.DENIED,
              "%s\nhint: %s must own %s there"
                  .formatted(what, config.login().user(), config.folder()),
              e);
      case SftpConstants.SSH_FX_FILE_ALREADY_EXISTS -> said(Reason.EXISTS, what, e);
      case SftpConstants.SSH_FX_NO_SPACE_ON_FILESYSTEM, SftpConstants.SSH_FX_QUOTA_EXCEEDED ->
          full(what, e);
      default -> byDisk(what, e, connection);
    };
  }

  private StoreException full(String what, SftpException e) {
    return said(Reason.FULL, what + "\nhint: free space there, or raise the quota", e);
  }

  private StoreException byDisk(String what, SftpException e, Connection connection) {
    String text = what.toLowerCase(Locale.ROOT);
    if (text.contains("no space") || text.contains("quota") || text.contains("disk full")) {
      return full(what, e);
    }
    try {
      OpenSSHStatPathExtension statvfs = connection.statvfs();
      if (statvfs.isSupported()) {
        OpenSSHStatExtensionInfo disk = statvfs.stat(config.folder());
        if ((disk.f_flag & OpenSSHStatExtensionInfo.SSH_FXE_STATVFS_ST_RDONLY) != 0) {
          return said(
              Reason.DENIED, what + "\nhint: the file system there is read-only; mount it rw", e);
        }
        if (disk.f_bavail * disk.f_frsize < FULL_BELOW_BYTES || disk.f_favail == 0) {
          return full(what, e);
        }
      }
    } catch (IOException | RuntimeException failed) {
      e.addSuppressed(failed);
    }
    return said(
        Reason.UNAVAILABLE,
        "%s\nhint: the log of the server there says more; a quota of %s may be used up"
            .formatted(what, config.login().user()),
        e);
  }

  private boolean isFolder(Connection connection) {
    try {
      return connection.sftp().stat(config.folder()).isDirectory();
    } catch (IOException e) {
      return false;
    }
  }
}
