package dev.lifeboat.lab.demo;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.demo.DemoReport.TakenBackup;
import dev.lifeboat.sandbox.RaftTiming;
import dev.lifeboat.sandbox.ServerBinary;
import dev.lifeboat.vault.Product;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The steps of the demo on one cluster. Each ends with a proof or with a [LabException]; closing
/// it ends every process.
final class Demo implements AutoCloseable {
  private static final int NODES = 3;
  private static final Duration BOUND = Duration.ofSeconds(60);
  // Twice the quickest: three servers and three agents may well share two processors.
  private static final RaftTiming TIMING =
      new RaftTiming(2, RaftTiming.QUICK.autopilotReconcile(), RaftTiming.QUICK.autopilotUpdate());
  private static final Pattern BACKUP_ID = Pattern.compile("\\d{8}T\\d{6}Z-[0-9a-f]{8}");
  private static final Duration WRITE_TRY = Duration.ofSeconds(1);

  private final ServerBinary binary;
  private final Path folder;
  private final Optional<Sites> sites;
  private final Narrator narrator;
  private final Cluster cluster;
  private final AgentFleet fleet;
  private final Tenants tenants = new Tenants();
  private final List<TakenBackup> backups = new ArrayList<>();
  private final ClusterLoss loss;

  private Demo(
      ServerBinary binary,
      Path folder,
      Optional<Sites> sites,
      Narrator narrator,
      Cluster cluster,
      AgentFleet fleet) {
    this.binary = binary;
    this.folder = folder;
    this.sites = sites;
    this.narrator = narrator;
    this.cluster = cluster;
    this.fleet = fleet;
    this.loss = new ClusterLoss(cluster, fleet, tenants, narrator, folder);
  }

  /// Starts the cluster and the agents.
  ///
  /// @param sites where backups go; a folder when empty
  static Demo open(ServerBinary binary, Path folder, Optional<Sites> sites, Narrator narrator) {
    narrator.step("Three nodes of one raft cluster");
    var keys =
        CompletableFuture.runAsync(
            () -> AgentFleet.makeKeys(folder, NODES), Thread::startVirtualThread);
    try {
      return open(binary, folder, sites, narrator, keys);
    } finally {
      // Nobody writes into the folder any more when this has failed.
      keys.handle((_, failure) -> failure == null).join();
    }
  }

