package dev.lifeboat.lab;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Launch;
import dev.lifeboat.cli.Surroundings;
import java.util.Arrays;

/// `lifeboat`, but it dies as by SIGKILL once so many lines of a journal are on the disk:
/// `KilledMain LINES ARGUMENT…`. Lines are counted from the beginning of the journal; 0 lets it
/// live.
public final class KilledMain {
  /// What a shell says of a process that was killed.
  public static final int KILLED = 137;

  private KilledMain() {}

  public static void main(String[] args) {
    int lines = Integer.parseInt(args[0]);
    var exit =
        Launch.run(
            Arrays.copyOfRange(args, 1, args.length), Surroundings.ofProcess(killing(lines)));
    System.exit(exit.code());
  }

  private static Milestones killing(int lines) {
    return new Milestones() {
      @Override
      public void reached(Milestone milestone) {}

      @Override
      public void journalled(int line) {
        if (line == lines) {
          Runtime.getRuntime().halt(KILLED);
        }
      }
    };
  }
}
