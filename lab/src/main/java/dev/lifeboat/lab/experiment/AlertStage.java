package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.AgentFleet.Routine;
import dev.lifeboat.lab.AgentProgram;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.Network;
import dev.lifeboat.lab.Provisioning;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Nodes that people unseal, an agent beside each, two recipients and two stores: what rules are to
/// find nothing wrong with.
public final class AlertStage implements AutoCloseable {
  private static final String SECOND = "second";
  private static final Duration BOUND = Duration.ofMinutes(1);

  private final Path folder;
  private final Cluster cluster;
  private final Optional<DatabasePair> databases;
  private AgentFleet fleet;

  private AlertStage(Path folder, Cluster cluster, Optional<DatabasePair> databases) {
    this.folder = folder;
    this.cluster = cluster;
    this.databases = databases;
    this.fleet = equipped("");
  }

  /// Starts the nodes, and no agent. What they stand on is the stage's from now on.
  ///
  /// @param plan perhaps in a network
  /// @param databases that the plan is on
  /// @param folder is filled
  static AlertStage open(ClusterPlan plan, Optional<DatabasePair> databases, Path folder) {
    try {
      AgentFleet.makeKeys(folder, plan.nodes());
      AgentProgram.run(folder, "keys", "generate", "--recipient", SECOND, "-o", folder.toString())
          .require();
      var cluster = Cluster.create(plan, folder.resolve("cluster"));
      try {
        Provisioning.install(cluster.root());
        return new AlertStage(folder, cluster, databases);
      } catch (RuntimeException e) {
        cluster.close();
        throw e;
      }
    } catch (RuntimeException e) {
      databases.ifPresent(DatabasePair::close);
      plan.network().ifPresent(Network::close);
      throw e;
    }
  }

  /// Agents anew; returns when they are ready and have taken a backup.
  ///
  /// @param configuration more of it, for every agent
  void startAgents(String configuration) {
    fleet.close();
    fleet = equipped(configuration);
    fleet.start();
    agentOfLeader().run("backup").require();
  }

  private AgentFleet equipped(String configuration) {
    var stores =
        """
        stores.shared { type = local, path = "%s" }
        stores.far { type = local, path = "%s" }
        """
            .formatted(folder.resolve("store"), folder.resolve("far"));
    var equipped =
        AgentFleet.equip(
            cluster,
            folder,
            Routine.LIVELY,
            node ->
                stores
                    + databases.map(pair -> pair.configuration(node)).orElse("")
                    + configuration
                    + "\n");
    try {
      Files.writeString(
          folder.resolve("recipients"),
          Files.readString(folder.resolve(SECOND + ".recipient")),
          StandardOpenOption.APPEND);
      return equipped;
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

  /// Of a stage on PostgreSQL.
  DatabasePair databases() {
    return databases.orElseThrow();
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
    databases.ifPresent(DatabasePair::close);
    cluster.plan().network().ifPresent(Network::close);
  }
}
