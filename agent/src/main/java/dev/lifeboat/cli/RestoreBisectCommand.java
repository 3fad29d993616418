package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.restore.BisectOrder;
import dev.lifeboat.restore.Bisected;
import dev.lifeboat.restore.Bisecting;
import dev.lifeboat.restore.CheckProgram;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.restore.Source;
import dev.lifeboat.unseal.Share;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat restore bisect`: the newest backup that a check calls good.
@Command(
    name = "bisect",
    header = "Find the newest good backup: restore some into restore.scratch, ask a check of each.",
    description = {
      "The check command ends with 0 for a good backup, 1 to 124 for a bad one, 125 where it",
      "cannot tell; anything else ends the search. It gets the address of the copy and a token for",
      "it in VAULT_ADDR, VAULT_TOKEN, BAO_ADDR and BAO_TOKEN, and LIFEBOAT_BACKUP,",
      "LIFEBOAT_TAKEN_AT.",
      "The living cluster is left alone. Killed at any point, the same command goes on."
    })
final class RestoreBisectCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final BackupSource from = new BackupSource();
  @Mixin private final ShareSources shares = new ShareSources();
  @Mixin private final RestoreOptions options = new RestoreOptions();

  @Option(
      names = "--good",
      paramLabel = "ID|TIME",
      description =
          "The newest of that time or before, or this one, is said to be good. It is asked of as"
              + " well. Default: none is known to be.")
  private @Nullable String good;

  @Option(
      names = "--bad",
      paramLabel = "ID|TIME",
      description =
          "The oldest of that time or after, or this one, is said to be bad. It is asked of first.")
  private @Nullable String bad;

  @Option(
      names = "--replaces",
      paramLabel = "NAME",
      description =
          "Go on although the scratch node serves another cluster, of this name. Its data is moved"
              + " away.")
  private @Nullable String replaces;

  @Parameters(
      arity = "1..*",
      paramLabel = "CHECK-COMMAND",
      description = "A program and its arguments, after --.")
  private List<String> check = new ArrayList<>();

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    options.check();
    LifeboatConfig read = config.read(surroundings);
    requireProgram(check.getFirst(), surroundings.environment());
    BackupConfig backup = config.backup(read, surroundings);
    Restoring.Run run = options.find(read, Bisecting.KIND, surroundings);
    try (OpenCatalogue open = from.open(backup, surroundings)) {
      Opener opener = from.opener(shares.identity(), backup, surroundings);
      List<Source> candidates =
          Bisecting.begunWith(read.restore(), run, candidates(open, opener, surroundings));
      BisectOrder order = order(read, backup, candidates, surroundings);
      try (Bisecting bisecting =
          Bisecting.open(
              read.restore(),
              read.vault(),
              RestoreOptions.auth(read),
              RestoreOptions.journalled(surroundings),
              run)) {
        List<String> steps = bisecting.plan(order);
        int needed = needed(candidates);
        if (!options.agreed(
            () ->
                BisectText.plan(
                        bisecting.look(),
                        run,
                        steps,
                        order,
                        needed == 0 ? "none: they open themselves" : shares.words(read.unseal()),
                        bisecting.left(order),
                        Bisecting.lastTook(read.restore()))
                    + BisectText.before(bisecting.before()),
            surroundings)) {
          return Exit.OK;
        }
        List<Share> found =
            needed == 0 ? List.of() : shares.read(read, needed, false, surroundings);
        options.giveUpSuperseded(read, surroundings);
        return end(
            bisecting.find(order.with(found), BisectText.listener(surroundings, options.json())),
            order,
            surroundings);
      }
    }
  }

  private Exit end(Bisected found, BisectOrder order, Surroundings surroundings) {
    surroundings
        .out()
        .print(
            options.json()
                ? Json.text(found.toJson())
                : BisectText.end(found, BisectText.byForce(found, order)));
    return found.newestGood().isPresent() ? Exit.OK : Exit.NOT_FOUND;
  }

  private BisectOrder order(
      LifeboatConfig read,
      BackupConfig backup,
      List<Source> candidates,
      Surroundings surroundings) {
    OptionalInt goodPlace = place("--good", good, candidates, true);
    OptionalInt badPlace = place("--bad", bad, candidates, false);
    if (goodPlace.isPresent()
        && badPlace.isPresent()
        && goodPlace.getAsInt() >= badPlace.getAsInt()) {
      throw new CommandException(
          Exit.USAGE,
          "--good is %s and --bad is %s: the good one has to be older"
              .formatted(
                  candidates.get(goodPlace.getAsInt()).manifest().id(),
                  candidates.get(badPlace.getAsInt()).manifest().id()));
    }
    return new BisectOrder(
        candidates,
        goodPlace,
        badPlace,
        Optional.ofNullable(replaces),
        List.of(),
        backup.canary(),
        read.restore().nodes(),
        new CheckProgram(check, surroundings.environment(), surroundings.err()));
  }

  /// Verified, and of the cluster of the newest; the oldest first.
  private static List<Source> candidates(
      OpenCatalogue open, Opener opener, Surroundings surroundings) {
    Catalogue.Survey survey = open.catalogue().survey();
    Optional<Exit> failed = OpenCatalogue.tell(survey, surroundings);
    List<Entry> good =
        survey.entries().stream()
            .filter(entry -> entry.trouble().isEmpty())
            .filter(entry -> entry.manifest().filter(each -> each.raft().isPresent()).isPresent())
            .filter(entry -> entry.checks().values().stream().allMatch(each -> each.good()))
            .sorted(Comparator.comparing(RestoreBisectCommand::takenAt).thenComparing(Entry::id))
            .toList();
    if (good.isEmpty()) {
      throw new CommandException(
          failed.orElse(Exit.NOT_FOUND),
          "there is no verified backup\nhint: lifeboat list shows what there is, and why it does"
              + " not count");
    }
    String cluster = manifest(good.getLast()).cluster().id();
    return good.stream()
        .filter(entry -> manifest(entry).cluster().id().equals(cluster))
        .map(entry -> BackupChoice.source(open, entry, opener))
        .toList();
  }

  private static Manifest manifest(Entry entry) {
    return entry.manifest().orElseThrow();
  }

  private static Instant takenAt(Entry entry) {
    return manifest(entry).takenAt();
  }

  /// @param before whether the newest of a time or before is meant, not the oldest after it
  private static OptionalInt place(
      String option, @Nullable String wanted, List<Source> candidates, boolean before) {
    if (wanted == null) {
      return OptionalInt.empty();
    }
    List<Manifest> manifests = candidates.stream().map(Source::manifest).toList();
    IntStream all = IntStream.range(0, manifests.size());
    OptionalInt found;
    try {
      Instant at = Instant.parse(wanted);
      found =
          before
              ? all.filter(i -> !manifests.get(i).takenAt().isAfter(at)).max()
              : all.filter(i -> !manifests.get(i).takenAt().isBefore(at)).min();
    } catch (DateTimeParseException e) {
      int[] named = all.filter(i -> manifests.get(i).id().startsWith(wanted)).toArray();
      found = named.length == 1 ? OptionalInt.of(named[0]) : OptionalInt.empty();
    }
    if (found.isEmpty()) {
      throw new CommandException(
          Exit.NOT_FOUND,
          "%s %s: no verified backup of this cluster is that, or more than one\nhint: %s"
              .formatted(
                  option,
                  wanted,
                  "a time such as 2026-11-30T12:00:00Z, or an id of lifeboat list; the beginning"
                      + " is enough"));
    }
    return found;
  }

  private static int needed(List<Source> candidates) {
    return candidates.stream()
        .map(each -> each.manifest().seal())
        .filter(seal -> seal.type().equals("shamir"))
        .mapToInt(Manifest.Seal::threshold)
        .max()
        .orElse(0);
  }

  /// Before a backup is restored for nothing.
  private static void requireProgram(String name, Map<String, String> environment) {
    boolean there =
        name.contains("/")
            ? runs(Path.of(name))
            : List.of(environment.getOrDefault("PATH", "").split(File.pathSeparator)).stream()
                .filter(folder -> !folder.isEmpty())
                .anyMatch(folder -> runs(Path.of(folder, name)));
    if (!there) {
      throw new CommandException(
          Exit.USAGE,
          "the check '%s' is no program that can be run here; nothing was begun\nhint: %s"
              .formatted(name, "its path, or sh -c '…'; is it executable?"));
    }
  }

  private static boolean runs(Path program) {
    return Files.isExecutable(program) && !Files.isDirectory(program);
  }

  @Override
  public Set<Exit> exits() {
    Set<Exit> exits = RestoreOptions.exits();
    exits.remove(Exit.NODE_MISSING);
    exits.addAll(EnumSet.of(Exit.NOT_FOUND, Exit.WRONG_KEY));
    return exits;
  }
}
