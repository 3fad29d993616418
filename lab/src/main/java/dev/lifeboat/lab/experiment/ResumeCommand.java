package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./lifeboat lab resume`: SIGKILL of a restore after every line of its journal, the same command
/// again, and what there is then.
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description = {
      "Kill 'lifeboat restore cluster', 'restore quorum' and 'rekey' after each line of their",
      "journals, give the same command again, and read the data on every node. Both products. Long."
    })
final class ResumeCommand implements Callable<Integer> {
  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "CLUSTER, QUORUM or REKEY; may be given again. Default: all.")
  private List<ResumePlay.Kind> kinds = new ArrayList<>(List.of(ResumePlay.Kind.values()));

  @Option(
      names = "--server",
      paramLabel = "NAME",
      description = "openbao or vault; may be given again. Default: both.")
  private List<String> servers = new ArrayList<>(List.of("openbao", "vault"));

  @Option(names = "--every", paramLabel = "N", description = "Only each Nth line. Default: 1.")
  private int every = 1;

  @Option(names = "--nodes", paramLabel = "N", description = "Of the cluster. Default: 3.")
  private int nodes = 3;

  @Override
  public Integer call() {
    try (var _ = CtrlC.interruptsThisThread();
        var workplace = Workplace.open("resume")) {
      int wrong = 0;
      for (String server : servers) {
        ServerBinary binary = server.equals("vault") ? Servers.vault() : Servers.openbao();
        for (ResumePlay.Kind kind : kinds) {
          wrong += play(binary, kind, workplace);
        }
      }
      return wrong == 0 ? 0 : 1;
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private int play(ServerBinary binary, ResumePlay.Kind kind, Workplace workplace) {
    var folder = workplace.folder().resolve(binary.product() + "-" + kind);
    try (var play = ResumePlay.open(binary, kind, nodes, folder)) {
      int lines = play.lines();
      System.out.printf(
          Locale.ROOT,
          "%nlifeboat %s, %d nodes, %s: %d lines in the journal%n%n",
          kind.words(),
          nodes,
          binary.title(),
          lines);
      System.out.println("LINE  KILLED AFTER                       AGAIN    TOOK  SUBMITTED  DATA");
      int wrong = 0;
      int tried = 0;
      for (int line = 1; line < lines; line += every) {
        ResumePlay.Row row = play.kill(line);
        System.out.println(row);
        wrong += row.good() ? 0 : 1;
        tried++;
      }
      System.out.printf(
          Locale.ROOT,
          "%n%d of %d killed runs went on to the end, nothing lost%n",
          tried - wrong,
          tried);
      return wrong;
    }
  }
}
