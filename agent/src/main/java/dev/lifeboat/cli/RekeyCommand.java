package dev.lifeboat.cli;

import dev.lifeboat.backup.Occasion;
import dev.lifeboat.backup.Progress;
import dev.lifeboat.daemon.BackupClient;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.journal.Step;
import dev.lifeboat.rekey.CustodiansDue;
import dev.lifeboat.rekey.Exchange;
import dev.lifeboat.rekey.Keeping;
import dev.lifeboat.rekey.Readiness;
import dev.lifeboat.rekey.Readiness.Findings;
import dev.lifeboat.rekey.RekeyRuns;
import dev.lifeboat.rekey.Rotation;
import dev.lifeboat.rekey.Shape;
import dev.lifeboat.rekey.Target;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat rekey`: new shares of the key that opens the cluster.
@Command(
    name = "rekey",
    header = "Make new shares of the unseal key or the recovery key.",
    description = {
      "Sees that every node is open and caught up, prints what it will do, and asks. Has new",
      "shares made for the old ones, stores them, reads them back, and only then puts them in",
      "force; then rotates the barrier key and takes a backup. At each moment the old shares or",
      "the new ones open the cluster. One that was killed goes on with the same command."
    })
final class RekeyCommand implements Verb {
  private static final Duration READY = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--shares", paramLabel = "N", description = "Make so many. Default: as now.")
  private @Nullable Integer shares;

  @Option(
      names = "--threshold",
      paramLabel = "T",
      description = "So many of them are needed. Default: as now.")
  private @Nullable Integer threshold;

  @Mixin private final NewShareOptions to = new NewShareOptions();

  @Mixin private final ShareSources sources = new ShareSources();

  @ArgGroup private @Nullable Mode mode;

  @Option(
      names = "--restart",
      description =
          "With --prove: restart each node by its commands in restore.nodes, standbys first.")
  private boolean restart;

  @Mixin private final PlanOptions options = new PlanOptions();

  /// What the product's own command takes here.
  @Parameters(hidden = true)
  private List<String> stray = new ArrayList<>();

  /// What to do instead.
  static final class Mode {
    @Option(
        names = "--verify",
        description =
            "Give new shares, as their custodian: to those that wait to be put in force, or to"
                + " learn whether they are.")
    private boolean verify;

    @Option(
        names = "--prove",
        description =
            "Open the nodes that are sealed with the new shares, and say which have been so far.")
    private boolean prove;

    @Option(
        names = "--show",
        description =
            "Print the share in a --share-file, for its custodian to type where it is asked for."
                + " Needs no configuration and no node.")
    private boolean show;

    @Option(names = "--abandon", description = "Give up a run that was begun and not finished.")
    private boolean abandon;
  }

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    refuse();
    if (mode != null && mode.show) {
      sources.show(surroundings);
      return Exit.OK;
    }
    LifeboatConfig read = config.read(surroundings);
    try (VaultClient client = VaultClient.open(read.vault(), RequestObserver.NONE);
        TokenKeeper keeper =
            TokenKeeper.open(
                client, read.rekey().auth().orElse(read.vault().auth()), surroundings.clock())) {
      if (!keeper.configured()) {
        throw new CommandException(
            Exit.CONFIGURATION,
            "a rekey needs a login\nhint: rekey.auth, with the policy docs/policies/rekey.hcl");
      }
      requireOwner(read.rekey().folder());
      RekeyParts parts =
          new RekeyParts(read, client, keeper, sources, surroundings, options.json());
      if (mode != null && mode.verify) {
        return new NewSharesGiven(parts).verify();
      }
      if (mode != null && mode.prove) {
        return new NewSharesGiven(parts).prove(restart);
      }
      Optional<Path> unfinished = Journal.unfinished(read.rekey().folder(), RekeyRuns::isRekey);
      return mode != null && mode.abandon
          ? new NewSharesGiven(parts).abandon(unfinished)
          : rekey(parts, unfinished);
    }
  }

  private void refuse() {
    ShareSources.refuseArguments(stray);
    options.check();
    if (restart && (mode == null || !mode.prove)) {
      throw new CommandException(
          Exit.USAGE, "--restart belongs to --prove\nhint: lifeboat rekey --prove --restart");
    }
    if (options.json() && to.printed()) {
      throw new CommandException(
          Exit.USAGE, "--json never has a share\nhint: leave out --print, or --json");
    }
  }

  /// What root writes there the agent could not read, and its metric would be gone.
  private static void requireOwner(Path folder) {
    try {
      Path self = Path.of("/proc/self");
      if (Files.exists(folder) && !Files.getOwner(folder).equals(Files.getOwner(self))) {
        throw new CommandException(
            Exit.CONFIGURATION,
            "the records in %s belong to %s\nhint: as that user: runuser -u %s -- lifeboat rekey"
                .formatted(folder, Files.getOwner(folder), Files.getOwner(folder)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder.toString(), e);
    }
  }

  private Exit rekey(RekeyParts parts, Optional<Path> unfinished) throws InterruptedException {
    Surroundings surroundings = parts.surroundings();
    Optional<List<Entry>> before = unfinished.map(Journal::read);
    Findings found = new Readiness(parts.client(), parts.keeper()::token).await(READY);
    Shape shape =
        before
            .map(entries -> RekeyRuns.shape(entries.getFirst()))
            .orElseGet(() -> asked(found.shape()));
    Keeping keeping =
        to.keeping(
            parts.config(),
            sources.key(parts.config(), surroundings),
            shape.shares(),
            surroundings);
    before.ifPresent(entries -> sameAsBefore(entries.getFirst(), keeping));
    boolean exchanged = before.filter(RekeyCommand::exchanged).isPresent();
    boolean ready = found.problems().isEmpty() || exchanged;
    if (!options.json()) {
      surroundings
          .out()
          .print(
              RekeyText.plan(
                  found,
                  new RekeyText.Wanted(
                      shape,
                      before
                          .map(entries -> number(entries.getFirst(), "epoch"))
                          .orElse(found.epoch() + 1),
                      keeping.words(),
                      sources.words(parts.config().unseal()),
                      unfinished.map(Journal::run),
                      parts.config().backup().isPresent())));
    }
    if (!ready) {
      Failure.sentence(Exit.REKEY_FAILED, found.problems().getFirst()).print(surroundings.err());
      return Exit.REKEY_FAILED;
    }
    if (options.plan()) {
      return Exit.OK;
    }
    if (!Question.agreed("Rekey %s?".formatted(found.clusterId()), options.yes(), surroundings)) {
      surroundings.err().println("nothing was done");
      return Exit.OK;
    }
    try (Journal journal = journal(parts, unfinished, found, shape, keeping)) {
      return carryOut(parts, journal, keeping);
    }
  }

  private Shape asked(Shape now) {
    Shape shape =
        new Shape(
            shares == null ? now.shares() : shares,
            threshold == null ? now.threshold() : threshold);
    boolean unknown = now.shares() == 0 && (shares == null || threshold == null);
    if (!unknown && !shape.objection().isEmpty()) {
      throw new CommandException(Exit.USAGE, shape.objection());
    }
    return shape;
  }

  private static int number(Entry entry, String fact) {
    return Integer.parseInt(entry.fact(fact).orElse("0"));
  }

  private static boolean exchanged(List<Entry> entries) {
    return entries.stream()
        .filter(entry -> entry.step().equals(Exchange.NAME))
        .anyMatch(entry -> entry.event() == Event.DONE || Exchange.verified(entry.facts()));
  }

  private void sameAsBefore(Entry head, Keeping keeping) {
    String was = head.fact("to").orElse("");
    if (!was.equals(keeping.words())) {
      throw new CommandException(
          Exit.USAGE,
          "a run is unfinished that keeps its new shares elsewhere: %s\nhint: give the same"
                  .formatted(was)
              + " options, or lifeboat rekey --abandon");
    }
  }

  private Journal journal(
      RekeyParts parts, Optional<Path> unfinished, Findings found, Shape shape, Keeping keeping) {
    Surroundings surroundings = parts.surroundings();
    if (unfinished.isPresent()) {
      return Journal.resume(
          unfinished.get(), surroundings.clock(), surroundings.milestones()::journalled);
    }
    return Journal.begin(
        parts.config().rekey().folder(),
        RekeyRuns.name(surroundings.clock().instant()),
        RekeyRuns.facts(found, shape, keeping),
        surroundings.clock(),
        surroundings.milestones()::journalled);
  }

  private Exit carryOut(RekeyParts parts, Journal journal, Keeping keeping)
      throws InterruptedException {
    Entry head = journal.head();
    Shape shape = RekeyRuns.shape(head);
    Exchange.Plan making =
        new Exchange.Plan(
            journal.run(),
            Target.valueOf(head.fact("target").orElse("")),
            shape,
            head.fact("cluster").orElse(""),
            number(head, "epoch"));
    List<Step> steps = new ArrayList<>();
    steps.add(
        new Exchange(
            parts.client(), parts.keeper()::token, parts.shares(), keeping, making, PAUSE));
    steps.add(new Rotation(parts.client(), parts.keeper()::token));
    parts.config().backup().ifPresent(backup -> steps.add(backup(parts)));
    Course.Listener listener =
        options.json() ? Course.Listener.NONE : RekeyText.listener(parts.surroundings());
    try {
      new Course(journal, listener).run(steps);
    } catch (CustodiansDue due) {
      parts.print(
          RekeyText.due(due, journal.run()), () -> RekeyText.json("custodians-due", journal));
      return Exit.OK;
    } catch (RuntimeException e) {
      if (journal.done(Exchange.NAME)) {
        parts
            .surroundings()
            .err()
            .println("lifeboat: the new shares are in force; the same command does the rest");
      }
      throw e;
    }
    parts.print(RekeyText.end(journal), () -> RekeyText.json("done", journal));
    return Exit.OK;
  }

  private static FreshBackup backup(RekeyParts parts) {
    Surroundings surroundings = parts.surroundings();
    return new FreshBackup(
        () ->
            new BackupClient(parts.config(), parts.config().backup().orElseThrow())
                .run(
                    new Occasion(Optional.empty(), Optional.of("rekey"), Optional.empty()),
                    surroundings.clock(),
                    surroundings.milestones(),
                    Progress.NONE));
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VAULT_UNAVAILABLE,
        Exit.VAULT_DENIED,
        Exit.BACKUP_FAILED,
        Exit.VERIFICATION_FAILED,
        Exit.STORE_FAILED,
        Exit.ALREADY_RUNNING,
        Exit.KMS_FAILED,
        Exit.UNSEAL_FAILED,
        Exit.REKEY_FAILED);
  }
}
