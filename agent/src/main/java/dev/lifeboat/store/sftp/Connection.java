package dev.lifeboat.store.sftp;

import dev.lifeboat.ssh.RefusedException;
import dev.lifeboat.ssh.SshConnection;
import dev.lifeboat.ssh.SshLogin;
import java.io.IOException;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.sftp.SftpModuleProperties;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHFsyncExtension;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHStatPathExtension;
import org.apache.sshd.sftp.client.impl.AbstractSftpClient;

/// One login and one SFTP channel in it, which several threads may use at once. It closes itself
/// when nothing was heard for `stall-timeout`.
final class Connection implements AutoCloseable {
  private final SshConnection ssh;
  private final AbstractSftpClient sftp;

  private Connection(SshConnection ssh, AbstractSftpClient sftp) {
    this.ssh = ssh;
    this.sftp = sftp;
  }

  static Connection open(SshLogin login) throws IOException, RefusedException {
    SshConnection ssh = SshConnection.open(login);
    try {
      ClientSession session = ssh.session();
      SftpModuleProperties.SFTP_CHANNEL_OPEN_TIMEOUT.set(session, login.connectTimeout());
      AbstractSftpClient.SFTP_CLIENT_CMD_TIMEOUT.set(session, login.stallTimeout());
      return new Connection(
          ssh, (AbstractSftpClient) SftpClientFactory.instance().createSftpClient(session));
    } catch (IOException | RuntimeException e) {
      ssh.close();
      throw e;
    }
  }

  AbstractSftpClient sftp() {
    return sftp;
  }

  HardLink hardLink() {
    return new HardLink(sftp);
  }

  OpenSSHFsyncExtension fsync() {
    return sftp.getExtension(OpenSSHFsyncExtension.class);
  }

  OpenSSHStatPathExtension statvfs() {
    return sftp.getExtension(OpenSSHStatPathExtension.class);
  }

  boolean isOpen() {
    return ssh.isOpen() && sftp.isOpen() && !sftp.isClosing();
  }

  /// At once, whether the server hears of it or not.
  @Override
  public void close() {
    ssh.close();
  }
}
