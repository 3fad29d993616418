package dev.lifeboat.lab.experiment;

import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.AgentProgram;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.KilledMain;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.NodeControl;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.sandbox.LeashedProcess;
import dev.lifeboat.sandbox.ServerBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One kind of restore on one product, killed at a line of its journal as often as one likes.
final class ResumePlay implements AutoCloseable {
  private static final Duration BOUND = Duration.ofMinutes(3);
  private static final Duration SETTLING = Duration.ofSeconds(15);
  private static final Pattern PLACE = Pattern.compile("\"place\" *: *\"([^\"]+)\"");
  private static final String SECRET = "secret/data/tenant";
  private static final int SHARES = 3;
  private static final int THRESHOLD = 2;

  private final Kind kind;
  private final Path folder;
  private final Cluster old;
  private final AgentFleet fleet;
  private final Path shares;
  private int trial;

  /// What is killed.
  enum Kind {
    CLUSTER("restore cluster"),
    QUORUM("restore quorum"),
    REKEY("rekey");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /// @param after the last line that was written
  /// @param submitted how often the journal says that a snapshot was submitted to one storage
  /// @param data whether every node has what the backup, or the survivor, had
  record Row(int line, String after, int exit, double seconds, int submitted, boolean data) {
    boolean good() {
      return exit == 0 && data && submitted <= 1;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%4d  %-33s  %-5s  %5.1f s  %9d  %s",
          line,
          after,
          exit == 0 ? "ok" : "exit " + exit,
          seconds,
          submitted,
          data ? "kept" : "LOST");
    }
  }

  private ResumePlay(Kind kind, Path folder, Cluster old, AgentFleet fleet, Path shares) {
    this.kind = kind;
    this.folder = folder;
    this.old = old;
    this.fleet = fleet;
    this.shares = shares;
  }

  static ResumePlay open(ServerBinary binary, Kind kind, int nodes, Path folder) {
    AgentFleet.makeKeys(folder, nodes);
    ClusterPlan plan = ClusterPlan.of(binary, nodes).named("resume").shamir(SHARES, THRESHOLD);
    Cluster old = Cluster.create(plan, folder.resolve("cluster"));
    try {
      Provisioning.install(old.root());
      AgentFleet fleet = AgentFleet.equip(old, folder);
      old.root().post(SECRET, Map.of("data", Map.of("password", "kept"))).require();
      fleet.agents().getFirst().run("backup").require();
      old.nodes().forEach(old::halt);
      Path shares =
          Folders.writeSecret(
              folder.resolve("shares"),
              old.shares().stream().map(s -> s.reveal() + "\n").collect(Collectors.joining()));
      return new ResumePlay(kind, folder, old, fleet, shares);
    } catch (RuntimeException e) {
      old.close();
      throw e;
    }
  }

  /// How many a run has that nobody kills.
  int lines() {
    try (Trial whole = trial()) {
      int exit = whole.run(0);
      if (exit != 0) {
        throw new LabException("%s ended with %d: %s".formatted(kind.words, exit, whole.said()));
      }
      return whole.entries().size();
    }
  }

  Row kill(int line) {
    try (Trial one = trial()) {
      int killed = one.run(line);
      if (killed != KilledMain.KILLED) {
        throw new LabException("it was not killed but ended with %d".formatted(killed));
      }
      Entry last = one.entries().getLast();
      String after = "%s %s".formatted(last.event().label(), last.step()).strip();
      long begun = System.nanoTime();
      int exit = one.run(0);
      double seconds = (System.nanoTime() - begun) / 1e9;
      if (exit != 0) {
        System.err.println(one.said());
      }
      return new Row(line, after, exit, seconds, one.submitted(), exit == 0 && one.dataIsThere());
    }
  }

  private Trial trial() {
    Path own = Folders.create(folder.resolve("trial-" + ++trial));
    Cluster nodes =
        switch (kind) {
          case CLUSTER -> Cluster.blank(old.plan(), own.resolve("nodes"), old);
          case REKEY -> old.copyTo(own.resolve("nodes"));
          case QUORUM -> {
            Cluster copy = old.copyTo(own.resolve("nodes"));
            copy.nodes().subList(1, copy.nodes().size()).forEach(copy::kill);
            copy.nodes()
                .subList(1, copy.nodes().size())
                .forEach(node -> Folders.empty(node.config().raftFolder()));
            yield copy;
          }
        };
    return new Trial(own, nodes);
  }

  private final class Trial implements AutoCloseable {
    private final Path own;
    private final Cluster nodes;
    private final NodeControl control;
    private final Path config;
    private final Path log;

