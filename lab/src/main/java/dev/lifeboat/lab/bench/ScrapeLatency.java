package dev.lifeboat.lab.bench;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.LeashedProcess.Invocation;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `GET /metrics` of an agent beside the leader of three, in turn with Prometheus' `node_exporter`,
/// each on one connection that stays open. Plain HTTP, text format, uncompressed.
record ScrapeLatency() implements Benchmark {
  private static final int NODES = 3;
  private static final int WARM_UPS = 50;
  private static final Duration STARTED = Duration.ofSeconds(20);
  private static final Duration BETWEEN = Duration.ofMillis(2);

  @Override
  public String name() {
    return "scrape";
  }

  @Override
  public int defaultRuns() {
    return 300;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    var folder = workbench.newFolder();
    AgentFleet.makeKeys(folder, NODES);
    var plan = ClusterPlan.of(workbench.server(), NODES);
    try (var cluster = Cluster.create(plan, folder.resolve("cluster"))) {
      Provisioning.install(cluster.root());
      try (var fleet = AgentFleet.equip(cluster, folder, AgentFleet.Routine.ORDINARY);
          var exporter = NodeExporter.start(folder)) {
        var agent = fleet.beside(cluster.awaitLeader(STARTED));
        agent.start();
        agent.awaitReady();
        agent.run("backup").require();
        agent.awaitSample("vault_node_up", 1, STARTED);
        workbench.says("scraping the agent and node_exporter, in turn");
        return List.of(compare(url(agent.metricsUrl()), url(exporter.metricsUrl()), runs));
      }
    }
  }

  private Finding compare(URL ours, URL theirs, int runs) {
    var ourTimes = new ArrayList<Double>();
    var theirTimes = new ArrayList<Double>();
    int ourSeries = 0;
    int theirSeries = 0;
    var ourScraper = new Scraper(ours);
    var theirScraper = new Scraper(theirs);
    for (int run = -WARM_UPS; run < runs; run++) {
      Workbench.settle(BETWEEN);
      var our = ourScraper.scrape();
      Workbench.settle(BETWEEN);
      var their = theirScraper.scrape();
      if (run >= 0) {
        ourTimes.add(our.milliseconds());
        theirTimes.add(their.milliseconds());
      }
      ourSeries = our.series();
      theirSeries = their.series();
    }
    var our = new Samples("p50 of %d series".formatted(ourSeries), Unit.MILLISECONDS, ourTimes);
    var their =
        new Samples(
            "node_exporter, %d series".formatted(theirSeries), Unit.MILLISECONDS, theirTimes);
    var p99 =
        String.format(
            Locale.ROOT,
            "p99 %.2f ms, node_exporter's %.2f ms",
            our.percentile(99),
            their.percentile(99));
    return new Finding(name(), our, Optional.of(their), new Goal.Ratio(0.5), List.of(p99));
  }

  private static URL url(URI uri) {
    try {
      return uri.toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /// With its default collectors.
  private record NodeExporter(LeashedProcess process, URI metricsUrl) implements AutoCloseable {
    static NodeExporter start(Path folder) {
      try (var ports = FreePorts.reserve(InetAddress.ofLiteral("127.0.0.1"), 1)) {
        var address = "127.0.0.1:" + ports.next();
        var log = folder.resolve("node-exporter.log");
        var command = List.of(Servers.nodeExporter().toString(), "--web.listen-address=" + address);
        var process =
            LeashedProcess.start(
                new Invocation(
                    command, folder, Map.of("PATH", "/usr/local/bin:/usr/bin:/bin"), log, log));
        return new NodeExporter(process, URI.create("http://" + address + "/metrics"));
      }
    }

    @Override
    public void close() {
      process.kill();
    }
  }
}
