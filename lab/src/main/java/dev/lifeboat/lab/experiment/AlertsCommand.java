package dev.lifeboat.lab.experiment;

import static java.util.stream.Collectors.groupingBy;

import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.lab.alerts.ScaledRules;
import dev.lifeboat.lab.experiment.AlertPlay.Outcome;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// `./lifeboat lab alerts`: faults on a real cluster, and who is told what of them.
@Command(
    name = "alerts",
    mixinStandardHelpOptions = true,
    description = {
      "Play faults on real nodes with an agent each, and look which mails come of",
      "them by the shipped rules and the shipped example for Alertmanager: those that",
      "should, and no other. Time in the rules runs faster by a factor; servers and",
      "agents go at their own pace. A fault of the network needs root, one of",
      "PostgreSQL needs OpenBao: it is left out where it cannot be."
    })
final class AlertsCommand implements Callable<Integer> {
  @Option(
      names = "--factor",
      paramLabel = "N",
      description = {
        "How much faster time in the rules runs. Default: 10, so that a minute is 6 s.",
        "With more, a change of the leader lasts longer than a rule's patience."
      })
  private double factor = 10;

  @Option(
      names = "--only",
      paramLabel = "FAULT",
      split = ",",
      description = "Of the faults these, by name.")
  private List<String> only = List.of();

  @Option(
      names = "--healthy",
      paramLabel = "N",
      converter = Length.class,
      description = "How long nothing is wrong, before the faults: 30s, 60m. Default: 5m; 0s: not.")
  private Duration healthy = Duration.ofMinutes(5);

  @Option(names = "--server", paramLabel = "PATH", description = "Default: the pinned OpenBao.")
  private @Nullable Path server;

  /// `30s`, `60m`, `2h`.
  static final class Length implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.matches("\\d+[smh]")) {
        throw new TypeConversionException("expected such as 30s or 60m, found " + text);
      }
      return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    try (var _ = CtrlC.interruptsThisThread();
        var workplace = Workplace.open("alerts")) {
      var binary =
          server == null ? Servers.openbao() : ServerBinary.detect(server.toAbsolutePath());
      var faults =
          Faults.named(only).stream()
              .collect(groupingBy(Fault::ground, TreeMap::new, Collectors.toList()));
      System.out.printf(
          Locale.ROOT, "%s; a minute of the rules is %.1f s%n", binary.title(), 60 / factor);
      boolean good = true;
      Duration calm = healthy;
      for (var ground : faults.entrySet()) {
        var lacking = ground.getKey().lacking(binary);
        if (lacking.isPresent()) {
          System.out.printf("%nleft out: %s: %s%n", ground.getValue(), lacking.get());
          // Whoever asked for it by name did not get it.
          good &= only.isEmpty();
          continue;
        }
        var own = workplace.folder().resolve(ground.getKey().name().toLowerCase(Locale.ROOT));
        try (var stage = ground.getKey().open(binary, own)) {
          System.out.printf("%n%s, an agent beside each%n%n", ground.getKey());
          good &= played(stage, own.resolve("plays"), calm, ground.getValue());
        }
        calm = Duration.ZERO;
      }
      return good ? 0 : 1;
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private boolean played(AlertStage stage, Path folder, Duration calm, List<Fault> faults)
      throws InterruptedException {
    System.out.print(AlertReport.head());
    var play = new AlertPlay(stage, folder, new ScaledRules(factor), InstantSource.system());
    boolean good = calm.isZero() || shown(play.healthy(calm));
    for (Fault fault : faults) {
      good &= shown(play.play(fault));
    }
    return good;
  }

  private static boolean shown(Outcome outcome) {
    System.out.print(AlertReport.lines(outcome));
    return outcome.good();
  }
}