    Trial(Path own, Cluster nodes) {
      this.own = own;
      this.nodes = nodes;
      this.control = NodeControl.of(nodes);
      this.config = own.resolve("lifeboat.conf");
      this.log = own.resolve("run.log");
      LabAgent agent = fleet.agents().getFirst();
      try {
        Files.writeString(
            config,
            Files.readString(agent.configFile())
                + control.block(own.resolve("journal"))
                + (kind == Kind.REKEY ? rekeyBlock() : ""));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private String rekeyBlock() {
      var token = Folders.writeSecret(own.resolve("token"), old.rootToken().reveal());
      return """
      vault { address = "%s", peers = [%s] }
      rekey { auth { method = token, token { file = "%s" } }, folder = "%s" }
      """
          .formatted(
              nodes.nodes().getFirst().address(),
              nodes.nodes().stream()
                  .skip(1)
                  .map(node -> '"' + node.address().toString() + '"')
                  .collect(Collectors.joining(", ")),
              token,
              own.resolve("journal"));
    }

    /// @param line at which it is killed; 0 for never
    int run(int line) {
      List<String> arguments = new ArrayList<>(List.of(String.valueOf(line)));
      arguments.addAll(List.of(kind.words.split(" ", -1)));
      arguments.addAll(List.of("--yes", "--config", config.toString()));
      arguments.addAll(List.of("--share-file", shares.toString()));
      List<String> identity = List.of("--identity", fleet.identityFile().toString());
      switch (kind) {
        case CLUSTER -> {
          arguments.addAll(List.of("--force", "--cluster", "resume"));
          arguments.addAll(identity);
        }
        case QUORUM -> {}
        case REKEY -> {
          var place = Folders.create(own.resolve("new"));
          arguments.addAll(List.of("--json", "-o", place.toString()));
          arguments.addAll(identity);
        }
      }
      return finished(arguments);
    }

    private int finished(List<String> arguments) {
      LeashedProcess process =
          AgentProgram.startCommand(own, log, AgentProgram.java(KilledMain.class, arguments));
      if (!process.awaitEnd(BOUND)) {
        process.kill();
        throw new LabException("still running after %s: %s".formatted(BOUND, said()));
      }
      return process.exitCode();
    }

    String said() {
      try {
        return Files.readString(log);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    List<Entry> entries() {
      return Journal.read(Journal.runs(own.resolve("journal")).getFirst());
    }

    /// To one storage: each submission has a number of its own when the storage was emptied before.
    int submitted() {
      List<String> numbers =
          entries().stream()
              .filter(entry -> entry.event() == Event.NOTED)
              .flatMap(entry -> entry.fact("submission").stream())
              .toList();
      return numbers.stream()
          .mapToInt(number -> (int) numbers.stream().filter(number::equals).count())
          .max()
          .orElse(0);
    }

    /// Restarts each node, and opens it with nothing but the new shares.
    private boolean opensWithTheNewShares() {
      Matcher place = PLACE.matcher(said());
      String prefix = "";
      while (place.find()) {
        prefix = place.group(1);
      }
      List<String> sources =
          new ArrayList<>(List.of("--identity", fleet.identityFile().toString()));
      for (Path file : Folders.files(own.resolve("new"))) {
        if (file.toString().startsWith(prefix + ".")) {
          sources.addAll(List.of("--share-file", file.toString()));
        }
      }
      for (ClusterNode node : nodes.nodes()) {
        nodes.restartSealed(node);
        List<String> unseal =
            new ArrayList<>(List.of("0", "unseal", "--yes", "--config", config.toString()));
        unseal.addAll(List.of("--node", node.address().toString()));
        unseal.addAll(sources);
        if (finished(unseal) != 0) {
          return false;
        }
      }
      nodes.awaitWhole();
      return true;
    }

    boolean dataIsThere() {
      if (kind == Kind.REKEY && !opensWithTheNewShares()) {
        return false;
      }
      return nodes.nodes().stream().allMatch(this::hasData);
    }

    /// Given a moment: a standby may not know its leader yet.
    private boolean hasData(ClusterNode node) {
      long deadline = System.nanoTime() + SETTLING.toNanos();
      while (System.nanoTime() < deadline) {
        var answer = node.api().withToken(old.rootToken()).get(SECRET);
        if (answer.good()) {
          return answer.text("data.data.password").equals("kept");
        }
        pause();
      }
      return false;
    }

    private static void pause() {
      try {
        TimeUnit.MILLISECONDS.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LabException("interrupted", e);
      }
    }

    @Override
    public void close() {
      control.close();
      nodes.close();
      Folders.delete(own);
    }
  }

  @Override
  public void close() {
    fleet.close();
    old.close();
  }
}
