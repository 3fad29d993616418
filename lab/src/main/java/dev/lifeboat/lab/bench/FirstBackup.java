package dev.lifeboat.lab.bench;

import dev.lifeboat.config.ByteSize;
import java.util.List;
import java.util.Optional;

/// `lifeboat backup` where no agent runs: a new JVM for every backup, its start included.
record FirstBackup(ByteSize size) implements Benchmark {
  @Override
  public String name() {
    return "first";
  }

  @Override
  public int defaultRuns() {
    return 5;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    var cluster = workbench.holding(size);
    var save = new SnapshotSave(cluster.cluster(), cluster.file("snapshot"));
    workbench.says("backups by a fresh process and " + save.name() + ", in turn");
    var times = new Duel(() -> seconds(cluster), save::seconds).run(0, runs);
    return List.of(
        new Finding(
            name(),
            new Samples("%s, fresh process".formatted(size), Unit.SECONDS, times.ours()),
            Optional.of(new Samples(save.name(), Unit.SECONDS, times.theirs())),
            new Goal.Ratio(3),
            List.of(cluster.describe(save.bytes()))));
  }

  private static double seconds(FilledCluster cluster) {
    long began = System.nanoTime();
    cluster.agent().run("backup").require();
    double seconds = (System.nanoTime() - began) / 1e9;
    cluster.forgetBackups();
    return seconds;
  }
}
