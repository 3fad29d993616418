package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.AgentFleet.Routine;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
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
  private static final int NODES = 3;

  @Option(names = "--minutes", paramLabel = "N", description = "How long. Default: 10.")
  private int minutes = 10;

  @Option(names = "--every", paramLabel = "S", description = "Seconds between kills. Default: 60.")
  private int seconds = 60;

  @Option(names = "--server", paramLabel = "PATH", description = "Default: the pinned OpenBao.")
  private @Nullable Path server;

  @Override
  public Integer call() {
    try (var _ = CtrlC.interruptsThisThread();
        var workplace = Workplace.open("slots")) {
      var binary =
          server == null ? Servers.openbao() : ServerBinary.detect(server.toAbsolutePath());
      AgentFleet.makeKeys(workplace.folder(), NODES);
      try (var cluster =
          Cluster.create(ClusterPlan.of(binary, NODES), workplace.folder().resolve("cluster"))) {
        Provisioning.install(cluster.root());
        try (var fleet = AgentFleet.equip(cluster, workplace.folder(), Routine.SLOTS)) {
          System.out.printf(
              Locale.ROOT,
              "3 agents, a slot every 10 s for %d min, the leader killed every %d s, %s %s%n%n",
              minutes,
              seconds,
              binary.product(),
              binary.version());
          SlotReport report =
              new SlotPlay(cluster, fleet, InstantSource.system())
                  .failovers(Duration.ofMinutes(minutes), Duration.ofSeconds(seconds));
          System.out.print(report);
          return report.good() ? 0 : 1;
        }
      }
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
