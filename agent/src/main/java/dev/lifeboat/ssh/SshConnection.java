package dev.lifeboat.ssh;

import java.io.IOException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.global.OpenSshHostKeysHandler;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.RuntimeSshException;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.global.KeepAliveHandler;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.forward.RejectAllForwardingFilter;

/// One login at a server, which several threads may use at once.
public final class SshConnection implements AutoCloseable {
  private static final int WORKERS = 2;
  private static final String QUESTION = "keepalive@openssh.com";

  /// How many questions may be without an answer; the next one ends the connection.
  private static final int UNANSWERED_MAX = 2;

  static {
    Ed25519.register();
  }

  private final SshClient client;
  private final ClientSession session;

  private SshConnection(SshClient client, ClientSession session) {
    this.client = client;
    this.session = session;
  }

  /// One that closes itself when nothing was heard for `stall-timeout`, so that one which a
  /// firewall forgot between two uses is not waited for in the second.
  ///
  /// [RefusedException] when trying again does not help, [IOException] when there is no connection.
  public static SshConnection open(SshLogin login) throws IOException, RefusedException {
    return open(login, client -> {});
  }

  /// One on which the server is asked now and then whether it is there: it may stay silent as long
  /// as it likes about anything else. Closes itself when no answer came for `stall-timeout`.
  public static SshConnection openAsking(SshLogin login) throws IOException, RefusedException {
    return open(
        login,
        client -> {
          CoreModuleProperties.HEARTBEAT_REQUEST.set(client, QUESTION);
          CoreModuleProperties.HEARTBEAT_INTERVAL.set(
              client, login.stallTimeout().dividedBy(UNANSWERED_MAX + 1));
          CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(client, UNANSWERED_MAX);
        });
  }

  @FunctionalInterface
  private interface Setting {
    void of(SshClient client);
  }

  private static SshConnection open(SshLogin login, Setting more)
      throws IOException, RefusedException {
    HostKeys hostKeys;
    try {
      hostKeys = HostKeys.read(login);
    } catch (IOException e) {
      throw new RefusedException(
          "cannot read the known host keys (%s: %s)\nhint: see known-hosts-file or host-key"
              .formatted(e.getClass().getSimpleName(), e.getMessage()),
          e);
    }
    KeyPair key = LoginKey.read(login);
    SshClient client = client(login, hostKeys);
    more.of(client);
    client.start();
    try {
      return new SshConnection(client, session(login, client, key));
    } catch (IOException | RuntimeException e) {
      stop(client);
      throw translated(login, hostKeys, e);
    }
  }

  private static ClientSession session(SshLogin login, SshClient client, KeyPair key)
      throws IOException {
    ClientSession session =
        client
            .connect(login.user(), login.host(), login.port())
            .verify(login.connectTimeout())
            .getSession();
    session.addPublicKeyIdentity(key);
    var ignored = session.auth().verify(login.connectTimeout());
    session.addCloseFutureListener(closed -> stop(client));
    return session;
  }

  /// What the library throws unchecked when a connection breaks is an [IOException] too.
  private static IOException translated(SshLogin login, HostKeys hostKeys, Exception e)
      throws RefusedException {
    if (hostKeys.refusal().isPresent()) {
      throw new RefusedException(hostKeys.refusal().get(), e);
    }
    if (e instanceof SshException ssh && loginRefused(ssh)) {
      throw new RefusedException(
          "the server refused the login of %s\nhint: %s"
              .formatted(
                  login.user(),
                  "is the public half of %s in authorized_keys there? its log says why"
                      .formatted(login.privateKeyFile())),
          e);
    }
    return switch (e) {
      case IOException broken -> broken;
      case RuntimeSshException broken -> new IOException(broken);
      case IllegalStateException broken -> new IOException(broken);
      case RuntimeException ours -> throw ours;
      default -> throw new IllegalArgumentException(e);
    };
  }

  private static boolean loginRefused(SshException e) {
    return e.getDisconnectCode() == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE;
  }

  private static SshClient client(SshLogin login, HostKeys hostKeys) {
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
    CoreModuleProperties.IO_CONNECT_TIMEOUT.set(client, login.connectTimeout());
    CoreModuleProperties.AUTH_TIMEOUT.set(client, login.connectTimeout());
    CoreModuleProperties.IDLE_TIMEOUT.set(client, login.stallTimeout());
    CoreModuleProperties.DISCONNECT_TIMEOUT.set(client, login.connectTimeout());
    return client;
  }

  /// To open channels on.
  public ClientSession session() {
    return session;
  }

  public boolean isOpen() {
    return session.isOpen();
  }

  /// Returns when the server has answered, whatever it says; [IOException] when it does not.
  public void ask(Duration bound) throws IOException {
    Buffer question = session.createBuffer(SshConstants.SSH_MSG_GLOBAL_REQUEST, Long.SIZE);
    question.putString(QUESTION);
    question.putBoolean(true);
    var ignored = session.request(QUESTION, question, bound);
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