  private static Demo open(
      ServerBinary binary,
      Path folder,
      Optional<Sites> sites,
      Narrator narrator,
      CompletableFuture<Void> keys) {
    var plan = ClusterPlan.of(binary, NODES).named("lifeboat-demo").timed(TIMING);
    var cluster = Cluster.create(plan, folder.resolve("cluster"));
    try {
      tellCluster(narrator, cluster);
      join(keys);
      Provisioning.install(cluster.root());
      var fleet =
          sites.isPresent()
              ? AgentFleet.equip(cluster, folder, AgentFleet.Routine.LIVELY, sites.get().stores())
              : AgentFleet.equip(cluster, folder);
      var demo = new Demo(binary, folder, sites, narrator, cluster, fleet);
      try {
        demo.startAgents();
        return demo;
      } catch (RuntimeException e) {
        demo.fleet.close();
        throw e;
      }
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /// @param kept whether it goes on running, so that there is something to look at
  DemoReport run(boolean kept) {
    writeSecrets();
    showCluster(settledLeader());
    backUp(settledLeader(), "A backup, by the agent beside the leader");
    var before = settledLeader();
    double failoverSeconds = killLeader(before);
    var after = settledLeader();
    showFailover(before, after);
    backUp(settledLeader(), "A backup by the new leader's agent");
    bringBack(before);
    sites.ifPresent(this::loseSite);
    DemoReport.Restored restored = loss.play(backups.getLast().id());
    show(settledLeader(), kept);
    return report(before, after, failoverSeconds, restored);
  }

  private static void tellCluster(Narrator narrator, Cluster cluster) {
    var opened =
        cluster.plan().staticSeal()
            ? "they unseal themselves (seal \"static\")"
            : "opened with the shares that sys/init gave";
    narrator.says(
        "%s %s, three processes, raft storage, %s."
            .formatted(title(cluster.binary().product()), cluster.binary().version(), opened));
    var leader = cluster.awaitLeader(BOUND);
    for (var node : cluster.nodes()) {
      narrator.says(
          "  %s  %s  pid %d  %s"
              .formatted(
                  node.name(),
                  node.address(),
                  node.pid(),
                  node.equals(leader) ? "active" : "standby"));
    }
    narrator.proven("%s leads, and all three vote".formatted(leader.name()));
  }

  private void startAgents() {
    narrator.step("One agent beside each node");
    narrator.says(
        """
        Each is a process of its own that talks to its node only, with a role of its own in Vault
        (docs/policies/watch.hcl and backup.hcl) and a signing key of its own. Keys by:""");
    narrator.command(List.of("keys generate --recipient escrow -o " + folder));
    narrator.command(List.of("keys generate --signer node-1 -o " + folder));
    fleet.start();
    narrator.command(List.of("agent --config " + fleet.agents().getFirst().configFile()));
    fleet.agents().forEach(agent -> agent.awaitSample("vault_node_up", 1, BOUND));
    settledLeader();
    narrator.proven("each agent answers, and exactly one sees its node active");
  }

  private void writeSecrets() {
    narrator.step("Secrets");
    tenants.write(cluster.root());
    tenants.check(cluster.root());
    narrator.proven(
        "%d secrets of %d tenants written and read back"
            .formatted(tenants.secrets(), tenants.tenants()));
  }

  private void showCluster(ClusterNode leader) {
    narrator.step("What the leader's agent says");
    var agent = fleet.beside(leader);
    narrator.command(List.of("status --config " + agent.configFile()));
    narrator.shows(agent.run("status").output());
    var status = json(agent, "status", "--json");
    require(status.at("/node/state").asString().equals("active"), "status says active", status);
    require(status.path("peers").size() == NODES, "status lists three peers", status);
    narrator.proven("the agent names %s active and lists three peers".formatted(leader.name()));
  }

  /// Who leads, once every agent agrees and the one beside the leader has read its peers. Asked
  /// anew before each step: on a machine that is short of breath raft may elect whenever it likes.
  private ClusterNode settledLeader() {
    return Await.until(
        "the agents to agree on a leader", BOUND, () -> cluster.leader().filter(this::settled));
  }

  private boolean settled(ClusterNode leader) {
    return fleet.agents().stream()
            .allMatch(
                agent ->
                    agent.node().equals(leader)
                        == agent.sample("vault_node_active").equals(OptionalDouble.of(1)))
        && fleet.beside(leader).sample("vault_cluster_peers").equals(OptionalDouble.of(NODES));
  }

  private void backUp(ClusterNode leader, String title) {
    narrator.step(title);
    var agent = fleet.beside(leader);
    narrator.command(List.of("backup --config " + agent.configFile()));
    var printed = agent.run("backup").require().output();
    narrator.shows(printed);
    var found = BACKUP_ID.matcher(printed);
    require(found.find(), "the backup has an id", printed);
    var id = found.group();
    var manifest = json(agent, "inspect", id, "--json").path("manifest");
    long index = manifest.at("/raft/index").asLong();
    require(
        manifest.path("node").asString().equals(leader.name()),
        "the manifest names " + leader.name(),
        manifest);
    require(
        backups.stream().allMatch(earlier -> earlier.raftIndex() < index),
        "its raft index is behind no earlier one",
        manifest);
    verify(agent, id);
    backups.add(
        new TakenBackup(
            id, leader.name(), index, bytes(manifest, "plain"), bytes(manifest, "stored"), true));
    if (backups.size() > 1) {
      narrator.command(List.of("list --config " + agent.configFile()));
      narrator.shows(agent.run("list").require().output());
    }
  }

  /// By the command line on its own, with the private key that no agent has.
  private void verify(LabAgent agent, String id) {
    var identity = fleet.identityFile().toString();
    narrator.command(
        List.of("verify", id, "--identity", identity, "--config", agent.configFile().toString()));
    var found = json(agent, "verify", id, "--identity", identity, "--json").path(0);
    require(found.path("good").asBoolean(false), "the backup is good", found);
    require(found.path("depth").asString().equals("archive"), "it was decrypted", found);
    narrator.proven(
        "read back from the store: signed by a trusted node, decrypted with the escrow key, every"
            + " checksum of the snapshot inside right");
  }

  private double killLeader(ClusterNode leader) {
    narrator.step("The leader dies");
    narrator.says(
        "kill -KILL %d: %s is gone without a word.".formatted(leader.pid(), leader.name()));
    long killed = System.nanoTime();
    cluster.kill(leader);
    var survivors = cluster.nodes().stream().filter(node -> !node.equals(leader)).toList();
    Await.until("a write to be accepted again", BOUND, () -> writeTo(survivors));
    double seconds = (System.nanoTime() - killed) / 1e9;
    narrator.proven(String.format(Locale.ROOT, "writes were accepted again after %.1f s", seconds));
    return seconds;
  }

  private Optional<ClusterNode> writeTo(List<ClusterNode> nodes) {
    return nodes.stream()
        .filter(
            node ->
                tenants.tryToWrite(
                    node.api().withToken(cluster.rootToken()).withTimeout(WRITE_TRY), "written"))
        .findFirst();
  }

  private void showFailover(ClusterNode before, ClusterNode after) {
    narrator.step("What the agents say now");
    fleet.beside(before).awaitSample("vault_node_up", 0, BOUND);
    tenants.check(cluster.root());
    for (var node : List.of(before, after)) {
      var agent = fleet.beside(node);
      narrator.command(List.of("status --config " + agent.configFile()));
      narrator.shows(headAndProblems(agent.run("status").output()));
    }
    narrator.proven(
        ("%s's agent shows its node unreachable, %s's shows its node active, and every secret is"
                + " still there")
            .formatted(before.name(), after.name()));
  }

  private void bringBack(ClusterNode node) {
    narrator.step("The dead node comes back");
    cluster.restart(node);
    cluster.awaitWhole();
    fleet.beside(node).awaitSample("vault_node_up", 1, BOUND);
    var leader = settledLeader();
    narrator.proven("%s leads, %s is back, three nodes vote".formatted(leader.name(), node.name()));
  }

  /// The newest backup comes back from the other one.
  private void loseSite(Sites sites) {
    narrator.step("The S3 server nearby is gone");
    var agent = fleet.beside(settledLeader());
    sites.near().stop();
    var newest = backups.getLast();
    var snapshot = folder.resolve("back.snap");
    var identity = fleet.identityFile().toString();
    narrator.says("%s is gone, with the bucket in it.".formatted(sites.near().endpoint()));
    narrator.command(
        List.of("extract", newest.id(), "-o", snapshot.toString(), "--identity", identity));
    agent.run("extract", newest.id(), "-o", snapshot.toString(), "--identity", identity).require();
    var found = json(agent, "inspect", snapshot.toString(), "--json");
    require(
        found.path("raft_index").asLong() == newest.raftIndex(),
        "the snapshot ends at raft index " + newest.raftIndex(),
        found);
    narrator.proven(
        ("decrypted from %s alone, where it is locked: a snapshot up to raft index %d, every"
                + " checksum in it right")
            .formatted(sites.offSite().endpoint(), newest.raftIndex()));
  }

  /// An address that is dead when the prompt returns is not printed.
  private void show(ClusterNode leader, boolean kept) {
    narrator.step(kept ? "Look for yourself" : "Status pages and metrics");
    for (var agent : leadersFirst(leader)) {
      if (kept) {
        narrator.says("%s  %s  %s".formatted(agent.node().name(), agent.url(), agent.metricsUrl()));
      }
      require(agent.get("/").contains(agent.node().name()), "the page names its node", "");
      require(!agent.get("/metrics").isBlank(), "there are metrics", "");
    }
    narrator.proven("each status page and each /metrics answers");
    if (!kept) {
      narrator.says("To look at them: ./lifeboat demo --keep leaves it all running until Ctrl-C.");
    }
  }

  private List<LabAgent> leadersFirst(ClusterNode leader) {
    var agents = new ArrayList<>(fleet.agents());
    agents.sort((a, b) -> Boolean.compare(b.node().equals(leader), a.node().equals(leader)));
    return agents;
  }

  private DemoReport report(
      ClusterNode before, ClusterNode after, double failoverSeconds, DemoReport.Restored restored) {
    var urls = new ArrayList<URI>();
    for (var agent : leadersFirst(after)) {
      urls.add(agent.url());
      urls.add(agent.metricsUrl());
    }
    return new DemoReport(
        binary.product().name().toLowerCase(Locale.ROOT),
        binary.version(),
        cluster.nodes().stream().map(ClusterNode::name).toList(),
        before.name(),
        after.name(),
        failoverSeconds,
        List.copyOf(backups),
        restored,
        urls);
  }

  private static JsonNode json(LabAgent agent, String verb, String... arguments) {
    var result = agent.run(verb, arguments).require();
    return JsonMapper.shared().readTree(result.output());
  }

  private static String headAndProblems(String status) {
    int facts = status.indexOf("\nNODE\n");
    return facts < 0 ? status : status.substring(0, facts);
  }

  private static long bytes(JsonNode manifest, String content) {
    return manifest.path(content).path("bytes").asLong();
  }

  private static void require(boolean holds, String what, Object found) {
    if (!holds) {
      throw new LabException("expected that " + what + ", found " + found);
    }
  }

  private static String title(Product product) {
    return product == Product.OPENBAO ? "OpenBao" : "HashiCorp Vault";
  }

  private static void join(CompletableFuture<Void> task) {
    try {
      task.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  @Override
  public void close() {
    loss.close();
    fleet.close();
    cluster.close();
  }
}
