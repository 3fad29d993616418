package dev.lifeboat.lab.bench;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.AgentFleet.Routine;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Prometheus;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.alerts.Monitoring;
import dev.lifeboat.lab.alerts.ScaledRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What Prometheus has to do for five nodes: the shipped rules by its own clock, and the series
/// that each agent gives it, the server's telemetry among them.
record RulesCost() implements Benchmark {
  private static final int NODES = 5;
  private static final Duration BOUND = Duration.ofMinutes(2);

  /// Of the first evaluations, which fill the caches.
  private static final int WARM_UPS = 6;

  @Override
  public String name() {
    return "rules";
  }

  @Override
  public int defaultRuns() {
    return 24;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    var folder = workbench.newFolder();
    AgentFleet.makeKeys(folder, NODES);
    var plan = ClusterPlan.of(workbench.server(), NODES).withOpenTelemetry();
    try (var cluster = Cluster.create(plan, folder.resolve("cluster"))) {
      Provisioning.install(cluster.root());
      try (var fleet = AgentFleet.equip(cluster, folder, Routine.ORDINARY, more(folder))) {
        fleet.start();
        fleet.beside(cluster.awaitLeader(BOUND)).run("backup").require();
        var rules = ScaledRules.unscaled();
        try (var monitoring =
            Monitoring.start(
                folder.resolve("monitoring"), fleet, rules, rules.routing(), Monitoring.SHIPPED)) {
          workbench.says("evaluating the rules for five nodes");
          return List.of(evaluations(monitoring.prometheus(), runs));
        }
      }
    }
  }

  private static String more(Path folder) {
    return """
    stores.shared { type = local, path = "%s" }
    collectors.telemetry.enabled = true
    """
        .formatted(folder.resolve("store"));
  }

  private Finding evaluations(Prometheus prometheus, int runs) {
    Await.until(
        "all agents to be scraped",
        BOUND,
        () -> prometheus.query("vault_exporter_telemetry_up == 1").size() == NODES);
    var times = new ArrayList<Double>();
    for (int run = -WARM_UPS; run < runs; run++) {
      Workbench.settle(Monitoring.SHIPPED.evaluation());
      double millis =
          prometheus.evaluationTimes().values().stream().mapToLong(Duration::toNanos).sum() / 1e6;
      if (run >= 0) {
        times.add(millis);
      }
    }
    var all = new Samples("each", Unit.MILLISECONDS, times);
    return new Finding(
        name(),
        new Samples(
            "all rules but HAProxy's, five nodes", Unit.MILLISECONDS, List.of(all.median())),
        Optional.empty(),
        new Goal.Each(50),
        List.of(
            String.format(
                Locale.ROOT,
                "the sum over %d groups, p50 of %d evaluations; the shortest %.2f ms, the longest"
                    + " %.2f ms",
                prometheus.evaluationTimes().size(),
                runs,
                all.min(),
                all.max()),
            series(prometheus)));
  }

  /// Bounded: by the peers, the stores, and `collectors.telemetry.series-limit`.
  private static String series(Prometheus prometheus) {
    var own =
        "scrape_samples_scraped{job=\"lifeboat\"} - on (instance) vault_exporter_telemetry_series";
    return String.format(
        Locale.ROOT,
        "series of a node: up to %.0f of Lifeboat's and %.0f of the server's",
        highest(prometheus, own),
        highest(prometheus, "vault_exporter_telemetry_series"));
  }

  private static double highest(Prometheus prometheus, String expression) {
    return prometheus.query("max(" + expression + ")").getFirst().last();
  }
}
