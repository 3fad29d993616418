package dev.lifeboat.lab;

import dev.lifeboat.config.Secret;
import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.ServerBinary;
import dev.lifeboat.sandbox.ServerConfig;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;

/// A running raft cluster of real servers, each a process of its own, all on loopback.
///
/// Closing it kills the servers and leaves the folder to whoever gave it.
public final class Cluster implements AutoCloseable {
  /*
   * How to be quick (2 cores, loopback; seconds)
   *
   *   three nodes from nothing, servers' own timing and retry_join       23 to 29
   *   … RaftTiming.QUICK                                                  8.3 OpenBao
   *   … and joined by the API as soon as the first node is active        8.3 OpenBao, 5.3 Vault
   *   … of which autopilot, until the joined nodes vote                   3
   *   three nodes from a copy of their folders (PreparedCluster)         3.4 to 3.9, both
   *   one node from nothing                                              2
   *   leader killed until a write is accepted, QUICK                     1.7 to 2.8
   *
   * server_stabilization_time of autopilot made no difference between 0 s and 1 s and is left alone
   * but for being short: its own 10 s would show.
   */
  private static final Duration FORMATION = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final String DOMAIN = "vault.example.net";
  private static final int ACTIVE = 200;
  private static final int STANDBY = 429;

  private final ClusterPlan plan;
  private final Path folder;
  private final List<ClusterNode> nodes;
  private final ClusterKeys keys;

  private Cluster(ClusterPlan plan, Path folder, List<ClusterNode> nodes, ClusterKeys keys) {
    this.plan = plan;
    this.folder = folder;
    this.nodes = List.copyOf(nodes);
    this.keys = keys;
  }

  /// From nothing in an empty folder to as many voters as planned and a leader.
  public static Cluster create(ClusterPlan plan, Path folder) {
    Folders.create(folder);
    if (plan.audit()) {
      Folders.create(auditFolder(folder));
    }
    if (plan.staticSeal()) {
      writeSealKey(sealKey(folder));
    }
    var nodes = nodes(plan, folder);
    try {
      inParallel(nodes, ClusterNode::start);
      inParallel(nodes, ClusterNode::awaitAnswering);
      var cluster = new Cluster(plan, folder, nodes, initialise(plan, nodes.getFirst()));
      cluster.keys.write(folder);
      cluster.form();
      return cluster;
    } catch (RuntimeException e) {
      nodes.forEach(ClusterNode::kill);
      throw e;
    }
  }

  /// Nodes that have never been started, to become another cluster again.
  ///
  /// @param was whose keys they will have then
  public static Cluster blank(ClusterPlan plan, Path folder, Cluster was) {
    Folders.create(folder);
    if (plan.staticSeal()) {
      Folders.copy(sealKey(was.folder), sealKey(folder));
    }
    var nodes = nodes(plan, folder);
    nodes.forEach(node -> node.config().write());
    return new Cluster(plan, folder, nodes, was.keys);
  }

  /// From the folders of a cluster that was stopped; the ports are new ones.
  static Cluster resume(ClusterPlan plan, Path folder) {
    var nodes = nodes(plan, folder);
    var cluster = new Cluster(plan, folder, nodes, ClusterKeys.read(folder));
    try {
      if (plan.postgresql().isEmpty()) {
        nodes.forEach(node -> PeersFile.write(node.config(), nodes));
      }
      inParallel(nodes, ClusterNode::start);
      inParallel(nodes, ClusterNode::awaitAnswering);
      inParallel(nodes, cluster::unseal);
      cluster.awaitWhole();
      return cluster;
    } catch (RuntimeException e) {
      nodes.forEach(ClusterNode::kill);
      throw e;
    }
  }

  public ClusterPlan plan() {
    return plan;
  }

  public Path folder() {
    return folder;
  }

  public ServerBinary binary() {
    return plan.binary();
  }

  public List<ClusterNode> nodes() {
    return nodes;
  }

