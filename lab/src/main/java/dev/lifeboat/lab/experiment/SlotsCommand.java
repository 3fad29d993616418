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
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./lifeboat lab slots`: three agents, three nodes, one store, a slot every ten seconds, while
/// the leader's machine dies again and again.
@Command(
    name = "slots",
    mixinStandardHelpOptions = true,
    description = {
      "Let three agents take a slot every ten seconds while the leader and its agent are killed",
      "again and again. Each slot must have exactly one manifest, but for those without a leader."
    })
final class SlotsCommand implements Callable<Integer> {
  @Option(names = "--minutes", paramLabel = "N", description = "How long. Default: 10.")
  private int minutes = 10;

  @Option(names = "--every", paramLabel = "S", description = "Seconds between kills. Default: 60.")
  private int seconds = 60;

  @Option(names = "--seed", paramLabel = "N", description = "For the same moments again.")
  private long seed = ThreadLocalRandom.current().nextLong(1_000_000);

  @Option(names = "--s3", description = "A bucket of a MinIO instead of a folder.")
  private boolean s3;

  @Option(names = "--server", paramLabel = "PATH", description = "Default: the pinned OpenBao.")
  private @Nullable Path server;

  @Override
  public Integer call() {
    try (var _ = CtrlC.interruptsThisThread();
        var workplace = Workplace.open("slots")) {
      var binary =
          server == null ? Servers.openbao() : ServerBinary.detect(server.toAbsolutePath());
      var plan = ClusterPlan.of(binary, SlotStage.NODES).named("slots");
      try (var stage = SlotStage.open(plan, workplace.folder(), Routine.SLOTS, s3)) {
        System.out.printf(
            Locale.ROOT,
            "3 agents, a slot every 10 s for %d min, the leader killed every %d s, %s %s, %s, seed"
                + " %d%n%n",
            minutes,
            seconds,
            binary.product(),
            binary.version(),
            s3 ? "S3" : "local",
            seed);
        SlotReport report =
            new SlotPlay(stage, InstantSource.system())
                .failovers(Duration.ofMinutes(minutes), Duration.ofSeconds(seconds), seed);
        System.out.print(report);
        return report.good() ? 0 : 1;
      }
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
