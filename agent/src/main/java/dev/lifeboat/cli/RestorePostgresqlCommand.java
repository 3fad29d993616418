package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.restore.PostgresqlOrder;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.unseal.Share;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat restore postgresql`: from the dump of a database to every node proven.
@Command(
    name = "postgresql",
    header = "Bring the dump of a database back into an empty one, and prove each node on it.",
    description = {
      "For servers with storage \"postgresql\". restore.postgresql names the empty database, which",
      "belongs to the user of the servers' connection_url; that has to name it as well. Looks at",
      "everything first, prints a numbered plan, and asks. The database of before is not touched.",
      "Killed at any point, the same command goes on."
    })
final class RestorePostgresqlCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final BackupChoice choice = new BackupChoice();
  @Mixin private final ShareSources shares = new ShareSources();
  @Mixin private final RestoreOptions options = new RestoreOptions();

  @Option(
      names = "--accept-writes-to-old-cluster",
      description =
          "Go on although the cluster that was backed up can be reached: two clusters have the same"
              + " leases and tokens then, and each revokes what the other relies on.")
  private boolean oldClusterAccepted;

  @Option(
      names = "--replaces",
      paramLabel = "NAME",
      description =
          "Go on although these nodes serve another cluster, of this name. Its database stays.")
  private @Nullable String replaces;

  @Option(
      names = "--without",
      paramLabel = "NODE",
      description =
          "Leave out a node whose machine is gone. When it is back, give it the right"
              + " connection_url and start it. May be given again.")
  private List<String> without = new ArrayList<>();

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    options.check();
    LifeboatConfig whole = config.read(surroundings);
    LifeboatConfig read = whole.with(whole.restore().without(without));
    BackupConfig backup = config.backup(read, surroundings);
    Restoring.Run run = options.find(read, "restore-postgresql", surroundings);
    try (OpenCatalogue open = choice.open(backup, surroundings)) {
      Entry entry =
          choice.choose(open, run.earlier().flatMap(Restoring.Earlier::backup), surroundings);
      Opener opener = choice.opener(shares.identity(), backup, surroundings);
      Manifest manifest = entry.manifest().orElseThrow();
      PostgresqlOrder order =
          new PostgresqlOrder(
              BackupChoice.source(open, entry, opener),
              oldClusterAccepted,
              Optional.ofNullable(replaces),
              List.of(),
              backup.canary());
      try (Restoring restoring = options.open(read, run, surroundings)) {
        List<String> steps = restoring.postgresqlPlan(order);
        if (!options.agreed(
            () ->
                choice.words(open, entry, surroundings)
                    + RestoreText.plan(
                        manifest,
                        restoring.look(),
                        restoring.lookAtTarget(),
                        run,
                        steps,
                        shares.words(manifest.seal(), read.unseal())),
            surroundings)) {
          return Exit.OK;
        }
        List<Share> found = shares.read(manifest.seal(), read, surroundings);
        options.giveUpSuperseded(read, surroundings);
        return options.end(
            restoring.postgresql(order.with(found), options.listener(surroundings)), surroundings);
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
