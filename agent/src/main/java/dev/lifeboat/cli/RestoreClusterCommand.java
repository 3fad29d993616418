package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.restore.ClusterOrder;
import dev.lifeboat.restore.Report;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.unseal.Share;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat restore cluster`: from a backup to every node proven.
@Command(
    name = "cluster",
    header = "Bring a backup back into the nodes of restore.nodes, and prove each.",
    description = {
      "Looks at everything first, prints a numbered plan, and asks. What is in the nodes' storage",
      "folders is moved into a folder beside it, never deleted. Ends when every node is proven,",
      "not when the server has taken the snapshot. Killed at any point, the same command goes on."
    })
final class RestoreClusterCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final BackupChoice choice = new BackupChoice();
  @Mixin private final ShareSources shares = new ShareSources();
  @Mixin private final RestoreOptions options = new RestoreOptions();
  @Mixin private final ClusterOptions asked = new ClusterOptions();

  @Option(
      names = "--without",
      paramLabel = "NODE",
      description =
          "Leave out a node whose machine is gone; lifeboat restore node gets it back later. May be"
              + " given again.")
  private List<String> without = new ArrayList<>();

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    options.check();
    LifeboatConfig whole = config.read(surroundings);
    LifeboatConfig read = whole.with(whole.restore().without(without));
    BackupConfig backup = config.backup(read, surroundings);
    Restoring.Run run = options.find(read, "restore-cluster", surroundings);
    try (OpenCatalogue open = choice.open(backup, surroundings)) {
      Entry entry =
          choice.choose(open, run.earlier().flatMap(Restoring.Earlier::backup), surroundings);
      Opener opener = choice.opener(shares.identity(), backup, surroundings);
      Manifest manifest = entry.manifest().orElseThrow();
      ClusterOrder order = asked.order(open, entry, opener, backup);
      try (Restoring restoring = options.open(read, run, surroundings)) {
        List<String> steps = restoring.clusterPlan(order);
        if (!options.agreed(
            () ->
                choice.words(open, entry, surroundings)
                    + RestoreText.plan(
                        manifest,
                        restoring.look(),
                        run,
                        steps,
                        RestoreText.loses(manifest),
                        shares.words(manifest.seal(), read.unseal())),
            () -> asked.agreed(manifest, options.yes(), surroundings),
            surroundings)) {
          return Exit.OK;
        }
        List<Share> found = shares.read(manifest.seal(), read, surroundings);
        options.giveUpSuperseded(read, surroundings);
        Report report = restoring.cluster(order.with(found), options.listener(surroundings));
        return options.end(report, surroundings);
      }
    }
  }

  @Override
  public Set<Exit> exits() {
    Set<Exit> exits = RestoreOptions.exits();
    exits.addAll(EnumSet.of(Exit.NOT_FOUND, Exit.WRONG_KEY));
    return exits;
  }
}
