package dev.lifeboat.lab;

import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.ssh.HostKey;
import dev.lifeboat.ssh.SshLogin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// OpenSSH's server on loopback with a configuration, host keys and one user's key of its own; the
/// user is whoever runs this. It serves `sftp` and nothing else, or runs commands.
public final class Sshd implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);
  private static final int BANNER_TIMEOUT_MS = 2000;

  private final Path folder;
  private final int port;
  private LeashedProcess process;

  private Sshd(Path folder, int port, LeashedProcess process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /// Returns when it answers.
  ///
  /// @param folder is made; keys, configuration and log lie there
  /// @param subsystem arguments of `internal-sftp`, such as `-P hardlink`
  public static Sshd start(Path folder, String subsystem) {
    return serving(
        folder,
        """
        Subsystem sftp internal-sftp %1$s
        ForceCommand internal-sftp %1$s
        """
            .formatted(subsystem));
  }

  /// One that runs whatever command its user gives.
  ///
  /// @param folder is made; keys, configuration and log lie there
  public static Sshd startForCommands(Path folder) {
    return serving(folder, "PermitTTY no");
  }

  private static Sshd serving(Path folder, String lines) {
    Folders.create(folder);
    for (String type : List.of("ed25519", "ecdsa")) {
      keygen("-q", "-t", type, "-N", "", "-f", folder.resolve("host-" + type).toString());
    }
    keygen("-q", "-t", "ed25519", "-N", "", "-f", folder.resolve("user").toString());
    keygen("-q", "-t", "ed25519", "-N", "", "-f", folder.resolve("ca").toString());
    int port;
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 1)) {
      port = ports.next();
    }
    try {
      Files.copy(folder.resolve("user.pub"), folder.resolve("authorized_keys"));
      Files.writeString(
          folder.resolve("sshd_config"),
          """
          Port %d
          ListenAddress 127.0.0.1
          HostKey %2$s/host-ed25519
          HostKey %2$s/host-ecdsa
          PidFile none
          AuthorizedKeysFile %2$s/authorized_keys
          TrustedUserCAKeys %2$s/ca.pub
          PubkeyAuthentication yes
          PasswordAuthentication no
          KbdInteractiveAuthentication no
          UsePAM no
          StrictModes no
          PermitRootLogin prohibit-password
          AllowTcpForwarding no
          MaxStartups 100
          LogLevel VERBOSE
          %3$s
          """
              .formatted(port, folder, lines));
      if (user().equals("root")) {
        // Where root's server parks its unprivileged half; made by the service, which does not run.
        var _ = Files.createDirectories(Path.of("/run/sshd"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var sshd = new Sshd(folder, port, process(folder));
    sshd.awaitReady();
    return sshd;
  }

  private static LeashedProcess process(Path folder) {
    var log = folder.resolve("sshd.log");
    return LeashedProcess.start(
        new LeashedProcess.Invocation(
            List.of(
                Servers.sshd().toString(),
                "-D",
                "-e",
                "-f",
                folder.resolve("sshd_config").toString()),
            folder,
            Map.of("PATH", "/usr/bin:/bin"),
            log,
            log));
  }

  private void awaitReady() {
    Await.until(
        "sshd to answer, see " + folder.resolve("sshd.log"),
        START,
        () -> {
          if (!process.alive()) {
            throw new LabException("sshd ended, see " + folder.resolve("sshd.log"));
          }
          return answers();
        });
  }

  private boolean answers() {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setSoTimeout(BANNER_TIMEOUT_MS);
      return socket.getInputStream().read() == 'S';
    } catch (IOException e) {
      return false;
    }
  }

  /// Runs `ssh-keygen`.
  public static void keygen(String... arguments) {
    var command = new java.util.ArrayList<>(List.of("ssh-keygen"));
    command.addAll(List.of(arguments));
    try {
      var run = new ProcessBuilder(command).redirectErrorStream(true).start();
      run.getOutputStream().close();
      var output = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (run.waitFor() != 0) {
        throw new LabException(command + ": " + output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  public Path folder() {
    return folder;
  }

  public int port() {
    return port;
  }

  public static String user() {
    return System.getProperty("user.name");
  }

  public Path privateKey() {
    return folder.resolve("user");
  }

  /// Its Ed25519 host key as a line without a comment.
  public String hostKey() {
    try {
      var parts = Files.readString(folder.resolve("host-ed25519.pub")).split(" ", -1);
      return parts[0] + " " + parts[1].strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Of [#user] with its key, to [#hostKey].
  public SshLogin login() {
    return new SshLogin(
        "127.0.0.1",
        port,
        user(),
        new HostKey.Pinned(hostKey()),
        privateKey(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(5));
  }

  /// The lines of a store block that logs in here.
  public String storeBlock(Path store) {
    return """
    type = sftp, host = "127.0.0.1", port = %d, user = "%s", path = "%s"
    host-key = "%s"
    private-key-file = "%s"
    """
        .formatted(port, user(), store, hostKey(), privateKey());
  }

  /// SIGKILL, to every session of it too.
  public void kill() {
    var sessions = ProcessHandle.of(process.pid()).stream().flatMap(p -> p.descendants()).toList();
    sessions.forEach(ProcessHandle::destroyForcibly);
    process.kill();
  }

  /// After [#kill].
  public void restart() {
    process = process(folder);
    awaitReady();
  }

  @Override
  public void close() {
    kill();
  }
}
