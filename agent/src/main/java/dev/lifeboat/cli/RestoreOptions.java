package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Step;
import dev.lifeboat.restore.Bisecting;
import dev.lifeboat.restore.RegionRestore;
import dev.lifeboat.restore.Report;
import dev.lifeboat.restore.RestoreConfig;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.restore.Seen;
import dev.lifeboat.restore.Shares;
import dev.lifeboat.status.Printable;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What every command of `lifeboat restore` takes, says while it works, and ends with.
final class RestoreOptions {
  private static final Duration FORGOTTEN = Duration.ofHours(12);

  @Mixin private final PlanOptions asked = new PlanOptions();

  @Option(
      names = "--run",
      paramLabel = "NAME",
      description =
          "Go on with this run, which was begun more than half a day ago. Without --yes the plan"
              + " asks.")
  private String run = "";

  private Optional<Restoring.Run> superseded = Optional.empty();

  void check() {
    asked.check();
  }

  boolean plan() {
    return asked.plan();
  }

  boolean yes() {
    return asked.yes();
  }

  boolean json() {
    return asked.json();
  }

  Restoring open(LifeboatConfig config, Restoring.Run run, Surroundings surroundings) {
    return Restoring.open(
        held(config.restore(), run), config.vault(), auth(config), journalled(surroundings), run);
  }

  /// The nodes that a run of its kind holds.
  private static RestoreConfig held(RestoreConfig config, Restoring.Run run) {
    return Bisecting.nodes(RegionRestore.held(config, run.kind()), run);
  }

  /// The login into what comes back.
  static Auth auth(LifeboatConfig config) {
    return config
        .restore()
        .auth()
        .or(() -> config.backup().flatMap(BackupConfig::auth))
        .orElse(config.vault().auth());
  }

  static Restoring.Surroundings journalled(Surroundings surroundings) {
    return new Restoring.Surroundings(
        surroundings.clock(), who(), surroundings.milestones()::journalled);
  }

  /// What is printed before anything is done. Not made where nobody reads it: it asks every node.
  interface Plan {
    String text() throws InterruptedException;
  }

  /// Whether it may be done.
  interface Consent {
    boolean given() throws InterruptedException;
  }

  /// Prints the plan and asks, as far as each is wanted.
  boolean agreed(Plan plan, Consent consent, Surroundings surroundings)
      throws InterruptedException {
    if (!json()) {
      surroundings.out().print(plan.text());
    }
    if (plan()) {
      return false;
    }
    boolean given = consent.given();
    if (!given) {
      surroundings.err().println("nothing was begun");
    }
    return given;
  }

  boolean agreed(Plan plan, Surroundings surroundings) throws InterruptedException {
    return agreed(plan, () -> Question.agreed("Go on?", yes(), surroundings), surroundings);
  }

  /// What differs between the kinds that need no backup.
  interface Kind {
    List<String> plan(Restoring restoring) throws InterruptedException;

    /// What may be lost, for the plan.
    String loses(List<Seen> seen);

    Report carryOut(Restoring restoring, Shares shares, Course.Listener listener)
        throws InterruptedException;
  }

  /// Plan, question, shares, the run.
  Exit run(
      LifeboatConfig config, String name, ShareSources shares, Kind kind, Surroundings surroundings)
      throws InterruptedException {
    Restoring.Run run = find(config, name, surroundings);
    try (Restoring restoring = open(config, run, surroundings)) {
      List<String> steps = kind.plan(restoring);
      List<Seen> seen = restoring.look();
      OptionalInt needed = needed(seen);
      if (!agreed(
          () ->
              RestoreText.plan(
                  seen,
                  run,
                  steps,
                  kind.loses(seen),
                  needed.equals(OptionalInt.of(0))
                      ? "none: they open themselves"
                      : shares.words(config.unseal())),
          surroundings)) {
        return Exit.OK;
      }
      giveUpSuperseded(config, surroundings);
      Shares found =
          needed.isPresent()
              ? Shares.known(read(config, shares, needed.getAsInt(), surroundings))
              : later(config, shares, surroundings);
      return end(kind.carryOut(restoring, found, listener(surroundings)), surroundings);
    }
  }

  /// Those of before anything is stopped.
  private static List<Share> read(
      LifeboatConfig config, ShareSources shares, int needed, Surroundings surroundings)
      throws InterruptedException {
    return needed == 0 ? List.of() : shares.read(config, needed, false, surroundings);
  }

