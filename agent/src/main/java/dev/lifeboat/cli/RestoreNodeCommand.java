package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.journal.Course;
import dev.lifeboat.restore.NodeOrder;
import dev.lifeboat.restore.Report;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.restore.Seen;
import dev.lifeboat.restore.Shares;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `lifeboat restore node`: one node out of the others.
@Command(
    name = "node",
    header = "Rebuild one lost or damaged node from the others.",
    description = {
      "Takes it out of raft, moves its data into a folder beside it, lets it join anew, and proves",
      "it. Refuses where the others would be too few to decide anything."
    })
final class RestoreNodeCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final ShareSources shares = new ShareSources();
  @Mixin private final RestoreOptions options = new RestoreOptions();

  @Parameters(paramLabel = "NODE", description = "Its name in restore.nodes.")
  private String node = "";

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    options.check();
    LifeboatConfig read = config.read(surroundings);
    String id = read.restore().node(node).id();
    NodeOrder order =
        new NodeOrder(id, Shares.known(List.of()), read.backup().flatMap(BackupConfig::canary));
    return options.run(
        read,
        "restore-node-" + id,
        shares,
        new RestoreOptions.Kind() {
          @Override
          public List<String> plan(Restoring restoring) throws InterruptedException {
            return restoring.nodePlan(order);
          }

          @Override
          public String loses(List<Seen> seen) {
            return "nothing: the others have it all";
          }

          @Override
          public Report carryOut(Restoring restoring, Shares found, Course.Listener listener)
              throws InterruptedException {
            return restoring.node(order.with(found), listener);
          }
        },
        surroundings);
  }

  @Override
  public Set<Exit> exits() {
    return RestoreOptions.exits();
  }
}
