package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Certificates;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.Haproxy;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.VaultApi;
import dev.lifeboat.lab.VaultApi.Answer;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.RaftTiming;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./lifeboat lab failover`: from the SIGKILL of the leader of three to the first write that a
/// survivor accepts, by raft timing; and to the first through HAProxy, if asked.
@Command(
    name = "failover",
    mixinStandardHelpOptions = true,
    description = {
      "Kill the leader of three nodes again and again, and measure how long it takes until a write",
      "is accepted, for each performance_multiplier. With --haproxy also by a client that knows",
      "the front door alone: nodes behind TLS, HAProxy with docs/haproxy/haproxy.cfg; as root."
    })
final class FailoverCommand implements Callable<Integer> {
  private static final int NODES = 3;
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final int CHECK_MILLIS = 1000;
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

  @Option(names = "--haproxy", description = "Through HAProxy as well.")
  private boolean haproxy;

  /// Seconds after the kill.
  ///
  /// @param led until a survivor said that it is active, which is what HAProxy asks for
  /// @param wrote until a write was accepted by HAProxy
  private record Round(double led, double wrote) {
    double added() {
      return wrote - led;
    }
  }

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
      if (haproxy) {
        System.out.printf(
            "%22s%22s%22s%22s%n", "", "a survivor leads", "write by HAProxy", "HAProxy adds");
      }
      System.out.println(
          "performance_multiplier" + "  median    min    max".repeat(haproxy ? 3 : 1));
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
    try (var workplace = Workplace.open("failover");
        var cluster =
            Cluster.create(
                haproxy ? plan.secured() : plan, workplace.folder().resolve("cluster"))) {
      Provisioning.install(cluster.root());
      var line = haproxy ? byHaproxy(cluster, workplace.folder()) : direct(cluster);
      System.out.printf(Locale.ROOT, "%22d%s%n", multiplier, line);
    }
  }

  private String direct(Cluster cluster) {
    var seconds = new ArrayList<Double>();
    for (int round = 0; round < rounds; round++) {
      seconds.add(secondsWithoutWrites(cluster));
    }
    return figures(seconds.stream());
  }

  private String byHaproxy(Cluster cluster, Path folder) {
    var measured = new ArrayList<Round>();
    for (int number = 1; number <= rounds; number++) {
      measured.add(throughTheDoor(cluster, folder.resolve("haproxy-" + number)));
    }
    return figures(measured.stream().map(Round::led))
        + figures(measured.stream().map(Round::wrote))
        + figures(measured.stream().map(Round::added));
  }

  private static String figures(Stream<Double> seconds) {
    var sorted = seconds.sorted().toList();
    return String.format(
        Locale.ROOT, "  %6.1f %6.1f %6.1f", median(sorted), sorted.getFirst(), sorted.getLast());
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
    Await.until(
        "a write to be accepted again",
        BOUND,
        () ->
            survivors.stream()
                .anyMatch(node -> write(cluster, node.api().withTimeout(WRITE_TRY)).good()));
    double seconds = secondsSince(killed);
    cluster.restart(leader);
    cluster.awaitWhole();
    return seconds;
  }

  private static Round throughTheDoor(Cluster cluster, Path folder) {
    var leader = cluster.awaitLeader(BOUND);
    try (var front = Haproxy.start(folder, cluster);
        var client = Certificates.trusting(cluster.caFile());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // One connection, and the next request only after an answer: what most clients do.
      var door = VaultApi.of(front.door(), client);
      write(cluster, door).require();
      // Checks come once a second; each round is to begin elsewhere between two of them.
      TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(CHECK_MILLIS));
      long killed = System.nanoTime();
      cluster.kill(leader);
      var led =
          threads.submit(
              () -> {
                var _ = cluster.awaitLeader(BOUND);
                return secondsSince(killed);
              });
      Await.until("a write by HAProxy", BOUND, () -> write(cluster, door).good());
      double wrote = secondsSince(killed);
      var round = new Round(led.get(), wrote);
      cluster.restart(leader);
      cluster.awaitWhole();
      return round;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    } catch (ExecutionException e) {
      throw new LabException("nobody led", e);
    }
  }

  private static double secondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }

  private static Answer write(Cluster cluster, VaultApi api) {
    return api.withToken(cluster.rootToken())
        .post(
            "secret/data/failover", Map.of("data", Map.of("at", Long.toString(System.nanoTime()))));
  }
}
