package dev.lifeboat.lab;

import dev.lifeboat.config.Secret;
import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.RaftTiming;
import dev.lifeboat.sandbox.ServerBinary;
import dev.lifeboat.sandbox.ServerConfig;
import dev.lifeboat.sandbox.ServerProcess;
import dev.lifeboat.vault.Product;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One server that a test takes through its life step by step: it has an address before it is
/// started, is fresh after that, and opens with one Shamir share.
final class LoneServer implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final ServerBinary binary;
  private final ServerConfig config;
  private final HttpClient client;
  private @Nullable ServerProcess process;
  private @Nullable ClusterKeys keys;

  private LoneServer(ServerBinary binary, ServerConfig config, HttpClient client) {
    this.binary = binary;
    this.config = config;
    this.client = client;
  }

  static LoneServer plain(Product product, Path folder) {
    return of(product, folder, Optional.empty(), HttpClient.newHttpClient());
  }

  /// @param client trusts the certificate
  static LoneServer secured(Product product, Path folder, ServerConfig.Tls tls, HttpClient client) {
    return of(product, folder, Optional.of(tls), client);
  }

  private static LoneServer of(
      Product product, Path folder, Optional<ServerConfig.Tls> tls, HttpClient client) {
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 2)) {
      var config =
          new ServerConfig(
              product,
              folder,
              "node-1",
              "lab",
              "127.0.0.1",
              ports.next(),
              ports.next(),
              List.of(),
              RaftTiming.QUICK,
              tls,
              Optional.empty(),
              Optional.empty(),
              "info");
      return new LoneServer(TestClusters.binary(product), config, client);
    }
  }

  URI address() {
    return config.apiAddress();
  }

  VaultApi api() {
    return VaultApi.of(address(), client);
  }

  VaultApi root() {
    return api().withToken(rootToken());
  }

  Secret rootToken() {
    return keys().rootToken();
  }

  /// Returns when it answers.
  void start() {
    process = ServerProcess.start(binary, config);
    process.awaitAnswering(BOUND);
  }

  /// Leaves it sealed.
  void initialise() {
    keys =
        ClusterKeys.of(
            api()
                .put("sys/init", Map.of("secret_shares", 1, "secret_threshold", 1))
                .require()
                .body());
  }

  /// Returns when it is active.
  void unseal() {
    var share = keys().shares().getFirst();
    api().put("sys/unseal", Map.of("key", share.reveal())).require();
    Await.until("the server to lead", BOUND, () -> api().get("sys/health").status() == 200);
  }

  void seal() {
    root().put("sys/seal", Map.of()).require();
  }

  void kill() {
    if (process != null) {
      process.kill();
    }
  }

  private ClusterKeys keys() {
    if (keys == null) {
      throw new IllegalStateException("not initialised yet");
    }
    return keys;
  }

  @Override
  public void close() {
    kill();
  }
}