  /// Where no node runs, how many are needed is known when the first does: asked for then, once.
  private static Shares later(
      LifeboatConfig config, ShareSources shares, Surroundings surroundings) {
    return new Shares() {
      private @Nullable List<Share> given;

      @Override
      public List<Share> of(SealStatus status) throws InterruptedException {
        if (!status.type().equals("shamir")) {
          return List.of();
        }
        if (given == null) {
          given = read(config, shares, status.threshold(), surroundings);
        }
        return given;
      }
    };
  }

  /// The run that is taken up again, or a new one. One that has stopped nothing yet is not worth
  /// taking up: a new one takes its place.
  Restoring.Run find(LifeboatConfig config, String kind, Surroundings surroundings) {
    Restoring.Run found = Restoring.find(config.restore(), kind, surroundings.clock());
    if (found.earlier().filter(Restoring.Earlier::harmless).isPresent()) {
      return supersede(found, surroundings);
    }
    Optional<Instant> begun = found.earlier().map(Restoring.Earlier::begun);
    if (yes()
        && !found.name().equals(run)
        && begun
            .filter(at -> at.plus(FORGOTTEN).isBefore(surroundings.clock().instant()))
            .isPresent()) {
      throw new CommandException(
          Exit.USAGE,
          "run %s was begun at %s UTC and has not ended: is it still the one you mean?\nhint: %s"
              .formatted(
                  found.name(),
                  Words.utc(begun.get()),
                  "--run %s goes on with it; lifeboat restore abandon gives it up"
                      .formatted(found.name())));
    }
    return found;
  }

  /// A new run in place of one that is not worth taking up any more.
  Restoring.Run supersede(Restoring.Run before, Surroundings surroundings) {
    superseded = Optional.of(before);
    return Restoring.fresh(before.kind(), surroundings.clock());
  }

  /// The run whose place this one takes, so that its nodes are free.
  void giveUpSuperseded(LifeboatConfig config, Surroundings surroundings)
      throws InterruptedException {
    if (superseded.isPresent()) {
      try (Restoring before = open(config, superseded.get(), surroundings)) {
        var _ = before.abandon();
      }
    }
  }

  /// How many shares open a node, as far as any of them says: one without data says none.
  private static OptionalInt needed(List<Seen> seen) {
    List<SealStatus> said = seen.stream().flatMap(each -> each.status().stream()).toList();
    OptionalInt shamir =
        said.stream()
            .filter(status -> status.type().equals("shamir"))
            .mapToInt(SealStatus::threshold)
            .filter(threshold -> threshold > 0)
            .max();
    boolean itself = said.stream().anyMatch(status -> !status.type().equals("shamir"));
    return shamir.isEmpty() && itself ? OptionalInt.of(0) : shamir;
  }

  private static String who() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "this machine";
    }
    return "%s at %s, pid %d"
        .formatted(System.getProperty("user.name", "?"), host, ProcessHandle.current().pid());
  }

  /// A line for each step, as soon as it is done.
  Course.Listener listener(Surroundings surroundings) {
    return new Course.Listener() {
      @Override
      public void skipped(Step step) {
        say("%s  done before".formatted(step.name()));
      }

      @Override
      public void started(Step step) {
        if (surroundings.terminal() && !json()) {
          surroundings.err().print("\r\u001b[K%s …".formatted(step.name()));
          surroundings.err().flush();
        }
      }

      @Override
      public void done(Step step, Duration took, Map<String, String> facts) {
        say("%s  ok, %s%s".formatted(step.name(), Words.took(took), RestoreText.facts(facts)));
      }

      private void say(String line) {
        if (json()) {
          return;
        }
        if (surroundings.terminal()) {
          surroundings.err().print("\r\u001b[K");
          surroundings.err().flush();
        }
        surroundings.out().println(Printable.of(line));
        surroundings.out().flush();
      }
    };
  }

  Exit end(Report report, Surroundings surroundings) {
    surroundings.out().print(json() ? Json.text(report.toJson()) : RestoreText.end(report));
    return report.whole() ? Exit.OK : Exit.NODE_MISSING;
  }

  static Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VAULT_UNAVAILABLE,
        Exit.VAULT_DENIED,
        Exit.VERIFICATION_FAILED,
        Exit.STORE_FAILED,
        Exit.ALREADY_RUNNING,
        Exit.KMS_FAILED,
        Exit.RESTORE_FAILED,
        Exit.NODE_MISSING);
  }
}
