package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.AgentFleet.Routine;
import dev.lifeboat.lab.AgentProgram;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.sandbox.ServerBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Three nodes that people unseal, an agent beside each, two recipients and two stores: what rules
/// are to find nothing wrong with.
public final class AlertStage implements AutoCloseable {
  private static final int NODES = 3;
  private static final String SECOND = "second";
  private static final Duration BOUND = Duration.ofMinutes(1);

  private final Path folder;
  private final Cluster cluster;
  private AgentFleet fleet;

  private AlertStage(Path folder, Cluster cluster, AgentFleet fleet) {
    this.folder = folder;
    this.cluster = cluster;
    this.fleet = fleet;
  }

  /// Starts the nodes, and no agent.
  ///
  /// @param plan of a server; its size and its seal are the stage's
  /// @param folder empty; is filled
  public static AlertStage open(ClusterPlan plan, Path folder) {
    if (plan.nodes() != NODES || plan.staticSeal()) {
      throw new IllegalArgumentException("expected three nodes that people unseal: " + plan);
    }
    AgentFleet.makeKeys(folder, NODES);
    AgentProgram.run(folder, "keys", "generate", "--recipient", SECOND, "-o", folder.toString())
        .require();
    var cluster = Cluster.create(plan, folder.resolve("cluster"));
    try {
      Provisioning.install(cluster.root());
      return new AlertStage(folder, cluster, equipped(cluster, folder, ""));
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /// What a stage is made of.
  public static ClusterPlan plan(ServerBinary binary) {
    return ClusterPlan.of(binary, NODES).shamir(1, 1).named("alerts").audited();
  }

  /// Agents anew; returns when they are ready and have taken a backup.
  ///
  /// @param configuration more of it, for every agent
  void startAgents(String configuration) {
    fleet.close();
    fleet = equipped(cluster, folder, configuration);
    fleet.start();
    agentOfLeader().run("backup").require();
  }

  private static AgentFleet equipped(Cluster cluster, Path folder, String configuration) {
    var fleet =
        AgentFleet.equip(
            cluster,
            folder,
            Routine.LIVELY,
            """
            stores.shared { type = local, path = "%s" }
            stores.far { type = local, path = "%s" }
            %s
            """
                .formatted(folder.resolve("store"), folder.resolve("far"), configuration));
    try {
      Files.writeString(
          folder.resolve("recipients"),
          Files.readString(folder.resolve(SECOND + ".recipient")),
          StandardOpenOption.APPEND);
      return fleet;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where the credentials of all agents lie.
  Path folder() {
    return folder;
  }

  Cluster cluster() {
    return cluster;
  }

  AgentFleet fleet() {
    return fleet;
  }

  /// Where every node writes what it is asked.
  Path auditFile() {
    return Cluster.auditFile(cluster.folder());
  }

  /// Where that file is, and nothing else.
  Path auditFolder() {
    return Cluster.auditFolder(cluster.folder());
  }

  ClusterNode leader() {
    return cluster.awaitLeader(BOUND);
  }

  ClusterNode standby() {
    return cluster.standbys().getFirst();
  }

  LabAgent agentOfLeader() {
    return fleet.beside(leader());
  }

  List<Path> stores() {
    return List.of(fleet.store(), folder.resolve("far"));
  }

  /// The leader steps down, and another one leads when this returns.
  void stepDown() {
    var leader = leader();
    var _ = leader.api().withToken(cluster.rootToken()).put("sys/step-down", Map.of());
    Await.until(
        "another leader",
        BOUND,
        () -> cluster.leader().filter(next -> !next.equals(leader)).isPresent());
    cluster.awaitWhole();
  }

  @Override
  public void close() {
    fleet.close();
    cluster.close();
  }
}
