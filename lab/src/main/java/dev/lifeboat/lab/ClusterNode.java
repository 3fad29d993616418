package dev.lifeboat.lab;

import dev.lifeboat.sandbox.ServerBinary;
import dev.lifeboat.sandbox.ServerConfig;
import dev.lifeboat.sandbox.ServerProcess;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One node of a [Cluster]: its configuration and, while it runs, its process.
public final class ClusterNode {
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofSeconds(2);

  private final ServerBinary binary;
  private ServerConfig config;
  private final List<String> by;
  private VaultApi api;
  private @Nullable ServerProcess process;

  /// @param by what programs on this node are started by; empty on this machine itself
  ClusterNode(ServerBinary binary, ServerConfig config, List<String> by) {
    this.binary = binary;
    this.config = config;
    this.by = List.copyOf(by);
    this.api = api(config);
  }

  private static VaultApi api(ServerConfig config) {
    return config
        .tls()
        .map(tls -> VaultApi.of(config.apiAddress(), Certificates.trusting(tls.caFile())))
        .orElseGet(() -> VaultApi.of(config.apiAddress()));
  }

  /// From its next start on.
  void moveTo(int apiPort, int clusterPort) {
    config = config.at(apiPort, clusterPort);
    api = api(config);
  }

  /// From its next start on.
  void on(String connectionUrl) {
    config = config.on(connectionUrl);
  }

  List<String> by() {
    return by;
  }

  public String name() {
    return config.nodeId();
  }

  public URI address() {
    return config.apiAddress();
  }

  public ServerConfig config() {
    return config;
  }

  /// Without a token.
  public VaultApi api() {
    return api;
  }

  public boolean running() {
    return process != null && process.alive();
  }

  public long pid() {
    return process().pid();
  }

  /// The code of `sys/health`: 200 active, 429 standby, 501 fresh, 503 sealed; 0 is no answer.
  public int health() {
    return api().withTimeout(LOOK).get("sys/health").status();
  }

  /// Its server opens its audit files anew, as `systemctl reload` makes it.
  public void reload() {
    Signal.HUP.to(pid());
  }

  void start() {
    process = ServerProcess.start(binary, config, by);
  }

  void awaitAnswering() {
    process().awaitAnswering(ANSWER_BOUND);
  }

  void stop(Duration bound) {
    if (process != null) {
      process.stop(bound);
    }
  }

  void kill() {
    if (process != null) {
      process.kill();
    }
  }

  private ServerProcess process() {
    if (process == null) {
      throw new IllegalStateException(name() + " was never started");
    }
    return process;
  }

  @Override
  public String toString() {
    return name() + " at " + address();
  }
}
