package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Network;
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

/// `./lifeboat lab split`: three nodes in network namespaces, and the leader is cut off from the
/// others, its agent with it, again and again. Both sides reach the store.
@Command(
    name = "split",
    mixinStandardHelpOptions = true,
    description = {
      "Let three agents take a slot every ten seconds while the leader's node is cut off from the",
      "others again and again, and joined again. Both sides reach the store. Each slot must have",
      "exactly one manifest, but for those without a leader. Only root can run it."
    })
final class SplitCommand implements Callable<Integer> {
  @Option(names = "--minutes", paramLabel = "N", description = "How long. Default: 10.")
  private int minutes = 10;

  @Option(names = "--every", paramLabel = "S", description = "Seconds between cuts. Default: 30.")
  private int seconds = 30;

  @Option(names = "--seed", paramLabel = "N", description = "For the same moments again.")
  private long seed = ThreadLocalRandom.current().nextLong(1_000_000);

  @Option(names = "--server", paramLabel = "PATH", description = "Default: the pinned OpenBao.")
  private @Nullable Path server;

  @Override
  public Integer call() {
    try (var _ = CtrlC.interruptsThisThread();
        var workplace = Workplace.open("split");
        var network = Network.open(SlotStage.NODES)) {
      var binary =
          server == null ? Servers.openbao() : ServerBinary.detect(server.toAbsolutePath());
      var plan = ClusterPlan.of(binary, SlotStage.NODES).named("split").in(network);
      try (var stage = SlotStage.split(plan, workplace.folder())) {
        System.out.printf(
            Locale.ROOT,
            "3 agents, a slot every 10 s for %d min, the leader's node cut off every %d s, %s %s,"
                + " seed %d%n%n",
            minutes,
            seconds,
            binary.product(),
            binary.version(),
            seed);
        SlotReport report =
            new SlotPlay(stage, InstantSource.system())
                .splits(network, Duration.ofMinutes(minutes), Duration.ofSeconds(seconds), seed);
        System.out.print(report);
        return report.good() ? 0 : 1;
      }
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
