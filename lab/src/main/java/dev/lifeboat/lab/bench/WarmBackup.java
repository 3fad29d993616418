package dev.lifeboat.lab.bench;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.daemon.ControlClient;
import dev.lifeboat.daemon.ControlClient.Reply;
import dev.lifeboat.lab.LabException;
import java.util.List;
import java.util.Optional;

/// A backup by an agent that runs and has taken some before, beside the server's own `snapshot
/// save`, in turn and on one file system.
record WarmBackup(ByteSize size) implements Benchmark {
  private static final int WARM_UPS = 2;

  @Override
  public String name() {
    return "backup";
  }

  @Override
  public int defaultRuns() {
    return 7;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    var cluster = workbench.holding(size);
    var save = new SnapshotSave(cluster.cluster(), cluster.file("snapshot"));
    var agent = cluster.agent();
    agent.start();
    try {
      agent.awaitReady();
      workbench.says("backups by a warm agent and " + save.name() + ", in turn");
      var times = new Duel(() -> seconds(cluster), save::seconds).run(WARM_UPS, runs);
      return List.of(
          new Finding(
              name(),
              new Samples("%s, warm agent".formatted(size), Unit.SECONDS, times.ours()),
              Optional.of(new Samples(save.name(), Unit.SECONDS, times.theirs())),
              new Goal.Ratio(1.5),
              List.of(cluster.describe(save.bytes()))));
    } finally {
      agent.stop();
    }
  }

  /// From the request on the control socket to the answer, which comes when the manifest is
  /// durable. Not the command line's own start: that is [FirstBackup]'s.
  static double seconds(FilledCluster cluster) {
    var socket = cluster.agent().controlSocket();
    long began = System.nanoTime();
    var reply = ControlClient.ask(socket, "backup", (_, _) -> {});
    double seconds = (System.nanoTime() - began) / 1e9;
    if (reply instanceof Reply.Failed(String reason, String message, String hint)) {
      throw new LabException("the backup failed (%s): %s; %s".formatted(reason, message, hint));
    }
    cluster.forgetBackups();
    return seconds;
  }
}
