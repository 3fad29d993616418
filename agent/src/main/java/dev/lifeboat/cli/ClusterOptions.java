package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.restore.ClusterOrder;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What has to be said before nodes are emptied and made a cluster of a backup.
final class ClusterOptions {
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

  ClusterOrder order(OpenCatalogue open, Entry entry, Opener opener, BackupConfig backup) {
    return new ClusterOrder(
        BackupChoice.source(open, entry, opener),
        force,
        oldClusterAccepted,
        Optional.ofNullable(replaces),
        List.of(),
        backup.canary());
  }

  /// Force makes nodes of another cluster out of these: whoever wants it names the cluster.
  boolean agreed(Manifest manifest, boolean yes, Surroundings surroundings)
      throws InterruptedException {
    String name = manifest.cluster().name();
    if (!force) {
      return Question.agreed("Go on?", yes, surroundings);
    }
    if (cluster == null && (yes || !surroundings.terminal())) {
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
    return cluster == null || Question.agreed("Go on?", yes, surroundings);
  }
}
