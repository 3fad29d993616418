package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.journal.Course;
import dev.lifeboat.restore.QuorumOrder;
import dev.lifeboat.restore.Report;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.restore.Seen;
import dev.lifeboat.restore.Shares;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat restore quorum`: a cluster out of the nodes that are left.
@Command(
    name = "quorum",
    header = "Make a cluster of the nodes that are left, when most are dead.",
    description = {
      "Needs no backup. Chooses the node whose raft log goes furthest, makes it a cluster of one,",
      "lets the others join it, and proves each. A node whose machine does not answer must be",
      "stopped or fenced by you, and named: a cut cable looks like death, and two recoveries make",
      "two clusters."
    })
final class RestoreQuorumCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final ShareSources shares = new ShareSources();
  @Mixin private final RestoreOptions options = new RestoreOptions();

  @Option(
      names = "--dead",
      paramLabel = "NODE",
      description =
          "A node that you have stopped or fenced, or whose data is of no use. May be given again.")
  private List<String> dead = new ArrayList<>();

  @Option(
      names = "--no-copy",
      description = "Do not copy what the survivor has before it goes on: where there is no room.")
  private boolean noCopy;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    options.check();
    LifeboatConfig read = config.read(surroundings);
    dead.forEach(node -> read.restore().node(node));
    QuorumOrder order =
        new QuorumOrder(
            dead, !noCopy, Shares.known(List.of()), read.backup().flatMap(BackupConfig::canary));
    return options.run(
        read,
        "restore-quorum",
        shares,
        new RestoreOptions.Kind() {
          @Override
          public List<String> plan(Restoring restoring) throws InterruptedException {
            return restoring.quorumPlan(order);
          }

          @Override
          public String loses(List<Seen> seen) {
            return QuorumLoss.words(read, seen, surroundings);
          }

          @Override
          public Report carryOut(Restoring restoring, Shares found, Course.Listener listener)
              throws InterruptedException {
            return restoring.quorum(order.with(found), listener);
          }
        },
        surroundings);
  }

  @Override
  public Set<Exit> exits() {
    return RestoreOptions.exits();
  }
}
