package dev.lifeboat.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.jspecify.annotations.Nullable;

/// An SSH server in this process that runs what it is told by `sh -c`, with an Ed25519 key of its
/// own and one user.
public final class TestSshd implements AutoCloseable {
  private final Path folder;
  private final KeyPair hostKey;
  private final KeyPair userKey;
  private final SshServer server;

  private TestSshd(Path folder, KeyPair hostKey, KeyPair userKey, SshServer server) {
    this.folder = folder;
    this.hostKey = hostKey;
    this.userKey = userKey;
    this.server = server;
  }

  /// @param folder for the private key of the user
  public static TestSshd start(Path folder) {
    Ed25519.register();
    KeyPair hostKey = pair("Ed25519");
    KeyPair userKey = pair("Ed25519");
    SshServer server = SshServer.setUpDefaultServer();
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
    server.setPublickeyAuthenticator(
        (user, key, _) -> user.equals("root") && KeyUtils.compareKeys(key, userKey.getPublic()));
    server.setCommandFactory((_, line) -> new Shell(line));
    var sshd = new TestSshd(folder, hostKey, userKey, server);
    try {
      server.start();
      privateKey(sshd.privateKeyFile(), userKey);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sshd;
  }

  public static KeyPair pair(String algorithm) {
    try {
      return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Written as PEM, for its owner alone.
  public static Path privateKey(Path file, KeyPair pair) throws IOException {
    String text =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pair.getPrivate().getEncoded());
    Files.writeString(
        file, "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private Path privateKeyFile() {
    return folder.resolve("user");
  }

  public KeyPair userKey() {
    return userKey;
  }

  public int port() {
    return server.getPort();
  }

  /// Such as `ssh-ed25519 AAAA…`.
  public String hostKey() {
    return PublicKeyEntry.toString(hostKey.getPublic());
  }

  public SshLogin login() {
    return login(new HostKey.Pinned(hostKey()), privateKeyFile());
  }

  public SshLogin login(HostKey known, Path privateKey) {
    return new SshLogin(
        "127.0.0.1",
        port(),
        "root",
        known,
        privateKey,
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5));
  }

  /// Ends every connection, and takes no more.
  @Override
  public void close() {
    try {
      server.stop(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A process whose pipes are those of a channel.
  private static final class Shell implements Command {
    private final String line;
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();
    private OutputStream err = OutputStream.nullOutputStream();
    private ExitCallback exit = (_, _, _) -> {};
    private @Nullable Process process;

    Shell(String line) {
      this.line = line;
    }

    @Override
    public void setInputStream(InputStream in) {
      this.in = in;
    }

    @Override
    public void setOutputStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void setErrorStream(OutputStream err) {
      this.err = err;
    }

    @Override
    public void setExitCallback(ExitCallback exit) {
      this.exit = exit;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
      Process started = new ProcessBuilder("/bin/sh", "-c", line).start();
      process = started;
      Thread.ofPlatform().daemon().start(() -> pump(in, started.getOutputStream(), true));
      var errors =
          Thread.ofPlatform().daemon().start(() -> pump(started.getErrorStream(), err, false));
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                pump(started.getInputStream(), out, false);
                try {
                  errors.join();
                  exit.onExit(started.waitFor());
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }

    private static void pump(InputStream from, OutputStream to, boolean close) {
      byte[] some = new byte[1 << 13];
      try {
        for (int read = from.read(some); read >= 0; read = from.read(some)) {
          to.write(some, 0, read);
          to.flush();
        }
      } catch (IOException e) {
        // One of the two ends is gone.
      } finally {
        if (close) {
          closeQuietly(to);
        }
      }
    }

    private static void closeQuietly(OutputStream to) {
      try {
        to.close();
      } catch (IOException e) {
        // As above.
      }
    }

    @Override
    public void destroy(ChannelSession channel) {
      if (process != null) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
  }
}
