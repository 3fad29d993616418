package dev.lifeboat.lab;

import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.cli.Launch;
import dev.lifeboat.cli.Surroundings;
import dev.lifeboat.sandbox.LeashedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// `lifeboat`, but it stops for ever at a point of its run to be looked at, or killed, there:
/// `HeldMain MILESTONE ARGUMENT…`. It prints `begun` before it does anything and `held` there.
final class HeldMain {
  private static final Duration BOUND = Duration.ofSeconds(30);

  private HeldMain() {}

  public static void main(String[] args) {
    var at = args[0];
    System.out.println("begun");
    var exit =
        Launch.run(
            Arrays.copyOfRange(args, 1, args.length),
            Surroundings.ofProcess(
                milestone -> {
                  if (milestone.name().equals(at)) {
                    hold();
                  }
                }));
    System.exit(exit.code());
  }

  private static void hold() {
    System.out.println("held");
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Starts `lifeboat backup` of a site and returns when it has reached the milestone.
  static LeashedProcess backup(Site site, Milestone at, Path log) {
    return held(site, at, log, "backup");
  }

  /// The same of `lifeboat expire --yes`, at the first backup that it deletes.
  static LeashedProcess expire(Site site, Milestone at, Path log) {
    return held(site, at, log, "expire", "--yes", "--force-share");
  }

  private static LeashedProcess held(Site site, Milestone at, Path log, String... command) {
    var process = start(site, at.name(), log, command);
    var what = "the " + command[0];
    Await.until(what + " to reach " + at, BOUND, () -> says(log, "held") || !process.alive());
    if (!process.alive()) {
      throw new LabException(what + " ended before " + at + ": " + Site.text(log));
    }
    return process;
  }

  /// Starts one that is not held; returns when the program begins its work.
  static LeashedProcess backup(Site site, Path log) {
    var process = start(site, "NONE", log, "backup");
    Await.until("the program to begin", BOUND, () -> says(log, "begun") || !process.alive());
    return process;
  }

  private static LeashedProcess start(Site site, String at, Path log, String... command) {
    var all = new ArrayList<>(List.of(at));
    all.addAll(List.of(command));
    var arguments = site.withConfig(all.toArray(String[]::new));
    return Program.start(log, HeldMain.class.getName(), List.of(), arguments);
  }

  private static boolean says(Path log, String word) {
    return Site.text(log).contains(word + "\n");
  }
}
