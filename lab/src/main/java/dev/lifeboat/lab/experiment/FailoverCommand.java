package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.RaftTiming;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./lifeboat lab failover`: from the SIGKILL of the leader of three to the first write that a
/// survivor accepts, by raft timing.
@Command(
    name = "failover",
    mixinStandardHelpOptions = true,
    description = {
      "Kill the leader of three nodes again and again, and measure how long it takes until a write",
      "is accepted, for each performance_multiplier."
    })
final class FailoverCommand implements Callable<Integer> {
  private static final int NODES = 3;
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final Duration WRITE_TRY = Duration.ofSeconds(1);

  @Option(names = "--rounds", paramLabel = "N", description = "Leaders killed per row. Default: 5.")
  private int rounds = 5;

  @Option(
      names = "--multipliers",
      paramLabel = "M",
      split = ",",
      description = "The rows. Default: 1,2,5; the servers' own default is 5.")
  private List<Integer> multipliers = List.of(1, 2, 5);

  @Option(names = "--server", paramLabel = "PATH", description = "Default: the pinned OpenBao.")
  private @Nullable Path server;

  @Override
  public Integer call() {
    try (var _ = CtrlC.interruptsThisThread()) {
      var binary =
          server == null ? Servers.openbao() : ServerBinary.detect(server.toAbsolutePath());
      System.out.printf(
          Locale.ROOT,
          "leader SIGKILLed → first accepted write, seconds, %s, %d rounds%n%n",
          binary.title(),
          rounds);
      System.out.println("performance_multiplier  median    min    max");
      for (int multiplier : multipliers) {
        row(binary, multiplier);
      }
      return 0;
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private void row(ServerBinary binary, int multiplier) {
    var timing =
        new RaftTiming(
            multiplier, RaftTiming.QUICK.autopilotReconcile(), RaftTiming.QUICK.autopilotUpdate());
    var plan = ClusterPlan.of(binary, NODES).timed(timing).named("failover");
    var seconds = new ArrayList<Double>();
    try (var workplace = Workplace.open("failover");
        var cluster = Cluster.create(plan, workplace.folder().resolve("cluster"))) {
      Provisioning.install(cluster.root());
      for (int round = 0; round < rounds; round++) {
        seconds.add(secondsWithoutWrites(cluster));
      }
    }
    Collections.sort(seconds);
    System.out.printf(
        Locale.ROOT,
        "%22d  %6.1f %6.1f %6.1f%n",
        multiplier,
        median(seconds),
        seconds.getFirst(),
        seconds.getLast());
  }

  /// Of an even number the mean of the two in the middle.
  static double median(List<Double> sorted) {
    int upper = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(upper)
        : (sorted.get(upper - 1) + sorted.get(upper)) / 2;
  }

  private static double secondsWithoutWrites(Cluster cluster) {
    var leader = cluster.awaitLeader(BOUND);
    long killed = System.nanoTime();
    cluster.kill(leader);
    var survivors = cluster.nodes().stream().filter(node -> !node.equals(leader)).toList();
    Await.until("a write to be accepted again", BOUND, () -> writeTo(cluster, survivors));
    double seconds = (System.nanoTime() - killed) / 1e9;
    cluster.restart(leader);
    cluster.awaitWhole();
    return seconds;
  }

  private static Optional<ClusterNode> writeTo(Cluster cluster, List<ClusterNode> nodes) {
    var body = Map.of("data", Map.of("at", Long.toString(System.nanoTime())));
    return nodes.stream()
        .filter(
            node ->
                node.api()
                        .withToken(cluster.rootToken())
                        .withTimeout(WRITE_TRY)
                        .post("secret/data/failover", body)
                        .status()
                    == 200)
        .findFirst();
  }
}
