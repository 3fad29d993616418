package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Step;
import dev.lifeboat.restore.Report;
import dev.lifeboat.restore.Restoring;
import dev.lifeboat.restore.Seen;
import dev.lifeboat.status.Printable;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/// What every command of `lifeboat restore` takes, says while it works, and ends with.
final class RestoreOptions {
  @Option(names = "--plan", description = "Print what would be done, and do nothing.")
  private boolean plan;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  @Option(names = "--json", description = "Print a JSON object. Needs --yes.")
  private boolean json;

  void check() {
    if (json && (!yes || plan)) {
      throw new CommandException(
          Exit.USAGE, "--json says what was done, and asks nobody\nhint: give --yes beside it");
    }
  }

  boolean plan() {
    return plan;
  }

  boolean yes() {
    return yes;
  }

  boolean json() {
    return json;
  }

  Restoring open(LifeboatConfig config, Restoring.Run run, Surroundings surroundings) {
    Auth auth =
        config
            .restore()
            .auth()
            .or(() -> config.backup().flatMap(BackupConfig::auth))
            .orElse(config.vault().auth());
    return Restoring.open(
        config.restore(),
        config.vault(),
        auth,
        new Restoring.Surroundings(
            surroundings.clock(), who(), surroundings.milestones()::journalled),
        run);
  }

  /// What differs between the kinds that need no backup.
  interface Kind {
    List<String> plan(Restoring restoring) throws InterruptedException;

    /// What may be lost, for the plan.
    String loses();

    Report carryOut(Restoring restoring, List<Share> shares, Course.Listener listener)
        throws InterruptedException;
  }

  /// Plan, question, shares, the run.
  Exit run(
      LifeboatConfig config, String name, ShareSources shares, Kind kind, Surroundings surroundings)
      throws InterruptedException {
    Restoring.Run run = Restoring.find(config.restore(), name, surroundings.clock());
    try (Restoring restoring = open(config, run, surroundings)) {
      List<String> steps = kind.plan(restoring);
      List<Seen> seen = restoring.look();
      int needed = needed(seen);
      if (!json) {
        surroundings
            .out()
            .print(
                RestoreText.plan(
                    seen,
                    run,
                    steps,
                    kind.loses(),
                    needed == 0 ? "none: they open themselves" : shares.words(config.unseal())));
      }
      if (plan) {
        return Exit.OK;
      }
      if (!Question.agreed("Go on?", yes, surroundings)) {
        surroundings.err().println("nothing was begun");
        return Exit.OK;
      }
      List<Share> found =
          needed == 0 ? List.of() : shares.read(config, needed, false, surroundings);
      return end(kind.carryOut(restoring, found, listener(surroundings)), surroundings);
    }
  }

  /// How many shares open a node, as far as any of them says: one without data says none.
  private static int needed(List<Seen> seen) {
    List<SealStatus> said = seen.stream().flatMap(each -> each.status().stream()).toList();
    if (said.isEmpty()) {
      return 1;
    }
    return said.stream()
        .filter(status -> status.type().equals("shamir"))
        .mapToInt(status -> Math.max(1, status.threshold()))
        .max()
        .orElse(0);
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
        if (surroundings.terminal() && !json) {
          surroundings.err().print("\r\u001b[K%s …".formatted(step.name()));
          surroundings.err().flush();
        }
      }

      @Override
      public void done(Step step, Duration took, Map<String, String> facts) {
        say("%s  ok, %s%s".formatted(step.name(), Words.took(took), RestoreText.facts(facts)));
      }

      private void say(String line) {
        if (json) {
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
    surroundings.out().print(json ? Json.text(report.toJson()) : RestoreText.end(report));
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
