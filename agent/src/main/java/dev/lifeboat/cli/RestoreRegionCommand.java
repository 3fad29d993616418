package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.backup.Occasion;
import dev.lifeboat.backup.Progress;
import dev.lifeboat.daemon.BackupClient;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.restore.ClusterOrder;
import dev.lifeboat.restore.RegionRestore;
import dev.lifeboat.restore.RegionsConfig.Region;
import dev.lifeboat.restore.Report;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.unseal.Share;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat restore region`: the cluster lives in another region from now on.
@Command(
    name = "region",
    header = "Bring the cluster into another region, and its clients with it.",
    description = {
      "When no other region serves: the newest verified backup of the stores of REGION comes back",
      "there. When one does, as on the way back: a fresh backup of it is taken first, and comes",
      "back. The nodes of the other regions are stopped before the first of REGION starts, and the",
      "public name is switched when most are proven. Killed at any point, the same command goes on."
    })
final class RestoreRegionCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final BackupChoice choice = new BackupChoice();
  @Mixin private final ShareSources shares = new ShareSources();
  @Mixin private final RestoreOptions options = new RestoreOptions();
  @Mixin private final ClusterOptions asked = new ClusterOptions();

  @Parameters(paramLabel = "REGION", description = "A block of restore.regions.")
  private String name = "";

  @Option(
      names = "--lost",
      paramLabel = "REGION",
      description =
          "Go on although nothing in this other region answers, its machines neither: you are sure"
              + " that it serves nobody. May be given again.")
  private List<String> lost = new ArrayList<>();

  @Option(
      names = "--without",
      paramLabel = "NODE",
      description =
          "Leave out a node of REGION whose machine is gone; lifeboat restore node gets it back"
              + " later. May be given again.")
  private List<String> without = new ArrayList<>();

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    options.check();
    LifeboatConfig whole = config.read(surroundings);
    LifeboatConfig read = whole.with(whole.restore().without(name, without));
    BackupConfig backup = config.backup(read, surroundings);
    Opener opener = choice.opener(shares.identity(), backup, surroundings);
    Restoring.Run run = find(read, surroundings);
    Optional<String> earlier = run.earlier().flatMap(Restoring.Earlier::backup);
    try (RegionRestore restore = open(read, run, surroundings)) {
      Optional<URI> serving =
          earlier.isPresent() || choice.isNamed() ? Optional.empty() : restore.servedElsewhere();
      Job job = new Job(read, backup, restore, opener, run, surroundings);
      try (OpenCatalogue open =
          serving.isPresent()
              ? choice.open(backup, List.of(), surroundings)
              : near(backup, read.restore().regions().region(name), earlier, surroundings)) {
        Entry entry = choice.choose(open, earlier, surroundings);
        ClusterOrder order = asked.order(open, entry, opener, backup);
        if (!ready(job, open, entry, order, serving)) {
          return Exit.OK;
        }
        if (serving.isPresent()) {
          return moved(job, serving.get());
        }
        List<Share> given = shares.read(order.source().manifest().seal(), read, surroundings);
        options.giveUpSuperseded(read, surroundings);
        return carryOut(job, order.with(given));
      }
    }
  }

  private Restoring.Run find(LifeboatConfig read, Surroundings surroundings) {
    Restoring.Run found = options.find(read, RegionRestore.kind(name), surroundings);
    if (found.earlier().isEmpty()) {
      return found;
    }
    try (RegionRestore before = open(read, found, surroundings)) {
      return before.isOvertaken() ? options.supersede(found, surroundings) : found;
    }
  }

  private RegionRestore open(LifeboatConfig read, Restoring.Run run, Surroundings surroundings) {
    return RegionRestore.open(
        read.restore(),
        name,
        lost,
        read.vault(),
        RestoreOptions.auth(read),
        RestoreOptions.journalled(surroundings),
        run);
  }

  /// The stores of a region that is lost would only keep us waiting, or not open at all. What a run
  /// was begun with may lie in one of them alone.
  private OpenCatalogue near(
      BackupConfig backup, Region region, Optional<String> earlier, Surroundings surroundings) {
    OpenCatalogue near = choice.open(backup, region.stores(), surroundings);
    if (earlier.filter(id -> near.catalogue().find(id).isEmpty()).isEmpty()) {
      return near;
    }
    near.close();
    return choice.open(backup, List.of(), surroundings);
  }

  /// One run of this command.
  private record Job(
      LifeboatConfig config,
      BackupConfig backup,
      RegionRestore restore,
      Opener opener,
      Restoring.Run run,
      Surroundings surroundings) {}

  /// Prints the plan and asks.
  private boolean ready(
      Job job, OpenCatalogue open, Entry entry, ClusterOrder order, Optional<URI> serving)
      throws InterruptedException {
    Manifest manifest = order.source().manifest();
    List<String> steps = new ArrayList<>(job.restore().plan(order));
    if (serving.isPresent()) {
      steps.replaceAll(step -> step.replace("backup " + manifest.id(), "that backup"));
      steps.addFirst(
          "take a backup of what %s serves; it comes back, instead of the one above"
              .formatted(serving.get()));
    }
    Surroundings surroundings = job.surroundings();
    return options.agreed(
        () ->
            choice.words(open, entry, surroundings)
                + RestoreText.plan(
                    manifest,
                    job.restore().look(),
                    job.run(),
                    steps,
                    serving.isPresent()
                        ? "what is written between that backup and the stop; it is counted then"
                        : RestoreText.loses(manifest),
                    shares.words(manifest.seal(), job.config().unseal())),
        () -> asked.agreed(manifest, options.yes(), surroundings),
        surroundings);
  }

  private Exit carryOut(Job job, ClusterOrder order) throws InterruptedException {
    Report report = job.restore().carryOut(order, options.listener(job.surroundings()));
    Exit exit = options.end(report, job.surroundings());
    if (!options.json()) {
      job.surroundings().out().print(RestoreText.moved(name, report));
    }
    return exit;
  }

  /// From a region that serves: what it holds now comes along.
  private Exit moved(Job job, URI leader) throws InterruptedException {
    Surroundings surroundings = job.surroundings();
    LifeboatConfig there = job.config().at(job.config().vault().at(leader, List.of()));
    String id =
        FreshBackup.of(
            new BackupClient(there, job.backup())
                .runHere(
                    new Occasion(Optional.empty(), Optional.of("region"), Optional.empty()),
                    job.config().restore().folder().resolve("spool"),
                    surroundings.clock(),
                    surroundings.milestones(),
                    Progress.NONE));
    if (!options.json()) {
      surroundings.out().println("back up what %s serves  ok; id %s".formatted(leader, id));
    }
    // Opened anew: what was read of the stores before does not have it.
    try (OpenCatalogue open = choice.open(job.backup(), List.of(), surroundings)) {
      Entry entry = BackupChoice.own(open, id);
      ClusterOrder order = asked.order(open, entry, job.opener(), job.backup());
      var _ = job.restore().plan(order);
      // As many as open it now, which may be others than open the one that was there before.
      List<Share> given = shares.read(order.source().manifest().seal(), job.config(), surroundings);
      options.giveUpSuperseded(job.config(), surroundings);
      return carryOut(job, order.with(given));
    }
  }

  @Override
  public Set<Exit> exits() {
    Set<Exit> exits = RestoreOptions.exits();
    exits.addAll(EnumSet.of(Exit.NOT_FOUND, Exit.WRONG_KEY, Exit.BACKUP_FAILED));
    return exits;
  }
}
