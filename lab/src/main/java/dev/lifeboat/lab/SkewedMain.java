package dev.lifeboat.lab;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Launch;
import dev.lifeboat.cli.Surroundings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;

/// `lifeboat` on a machine whose clock is wrong: `SkewedMain SECONDS ARGUMENT…`.
public final class SkewedMain {
  private SkewedMain() {}

  public static void main(String[] args) {
    var ahead = Duration.ofSeconds(Long.parseLong(args[0]));
    InstantSource clock = () -> InstantSource.system().instant().plus(ahead);
    var exit =
        Launch.run(
            Arrays.copyOfRange(args, 1, args.length),
            Surroundings.ofProcess(clock, Milestones.NONE));
    System.exit(exit.code());
  }
}
