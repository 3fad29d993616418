package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.AgentFleet.Routine;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./lifeboat lab race`: three agents that all take every slot, and one of them stopped at a
/// random moment of each.
@Command(
    name = "race",
    mixinStandardHelpOptions = true,
    description = {
      "Let three agents take the same slots at once, one of them SIGSTOPped at a random moment of",
      "each and woken up when the others are done. Each slot must have exactly one manifest."
    })
final class RaceCommand implements Callable<Integer> {
  @Option(names = "--rounds", paramLabel = "N", description = "How many slots. Default: 100.")
  private int rounds = 100;

  @Option(names = "--seed", paramLabel = "N", description = "For the same moments again.")
  private long seed = ThreadLocalRandom.current().nextLong(1_000_000);

  @Option(names = "--s3", description = "A bucket of a MinIO instead of a folder.")
  private boolean s3;

  @Option(names = "--server", paramLabel = "PATH", description = "Default: the pinned OpenBao.")
  private @Nullable Path server;

  @Override
  public Integer call() {
    try (var _ = CtrlC.interruptsThisThread();
        var workplace = Workplace.open("race")) {
      var binary =
          server == null ? Servers.openbao() : ServerBinary.detect(server.toAbsolutePath());
      var plan = ClusterPlan.of(binary, SlotStage.NODES).named("race");
      try (var stage = SlotStage.open(plan, workplace.folder(), Routine.RACE, s3)) {
        System.out.printf(
            Locale.ROOT,
            "3 agents race for %d slots, one SIGSTOPped in each, %s %s, %s, seed %d%n%n",
            rounds,
            binary.product(),
            binary.version(),
            s3 ? "S3" : "local",
            seed);
        SlotReport report = new SlotPlay(stage, InstantSource.system()).race(rounds, seed);
        System.out.print(report);
        return report.good() ? 0 : 1;
      }
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
