package dev.lifeboat.lab;

import dev.lifeboat.collector.ApiRequests;
import dev.lifeboat.collector.Build;
import dev.lifeboat.collector.ClusterCollector;
import dev.lifeboat.collector.ConfigReload;
import dev.lifeboat.collector.ExporterCollector;
import dev.lifeboat.collector.NodeCollector;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.metrics.Exposition;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Watch;
import dev.lifeboat.watch.WatchConfig;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What an agent watches one node with, in this JVM: the parts that `Agent` puts together, without
/// HTTP and with short intervals.
final class Watcher implements AutoCloseable {
  /// Ten times as often as by default.
  static final WatchConfig OFTEN = new WatchConfig(Duration.ofMillis(500), Duration.ofSeconds(1));

  private static final Duration BOUND = Duration.ofSeconds(20);

  private final VaultClient client;
  private final TokenKeeper keeper;
  private final Watch watch;
  private final Exposition exposition;

  private Watcher(VaultConfig config, WatchConfig watchConfig) {
    var clock = InstantSource.system();
    var requests = new ApiRequests();
    client = VaultClient.open(config, requests);
    keeper = TokenKeeper.open(client, config.auth(), clock);
    watch = Watch.open(client, keeper, watchConfig, clock);
    var started = new ConfigReload(true, Instant.EPOCH);
    exposition =
        new Exposition(
            List.of(
                new NodeCollector(watch::latest),
                new ClusterCollector(watch::latest, config.expectedPeers()),
                new ExporterCollector(
                    Build.of("0", "test"), requests, watch::latest, keeper::expiry, () -> started)),
            clock);
  }

  static Watcher open(VaultConfig config) {
    return new Watcher(config, OFTEN);
  }

  /// Beside a node, with the other nodes as peers.
  static VaultConfig beside(ClusterNode node, Cluster cluster, VaultConfig.Auth auth) {
    var peers =
        cluster.nodes().stream().filter(peer -> peer != node).map(ClusterNode::address).toList();
    return config(node.address(), peers, auth);
  }

  static VaultConfig config(URI address, List<URI> peers, VaultConfig.Auth auth) {
    return new VaultConfig(
        address,
        peers,
        peers.isEmpty() ? 0 : peers.size() + 1,
        Optional.empty(),
        VaultConfig.Tls.DEFAULT,
        auth,
        Duration.ofSeconds(2),
        Duration.ofSeconds(5));
  }

  static VaultConfig.Auth approle(Provisioning.Credentials credentials) {
    return new VaultConfig.Auth.AppRole(
        "approle",
        new SecretSource.FromFile(credentials.roleIdFile()),
        new SecretSource.FromFile(credentials.secretIdFile()));
  }

  TokenKeeper keeper() {
    return keeper;
  }

  NodeState state() {
    return watch.latest();
  }

  Scrape scrape() {
    return new Scrape(new String(exposition.scrape("").body(), StandardCharsets.UTF_8));
  }

  /// The first scrape of which it holds.
  Scrape await(String what, Predicate<Scrape> holds) {
    return Await.until(what, BOUND, () -> Optional.of(scrape()).filter(holds));
  }

  /// The first scrape in which the series has this value.
  Scrape await(String series, double value) {
    return await(series + " " + value, scrape -> scrape.has(series, value));
  }

  @Override
  public void close() {
    watch.close();
    keeper.close();
    client.close();
  }
}
