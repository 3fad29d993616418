package dev.lifeboat.store.sftp;

import java.io.IOException;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.sftp.client.FullAccessSftpClient;
import org.apache.sshd.sftp.client.extensions.helpers.AbstractSftpClientExtension;

/// `hardlink@openssh.com`: a second name for a file, refused when the name is taken. OpenSSH's
/// PROTOCOL, section 4.5; the library has no client for it.
final class HardLink extends AbstractSftpClientExtension {
  HardLink(FullAccessSftpClient sftp) {
    super("hardlink@openssh.com", sftp, sftp, sftp.getServerExtensions());
  }

  void link(String existing, String name) throws IOException {
    Buffer request = getCommandBuffer(existing, Integer.BYTES + name.length());
    sendAndCheckExtendedCommandStatus(putTarget(putTarget(request, existing), name));
  }
}
