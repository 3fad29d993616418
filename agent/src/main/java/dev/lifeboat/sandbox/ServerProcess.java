package dev.lifeboat.sandbox;

import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import dev.lifeboat.sandbox.SandboxException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One running `bao` or `vault` server of ours, on a leash.
public final class ServerProcess implements AutoCloseable {
  private static final Duration PROBE_INTERVAL = Duration.ofMillis(50);
  private static final int LOG_LINES_SHOWN = 5;

  private final ServerConfig config;
  private final LeashedProcess process;

  private ServerProcess(ServerConfig config, LeashedProcess process) {
    this.config = config;
    this.process = process;
  }

  /// Writes the configuration and starts the server; does not wait for it.
  public static ServerProcess start(ServerBinary binary, ServerConfig config) {
    return start(binary, config, List.of());
  }

  /// The same by another program, which becomes the server.
  ///
  /// @param by its name and arguments, such as those of nsenter
  public static ServerProcess start(ServerBinary binary, ServerConfig config, List<String> by) {
    List<String> command = new ArrayList<>(by);
    command.addAll(List.of(binary.path().toString(), "server", "-config=" + config.configFile()));
    config.write();
    return new ServerProcess(
        config,
        LeashedProcess.start(
            new Invocation(
                command,
                config.folder(),
                environment(config.folder()),
                config.logFile(),
                config.logFile())));
  }

  // Nothing is inherited: a VAULT_… or BAO_… variable of ours would change what the server does,
  // and NOTIFY_SOCKET would make it report itself to systemd in our name.
  private static Map<String, String> environment(Path folder) {
    var path = System.getenv("PATH");
    return Map.of(
        "PATH",
        path == null ? "/usr/bin:/bin" : path,
        "HOME",
        folder.toString(),
        "TMPDIR",
        folder.toString(),
        "LANG",
        "C.UTF-8");
  }

  public ServerConfig config() {
    return config;
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.alive();
  }

  /// Waits until it answers requests, sealed or not; [SandboxException] with the end of its log
  /// when it has ended or `deadline` is over.
  public void awaitAnswering(Duration deadline) {
    var end = System.nanoTime() + deadline.toNanos();
    try (var probe = HealthProbe.of(config)) {
      while (!probe.answers()) {
        if (Thread.currentThread().isInterrupted()) {
          throw new SandboxException(
              Reason.TIMEOUT, "interrupted while waiting for server " + config.nodeId());
        }
        if (process.awaitEnd(PROBE_INTERVAL)) {
          throw new SandboxException(
              Reason.ENDED, "server " + config.nodeId() + " ended by itself" + endOfLog());
        }
        if (System.nanoTime() > end) {
          throw new SandboxException(
              Reason.TIMEOUT,
              "server "
                  + config.nodeId()
                  + " did not answer at "
                  + config.apiAddress()
                  + " in "
                  + deadline
                  + endOfLog());
        }
      }
    }
  }

  /// SIGTERM, which seals and steps down; SIGKILL when it has not ended after `bound`.
  public void stop(Duration bound) {
    process.stop(bound);
  }

  /// SIGKILL: what a power failure looks like to the others.
  public void kill() {
    process.kill();
  }

  @Override
  public void close() {
    process.close();
  }

  private String endOfLog() {
    try {
      var lines = Files.readAllLines(config.logFile());
      var shown = lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size());
      return "; the end of its log:\n  " + String.join("\n  ", shown);
    } catch (IOException e) {
      return "; its log cannot be read: " + e.getMessage();
    }
  }
}
