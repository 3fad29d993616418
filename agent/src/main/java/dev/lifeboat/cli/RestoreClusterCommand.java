package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.restore.ClusterOrder;
import dev.lifeboat.restore.Report;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.restore.Source;
import dev.lifeboat.unseal.Share;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = "--force",
      description =
          "Let fresh nodes take the snapshot of a cluster of other keys, as one that is opened with"
              + " shares always is to them. Needs the cluster's name typed, or --cluster.")
  private boolean force;

  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      description = "The name of the cluster in the backup, instead of typing it.")
  private @Nullable String cluster;

  @Option(
      names = "--accept-writes-to-old-cluster",
      description =
          "Go on although the cluster that was backed up can be reached. Until they elect a leader"
              + " of their own, restored nodes pass reads and WRITES on to it.")
  private boolean oldClusterAccepted;

  @Option(
      names = "--replaces",
      paramLabel = "NAME",
      description =
          "Go on although these nodes serve another cluster, of this name. Its data is moved away.")
  private @Nullable String replaces;

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
      ClusterOrder order =
          new ClusterOrder(
              source(open, entry, opener, manifest),
              force,
              oldClusterAccepted,
              Optional.ofNullable(replaces),
              List.of(),
              backup.canary());
      try (Restoring restoring = options.open(read, run, surroundings)) {
        List<String> steps = restoring.clusterPlan(order);
        boolean asked = manifest.seal().type().equals("shamir");
        if (!options.json()) {
          surroundings
              .out()
              .print(
                  RestoreText.plan(
                      entry,
                      manifest,
                      restoring.look(),
                      run,
                      steps,
                      asked ? shares.words(read.unseal()) : "none: it opens itself",
                      choice.newestEpoch(open, manifest),
                      surroundings.clock().instant()));
        }
        if (options.plan()) {
          return Exit.OK;
        }
        if (!agreed(manifest, surroundings)) {
          surroundings.err().println("nothing was begun");
          return Exit.OK;
        }
        List<Share> found =
            asked ? shares.read(read, manifest.seal().threshold(), false, surroundings) : List.of();
        options.giveUpSuperseded(read, surroundings);
        Report report = restoring.cluster(order.with(found), options.listener(surroundings));
        return options.end(report, surroundings);
      }
    }
  }

  static Source source(OpenCatalogue open, Entry entry, Opener opener, Manifest manifest) {
    return new Source() {
      @Override
      public Manifest manifest() {
        return manifest;
      }

      @Override
      public void extract(OutputStream plain) {
        open.catalogue().extract(entry, opener, plain);
      }
    };
  }

  /// Force makes nodes of another cluster out of these: whoever wants it names the cluster.
  private boolean agreed(Manifest manifest, Surroundings surroundings) throws InterruptedException {
    String name = manifest.cluster().name();
    if (!force) {
      return Question.agreed("Go on?", options.yes(), surroundings);
    }
    if (cluster == null && (options.yes() || !surroundings.terminal())) {
      throw new CommandException(
          Exit.USAGE,
          "--force needs the name of the cluster\nhint: --cluster NAME, as lifeboat inspect "
              + "%s shows it".formatted(manifest.id()));
    }
    String typed =
        cluster != null
            ? cluster
            : Terminal.line("Type the name of the cluster to go on: ", surroundings);
    if (!typed.equals(name)) {
      throw new CommandException(
          Exit.USAGE,
          "the cluster of this backup is not called '%s'; nothing was begun".formatted(typed));
    }
    return cluster == null || Question.agreed("Go on?", options.yes(), surroundings);
  }

  @Override
  public Set<Exit> exits() {
    Set<Exit> exits = RestoreOptions.exits();
    exits.addAll(EnumSet.of(Exit.NOT_FOUND, Exit.WRONG_KEY));
    return exits;
  }
}
