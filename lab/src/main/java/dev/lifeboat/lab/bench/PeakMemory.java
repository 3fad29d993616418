package dev.lifeboat.lab.bench;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.lab.LabAgent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How much more memory an agent has resident during its first backup than when it was idle, and
/// whether that depends on how much there is to back up.
record PeakMemory(List<ByteSize> sizes) implements Benchmark {
  private static final double GROWTH_MAX = 64;

  /// The heap's own steps are of this order; what grows with the data would be far above it.
  private static final double DIFFERENCE_MAX = 16;

  private static final int SCRAPES = 10;
  private static final Duration POLLED = Duration.ofSeconds(20);
  private static final Duration IDLE = Duration.ofSeconds(10);

  PeakMemory {
    sizes = List.copyOf(sizes);
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public int defaultRuns() {
    return 3;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    var findings = new ArrayList<Finding>();
    for (ByteSize size : sizes) {
      var cluster = workbench.holding(size);
      workbench.says("peak memory of a fresh agent's backup of " + size);
      var growth = new ArrayList<Double>();
      var notes = new ArrayList<String>();
      for (int run = 0; run < runs; run++) {
        growth.add(growth(cluster, notes));
      }
      findings.add(
          finding(
              new Samples("%s, peak over idle".formatted(size), Unit.MEBIBYTES, growth), notes));
    }
    if (findings.size() > 1) {
      findings.add(difference(findings));
    }
    return findings;
  }

  private double growth(FilledCluster cluster, List<String> notes) {
    var agent = cluster.agent();
    agent.start();
    try {
      agent.awaitReady();
      agent.awaitSample("vault_node_up", 1, POLLED);
      for (int scrape = 0; scrape < SCRAPES; scrape++) {
        var _ = agent.get("/metrics");
      }
      Workbench.settle(IDLE);
      return growthOfOneBackup(cluster, agent, notes);
    } finally {
      agent.stop();
    }
  }

  private static double growthOfOneBackup(
      FilledCluster cluster, LabAgent agent, List<String> notes) {
    var memory = new ProcessMemory(agent.pid());
    double idle = memory.residentMebibytes();
    memory.forgetPeak();
    var _ = WarmBackup.seconds(cluster);
    double peak = memory.peakMebibytes();
    notes.add(String.format(Locale.ROOT, "%.1f MiB idle, %.1f MiB at the peak", idle, peak));
    return peak - idle;
  }

  private Finding finding(Samples growth, List<String> notes) {
    return new Finding(name(), growth, Optional.empty(), new Goal.Each(GROWTH_MAX), notes);
  }

  /// Between the medians of the largest and the smallest size.
  private Finding difference(List<Finding> findings) {
    double difference =
        Math.abs(findings.getLast().ours().median() - findings.getFirst().ours().median());
    var samples =
        new Samples(
            "%s against %s, difference".formatted(sizes.getLast(), sizes.getFirst()),
            Unit.MEBIBYTES,
            List.of(difference));
    return new Finding(name(), samples, Optional.empty(), new Goal.Each(DIFFERENCE_MAX), List.of());
  }
}
