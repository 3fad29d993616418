package dev.lifeboat.lab.bench;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `./lifeboat bench`.
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measure Lifeboat beside the server's own command line and node_exporter, in the same run on",
      "this machine, and print a table: both figures, their ratio, the goal, and whether it was",
      "met. Needs a quiet machine, about 6 GiB of memory and 5 GiB of disk. Leaves nothing behind."
    })
public final class BenchCommand implements Callable<Integer> {
  private static final ByteSize SMALL = ByteSize.mebibytes(16);
  private static final ByteSize USUAL = ByteSize.mebibytes(256);
  private static final ByteSize LARGE = ByteSize.mebibytes(1024);
  private static final int MANY = 10_000;

  @Parameters(
      arity = "0..*",
      paramLabel = "BENCHMARK",
      description =
          "backup, first, memory, scrape, relay, rules, seal, s3, list, cipher, restore. Default:"
              + " all.")
  private final List<String> names = new ArrayList<>();

  @Option(
      names = "--runs",
      paramLabel = "N",
      description =
          "How often each is measured. Default: backup 7, first 5, memory 3, scrape 300, relay 300,"
              + " rules 24, seal 5, s3 3, list 5, cipher 5, restore 3.")
  private int runs;

  @Option(
      names = "--size",
      paramLabel = "MIB",
      description = "How much the cluster holds, for a trial: the goals are for the default sizes.")
  private int mebibytes;

  @Option(
      names = "--json",
      description = "Print one JSON object at the end; everything else goes to standard error.")
  private boolean json;

  @Option(
      names = "--in",
      paramLabel = "FOLDER",
      description = "Where to work, such as a tmpfs. Default: .lab in the checkout.")
  private @Nullable Path parent;

  @Option(
      names = "--server",
      paramLabel = "PATH",
      description = "The bao or vault program. Default: the pinned OpenBao.")
  private @Nullable Path server;

  @Override
  public Integer call() {
    try (var _ = CtrlC.interruptsThisThread()) {
      return measure();
    }
  }

  private List<Benchmark> chosen() {
    List<Benchmark> all =
        List.of(
            new WarmBackup(size(USUAL)),
            new FirstBackup(size(USUAL)),
            new PeakMemory(mebibytes > 0 ? List.of(size(USUAL)) : List.of(SMALL, USUAL, LARGE)),
            new ScrapeLatency(),
            new RelayCost(),
            new RulesCost(),
            new SealNotice(List.of(1, 3)),
            new S3Backup(size(LARGE)),
            new ListTime(MANY),
            new CipherSpeed(size(LARGE)),
            new RestoreTime());
    for (String name : names) {
      if (all.stream().noneMatch(benchmark -> benchmark.name().equals(name))) {
        throw new LabException(
            "no benchmark is called '%s'\nhint: ./lifeboat bench --help lists them"
                .formatted(name));
      }
    }
    return all.stream()
        .filter(benchmark -> names.isEmpty() || names.contains(benchmark.name()))
        .toList();
  }

  private ByteSize size(ByteSize usual) {
    return mebibytes > 0 ? ByteSize.mebibytes(mebibytes) : usual;
  }

  private int measure() {
    try {
      var binary =
          server == null ? Servers.openbao() : ServerBinary.detect(server.toAbsolutePath());
      var report = report(binary, chosen(), System.err::println);
      System.out.println(json ? report.json() : report.text());
      return 0;
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private Report report(
      ServerBinary binary, List<Benchmark> benchmarks, Consumer<String> progress) {
    var clock = InstantSource.system();
    try (var workplace = workplace();
        var workbench = new Workbench(binary, workplace.folder(), progress)) {
      var machine = Machine.look(workplace.folder());
      var began = clock.instant();
      var findings = new ArrayList<Finding>();
      for (Benchmark benchmark : benchmarks) {
        findings.addAll(benchmark.run(workbench, runs > 0 ? runs : benchmark.defaultRuns()));
      }
      return new Report(began, binary.title(), machine, findings);
    }
  }

  private Workplace workplace() {
    return parent == null
        ? Workplace.open("bench")
        : Workplace.open(parent.toAbsolutePath(), "lifeboat-bench");
  }
}
