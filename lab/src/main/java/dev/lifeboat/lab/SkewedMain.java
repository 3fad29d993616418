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
    var process = Surroundings.ofProcess(Milestones.NONE);
    InstantSource clock = () -> process.clock().instant().plus(ahead);
    var exit =
        Launch.run(
            Arrays.copyOfRange(args, 1, args.length),
            new Surroundings(
                process.environment(),
                process.in(),
                process.out(),
                process.err(),
                process.terminal(),
                process.signals(),
                clock,
                process.milestones()));
    System.exit(exit.code());
  }
}
