package dev.lifeboat.store.sftp;

import dev.lifeboat.store.SftpConfig;
import java.io.IOException;
import java.security.KeyPair;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.global.OpenSshHostKeysHandler;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.global.KeepAliveHandler;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.forward.RejectAllForwardingFilter;
import org.apache.sshd.sftp.SftpModuleProperties;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHFsyncExtension;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHStatPathExtension;
import org.apache.sshd.sftp.client.impl.AbstractSftpClient;

/// One login and one SFTP channel in it, which several threads may use at once. It closes itself
/// when nothing was heard for `stall-timeout`, so a connection that a firewall forgot between two
/// runs is not waited for in the second.
final class Connection implements AutoCloseable {
  private static final int WORKERS = 2;

  private final SshClient client;
  private final ClientSession session;
  private final AbstractSftpClient sftp;

  private Connection(SshClient client, ClientSession session, AbstractSftpClient sftp) {
    this.client = client;
    this.session = session;
    this.sftp = sftp;
  }

  /// @param hostKeys says afterwards whether it was them who refused
  static Connection open(SftpConfig config, HostKeys hostKeys, KeyPair login) throws IOException {
    SshClient client = client(config, hostKeys);
    client.start();
    try {
      ClientSession session =
          client
              .connect(config.user(), config.host(), config.port())
              .verify(config.connectTimeout())
              .getSession();
      session.addPublicKeyIdentity(login);
      var ignored = session.auth().verify(config.connectTimeout());
      var sftp = (AbstractSftpClient) SftpClientFactory.instance().createSftpClient(session);
      session.addCloseFutureListener(closed -> stop(client));
      return new Connection(client, session, sftp);
    } catch (IOException | RuntimeException e) {
      stop(client);
      throw e;
    }
  }

  private static SshClient client(SftpConfig config, HostKeys hostKeys) {
    SshClient client =
        ClientBuilder.builder()
            .hostConfigEntryResolver(HostConfigEntryResolver.EMPTY)
            .serverKeyVerifier(hostKeys)
            .signatureFactories(hostKeys.signatures())
            .forwardingFilter(RejectAllForwardingFilter.INSTANCE)
            .channelFactories(List.of())
            .globalRequestHandlers(
                List.of(KeepAliveHandler.INSTANCE, OpenSshHostKeysHandler.INSTANCE))
            .build();
    client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
    client.setUserAuthFactories(
        List.of(new UserAuthPublicKeyFactory(ClientBuilder.setUpDefaultSignatureFactories(true))));
    CoreModuleProperties.NIO_WORKERS.set(client, WORKERS);
    CoreModuleProperties.SOCKET_KEEPALIVE.set(client, true);
    CoreModuleProperties.IO_CONNECT_TIMEOUT.set(client, config.connectTimeout());
    CoreModuleProperties.AUTH_TIMEOUT.set(client, config.connectTimeout());
    CoreModuleProperties.IDLE_TIMEOUT.set(client, config.stallTimeout());
    CoreModuleProperties.DISCONNECT_TIMEOUT.set(client, config.connectTimeout());
    SftpModuleProperties.SFTP_CHANNEL_OPEN_TIMEOUT.set(client, config.connectTimeout());
    AbstractSftpClient.SFTP_CLIENT_CMD_TIMEOUT.set(client, config.stallTimeout());
    return client;
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
    return session.isOpen() && sftp.isOpen() && !sftp.isClosing();
  }

  /// At once, whether the server hears of it or not.
  @Override
  public void close() {
    stop(client);
  }

  private static void stop(SshClient client) {
    var ignored = client.close(true);
  }
}
