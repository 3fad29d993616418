package dev.lifeboat.lab.bench;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Provisioning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ThreadLocalRandom;

/// From the answer of `sys/seal` on the active node to `vault_node_sealed 1` in `/metrics` of the
/// agent beside it, which polls at its own pace.
record SealNotice(List<Integer> clusters) implements Benchmark {
  private static final String SEALED = "vault_node_sealed";

  /// `watch.interval` when nobody sets it.
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  /// One poll, a tenth of it for the jitter, and 100 ms.
  private static final double SECONDS_MAX = 5.6;

  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration BOUND = Duration.ofSeconds(30);

  SealNotice {
    clusters = List.copyOf(clusters);
  }

  @Override
  public String name() {
    return "seal";
  }

  @Override
  public int defaultRuns() {
    return 5;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    return clusters.stream().map(nodes -> measure(workbench, nodes, runs)).toList();
  }

  private Finding measure(Workbench workbench, int nodes, int runs) {
    var folder = workbench.newFolder();
    AgentFleet.makeKeys(folder, nodes);
    var plan = ClusterPlan.of(workbench.server(), nodes).shamir(1, 1);
    try (var cluster = Cluster.create(plan, folder.resolve("cluster"))) {
      Provisioning.install(cluster.root());
      try (var fleet = AgentFleet.equip(cluster, folder, AgentFleet.Routine.ORDINARY)) {
        fleet.start();
        workbench.says("sealing the active node of " + nodes);
        var times = new ArrayList<Double>();
        for (int run = 0; run < runs; run++) {
          times.add(seconds(cluster, fleet));
        }
        var what = nodes == 1 ? "single node" : "active node of " + nodes;
        return new Finding(
            name(),
            new Samples(what + ", until the metric says so", Unit.SECONDS, times),
            Optional.empty(),
            new Goal.Each(SECONDS_MAX),
            List.of("polled every 5 s, sealed at a random moment between two polls"));
      }
    }
  }

  private static double seconds(Cluster cluster, AgentFleet fleet) {
    var node = cluster.awaitLeader(BOUND);
    var agent = fleet.beside(node);
    agent.awaitSample(SEALED, 0, BOUND);
    Workbench.settle(Duration.ofMillis(ThreadLocalRandom.current().nextLong(INTERVAL.toMillis())));
    node.api().withToken(cluster.rootToken()).put("sys/seal", Map.of()).require();
    double seconds = untilSeen(agent);
    reopen(cluster, node);
    return seconds;
  }

  private static double untilSeen(LabAgent agent) {
    long began = System.nanoTime();
    while (!agent.sample(SEALED).equals(OptionalDouble.of(1))) {
      if (System.nanoTime() - began > BOUND.toNanos()) {
        throw new LabException("the agent never saw its node sealed" + agent.endOfLog());
      }
      Workbench.settle(LOOK);
    }
    return (System.nanoTime() - began) / 1e9;
  }

  private static void reopen(Cluster cluster, ClusterNode node) {
    cluster.unseal(node);
    cluster.awaitWhole();
  }
}