  public ClusterNode node(String name) {
    return nodes.stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new LabException("no node is called " + name));
  }

  public Secret rootToken() {
    return keys.rootToken();
  }

  /// In Base64; unseal shares, or recovery shares where the nodes unseal themselves.
  public List<Secret> shares() {
    return keys.shares();
  }

  /// Who leads now; empty between two leaders.
  public Optional<ClusterNode> leader() {
    return nodes.stream().filter(node -> node.running() && node.health() == ACTIVE).findFirst();
  }

  public ClusterNode awaitLeader(Duration bound) {
    return Await.until("a leader of " + plan.name(), bound, this::leader);
  }

  /// The leader's API with the root token.
  public VaultApi root() {
    return awaitLeader(FORMATION).api().withToken(keys.rootToken());
  }

  /// Nodes that run and are no leader.
  public List<ClusterNode> standbys() {
    return nodes.stream().filter(node -> node.running() && node.health() == STANDBY).toList();
  }

  /// Waits until all nodes vote and each one that runs is active or standby.
  public void awaitWhole() {
    Await.until(plan.nodes() + " voters of " + plan.name(), FORMATION, this::whole);
  }

  /// Starts a server and leaves it to whoever asks.
  public void startOnly(ClusterNode node) {
    node.start();
    node.awaitAnswering();
  }

  /// How many nodes vote, as the leader says; 0 when nobody does.
  public int voters(Secret token) {
    var answer =
        leader()
            .map(node -> node.api().withToken(token).get("sys/storage/raft/configuration"))
            .filter(VaultApi.Answer::good);
    int voters = 0;
    if (answer.isPresent()) {
      for (JsonNode server : answer.get().body().path("data").path("config").path("servers")) {
        voters += server.path("voter").asBoolean(false) ? 1 : 0;
      }
    }
    return voters;
  }

  /// SIGTERM, so that its folder is whole.
  public void halt(ClusterNode node) {
    node.stop(STOP);
  }

  /// A running copy of this one, which is stopped, on other ports.
  public Cluster copyTo(Path target) {
    Folders.copy(folder, target);
    return resume(plan, target);
  }

  /// SIGKILL.
  public void kill(ClusterNode node) {
    node.kill();
  }

  /// Starts a node that was killed or stopped and opens it; returns when it is active or standby.
  public void restart(ClusterNode node) {
    restartSealed(node);
    unseal(node);
    Await.until(
        node.name() + " to be back",
        FORMATION,
        () -> List.of(ACTIVE, STANDBY).contains(node.health()));
  }

  /// Takes the only node of a cluster to other ports; returns when it leads there.
  ///
  /// @param apiPort 0 for a free one
  /// @param clusterPort likewise
  public void moveTo(ClusterNode node, int apiPort, int clusterPort) {
    node.stop(STOP);
    try (var ports = FreePorts.reserve(InetAddress.ofLiteral(plan.host()), 2)) {
      node.moveTo(
          apiPort == 0 ? ports.next() : apiPort, clusterPort == 0 ? ports.next() : clusterPort);
    }
    PeersFile.write(node.config(), List.of(node));
    restart(node);
    Await.until(node.name() + " to lead", FORMATION, () -> node.health() == ACTIVE);
  }

  /// Starts a node that was killed or stopped and leaves it as it comes up: sealed, unless it
  /// unseals itself.
  public void restartSealed(ClusterNode node) {
    node.kill();
    node.start();
    node.awaitAnswering();
  }

  /// Seals the active node, or a standby by restarting it where the product refuses to (Vault).
  public void seal(ClusterNode node) {
    var answer = node.api().withToken(keys.rootToken()).put("sys/seal", Map.of());
    if (!answer.good()) {
      restartSealed(node);
    }
    Await.until(node.name() + " to be sealed", FORMATION, () -> node.health() == 503);
  }

  /// With the shares; nothing to do for a node that unseals itself.
  public void unseal(ClusterNode node) {
    if (plan.selfUnsealing()) {
      return;
    }
    for (Secret share : keys.shares().subList(0, plan.threshold())) {
      // A node that was just told whom to join refuses shares until it has heard from the leader.
      Await.until(
          node.name() + " to take its share",
          FORMATION,
          () -> node.api().put("sys/unseal", Map.of("key", share.reveal())).good());
    }
  }

  /// Ends every server in order, for a folder that is to be resumed from.
  void stop() {
    inParallel(nodes, node -> node.stop(STOP));
  }

  @Override
  public void close() {
    nodes.forEach(ClusterNode::kill);
  }

  private void form() {
    var first = nodes.getFirst();
    unseal(first);
    Await.until(first.name() + " to lead", FORMATION, () -> first.health() == ACTIVE);
    var root = first.api().withToken(keys.rootToken());
    if (plan.nodes() > 1 && plan.postgresql().isEmpty()) {
      root.post(
              "sys/storage/raft/autopilot/configuration", Map.of("server_stabilization_time", "1s"))
          .require();
    }
    for (var node :
        plan.postgresql().isEmpty() ? nodes.subList(1, nodes.size()) : List.<ClusterNode>of()) {
      node.api().post("sys/storage/raft/join", invitation(first)).require();
    }
    inParallel(nodes.subList(1, nodes.size()), this::unseal);
    awaitWhole();
    enableAudit(root);
  }

  private Map<String, String> invitation(ClusterNode first) {
    Map<String, String> body = new HashMap<>();
    body.put("leader_api_addr", first.address().toString());
    if (plan.tls()) {
      try {
        body.put("leader_ca_cert", Files.readString(caFile()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return body;
  }

  private void enableAudit(VaultApi root) {
    if (plan.audit() && plan.binary().product() == Product.VAULT) {
      root.put(
              "sys/audit/file",
              Map.of("type", "file", "options", Map.of("file_path", auditFile(folder).toString())))
          .require();
    }
  }

  private boolean whole() {
    var leader = leader();
    if (leader.isEmpty()
        || nodes.stream().anyMatch(node -> !List.of(ACTIVE, STANDBY).contains(node.health()))) {
      return false;
    }
    if (plan.postgresql().isPresent()) {
      return true;
    }
    return voters(keys.rootToken()) == plan.nodes();
  }

  private static ClusterKeys initialise(ClusterPlan plan, ClusterNode first) {
    var kind = plan.selfUnsealing() ? "recovery" : "secret";
    return ClusterKeys.of(
        first
            .api()
            .put(
                "sys/init",
                Map.of(kind + "_shares", plan.shares(), kind + "_threshold", plan.threshold()))
            .require()
            .body());
  }

  private static List<ClusterNode> nodes(ClusterPlan plan, Path folder) {
    var nodes = new ArrayList<ClusterNode>();
    var certificates = certificates(plan, folder);
    try (var ports = FreePorts.reserve(InetAddress.ofLiteral(plan.host()), 2 * plan.nodes())) {
      for (int number = 1; number <= plan.nodes(); number++) {
        var name = "node-" + number;
        int machine = number;
        var host = plan.network().map(network -> network.host(machine)).orElse(plan.host());
        var config =
            new ServerConfig(
                plan.binary().product(),
                folder.resolve(name),
                name,
                plan.name(),
                host,
                ports.next(),
                ports.next(),
                List.of(),
                plan.timing(),
                certificates.map(authority -> issued(authority, name, host)),
                seal(plan, folder),
                Optional.of(auditFile(folder)).filter(file -> plan.audit()),
                "info");
        var onStorage = plan.postgresql().map(config::on).orElse(config);
        nodes.add(
            new ClusterNode(
                plan.binary(),
                plan.openTelemetry() ? onStorage.withOpenTelemetry() : onStorage,
                plan.network().map(network -> network.on(machine)).orElse(List.of())));
      }
    }
    return nodes;
  }

  private static Optional<ServerConfig.Seal> seal(ClusterPlan plan, Path folder) {
    return plan.staticSeal()
        ? Optional.of(new ServerConfig.StaticSeal("lab-1", sealKey(folder)))
        : plan.keySeal();
  }

  /// Anew at every start: they are good for two days, and a prepared cluster is kept for longer.
  private static Optional<Certificates> certificates(ClusterPlan plan, Path folder) {
    if (!plan.tls()) {
      return Optional.empty();
    }
    var certificates = folder.resolve("certificates");
    Folders.delete(certificates);
    return Optional.of(Certificates.in(certificates));
  }

  /// The node's own name and that of the front door, as in `docs/haproxy.md`.
  private static ServerConfig.Tls issued(Certificates authority, String name, String host) {
    var names = "IP:%s,DNS:%s.%s,DNS:%3$s".formatted(host, name, DOMAIN);
    var issued = authority.server(name, names);
    return new ServerConfig.Tls(
        issued.certificateFile(), issued.privateKeyFile(), authority.caFile());
  }

  /// Of whom a cluster behind TLS has its certificates.
  public Path caFile() {
    return nodes.getFirst().config().tls().orElseThrow().caFile();
  }

  /// Where a cluster in this folder writes its audit log, if it does.
  public static Path auditFile(Path folder) {
    return auditFolder(folder).resolve("audit.log");
  }

  /// Its own, as a disk for it would be.
  public static Path auditFolder(Path folder) {
    return folder.resolve("audit");
  }

  private static Path sealKey(Path folder) {
    return folder.resolve("seal-key");
  }

  private static void writeSealKey(Path file) {
    var key = new byte[32];
    new SecureRandom().nextBytes(key);
    try {
      Folders.writeSecret(file, "");
      Files.write(file, key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface NodeAction {
    void on(ClusterNode node);
  }

  private static void inParallel(List<ClusterNode> nodes, NodeAction action) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var tasks = new ArrayList<Callable<Void>>();
      for (var node : nodes) {
        tasks.add(
            () -> {
              action.on(node);
              return null;
            });
      }
      for (var done : threads.invokeAll(tasks)) {
        done.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new LabException("failed", e);
    }
  }
}
