package dev.lifeboat.lab.bench;

import dev.lifeboat.config.Secret;
import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.NodeControl;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.VaultApi;
import dev.lifeboat.sandbox.ServerBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A cluster of three with many tenants, its backup and its snapshot; all of its servers are down.
final class LostCluster implements AutoCloseable {
  static final int TENANTS = 100;
  static final int SECRETS = 50;

  private static final int NODES = 3;
  private static final int SHARES = 5;
  private static final int THRESHOLD = 3;

  private final Path folder;
  private final Cluster cluster;
  private final AgentFleet fleet;
  private int trial;

  private LostCluster(Path folder, Cluster cluster, AgentFleet fleet) {
    this.folder = folder;
    this.cluster = cluster;
    this.fleet = fleet;
  }

  static LostCluster open(ServerBinary binary, Path folder) {
    AgentFleet.makeKeys(folder, NODES);
    ClusterPlan plan = ClusterPlan.of(binary, NODES).named("bench").shamir(SHARES, THRESHOLD);
    Cluster cluster = Cluster.create(plan, folder.resolve("cluster"));
    try {
      Provisioning.install(cluster.root());
      VaultApi root = cluster.root();
      for (int tenant = 0; tenant < TENANTS; tenant++) {
        for (int secret = 0; secret < SECRETS; secret++) {
          root.post(path(tenant, secret), Map.of("data", Map.of("password", "p" + secret)))
              .require();
        }
      }
      AgentFleet fleet = AgentFleet.equip(cluster, folder);
      fleet.agents().getFirst().run("backup").require();
      var lost = new LostCluster(folder, cluster, fleet);
      new ProductScript(cluster.nodes().getFirst(), cluster.binary(), cluster.rootToken(), folder)
          .run("operator", "raft", "snapshot", "save", lost.snapshot().toString());
      cluster.nodes().forEach(cluster::halt);
      Folders.writeSecret(
          lost.shareFile(),
          cluster.shares().stream().map(s -> s.reveal() + "\n").collect(Collectors.joining()));
      return lost;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  Path folder() {
    return folder;
  }

  static String path(int tenant, int secret) {
    return "secret/data/tenants/t%d/s%d".formatted(tenant, secret);
  }

  Path snapshot() {
    return folder.resolve("by-hand.snap");
  }

  Path shareFile() {
    return folder.resolve("shares");
  }

  Path identity() {
    return fleet.identityFile();
  }

  List<Secret> shares() {
    return cluster.shares().subList(0, THRESHOLD);
  }

  Secret rootToken() {
    return cluster.rootToken();
  }

  /// Machines with nothing on them.
  Cluster emptyNodes() {
    return Cluster.blank(cluster.plan(), newFolder(), cluster);
  }

  /// The old one, running, but for all nodes from the second on, whose disks are empty.
  Cluster withoutQuorum() {
    Cluster copy = cluster.copyTo(newFolder());
    for (var node : copy.nodes().subList(1, NODES)) {
      copy.kill(node);
      Folders.empty(node.config().raftFolder());
    }
    return copy;
  }

  private Path newFolder() {
    return folder.resolve("nodes-" + ++trial);
  }

  /// An agent's configuration with these nodes in it.
  LabAgent agentFor(NodeControl control) {
    LabAgent agent = fleet.agents().getFirst();
    try {
      String text = Files.readString(agent.configFile());
      int before = text.indexOf("\nrestore {");
      Files.writeString(
          agent.configFile(),
          (before < 0 ? text : text.substring(0, before + 1))
              + control.block(folder.resolve("journal")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return agent;
  }

  /// Every tenant's secrets, at every node.
  static void requireAll(Cluster restored) {
    for (var node : restored.nodes()) {
      VaultApi api = node.api().withToken(restored.rootToken());
      for (int tenant = 0; tenant < TENANTS; tenant++) {
        int secret = tenant % SECRETS;
        String found = api.get(path(tenant, secret)).require().text("data.data.password");
        if (!found.equals("p" + secret)) {
          throw new LabException("%s at %s is '%s'".formatted(path(tenant, secret), node, found));
        }
      }
    }
  }

  @Override
  public void close() {
    fleet.close();
    cluster.close();
  }
}
