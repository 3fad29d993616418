package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.AgentProgram;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterPlan;
import dev.lifeboat.lab.CtrlC;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Provisioning;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.Workplace;
import dev.lifeboat.sandbox.SandboxException;
import dev.lifeboat.sandbox.ServerBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./lifeboat lab crash`: SIGKILL of `lifeboat backup` at random instants of its life, and what
/// each left behind.
@Command(
    name = "crash",
    mixinStandardHelpOptions = true,
    description = {
      "Kill 'lifeboat backup' at random instants. After each, every backup of before must be there",
      "and the newest must verify; at the end nothing may lie about."
    })
final class CrashCommand implements Callable<Integer> {
  private static final int SECRET_BYTES = 192 << 10;

  @Option(names = "--instants", paramLabel = "N", description = "How many kills. Default: 200.")
  private int instants = 200;

  @Option(names = "--secrets", paramLabel = "N", description = "256 KiB each. Default: 64.")
  private int secrets = 64;

  @Option(names = "--seed", paramLabel = "N", description = "For the same instants again.")
  private long seed = ThreadLocalRandom.current().nextLong(1_000_000);

  @Option(names = "--server", paramLabel = "PATH", description = "Default: the pinned OpenBao.")
  private @Nullable Path server;

  /// What a killed process left behind, by how far it had come.
  private enum Left {
    NOTHING("nothing"),
    SPOOL("a file in the spool"),
    OBJECTS("also objects in the store, without a manifest"),
    BACKUP("a whole backup"),
    ENDED("it had ended before");

    private final String words;

    Left(String words) {
      this.words = words;
    }
  }

  @Override
  public Integer call() {
    try (var _ = CtrlC.interruptsThisThread();
        var workplace = Workplace.open("crash")) {
      var binary =
          server == null ? Servers.openbao() : ServerBinary.detect(server.toAbsolutePath());
      AgentFleet.makeKeys(workplace.folder(), 1);
      try (var cluster =
          Cluster.create(ClusterPlan.of(binary, 1), workplace.folder().resolve("cluster"))) {
        Provisioning.install(cluster.root());
        fill(cluster);
        try (var fleet = AgentFleet.equip(cluster, workplace.folder())) {
          System.out.printf(
              Locale.ROOT,
              "lifeboat backup SIGKILLed at %d random instants, %s, seed %d%n%n",
              instants,
              binary.title(),
              seed);
          play(fleet);
        }
      }
      return 0;
    } catch (LabException | SandboxException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  private void fill(Cluster cluster) {
    byte[] random = new byte[SECRET_BYTES];
    for (int number = 0; number < secrets; number++) {
      ThreadLocalRandom.current().nextBytes(random);
      var data = Map.of("data", Map.of("value", Base64.getEncoder().encodeToString(random)));
      cluster.root().post("secret/data/crash/" + number, data).require();
    }
  }

  private void play(AgentFleet fleet) {
    LabAgent agent = fleet.agents().getFirst();
    long began = System.nanoTime();
    agent.run("backup").require();
    long whole = System.nanoTime() - began;
    var random = new SplittableRandom(seed);
    Map<Left, Integer> counts = new EnumMap<>(Left.class);
    Set<String> known = manifests(fleet);
    for (int number = 1; number <= instants; number++) {
      var command = List.of("backup", "--config", agent.configFile().toString());
      var process = AgentProgram.start(fleet.store(), agent.logFile(), command);
      long start = System.nanoTime();
      boolean ended = process.awaitEnd(Duration.ofNanos(random.nextLong(whole)));
      if (ended) {
        // The first run of a machine is its slowest; the instants follow what one takes now.
        whole = Math.min(whole, System.nanoTime() - start);
      }
      process.kill();
      Set<String> now = manifests(fleet);
      if (!now.containsAll(known)) {
        throw new LabException(
            "kill %d lost a backup: of %s there is %s".formatted(number, known, now));
      }
      counts.merge(ended ? Left.ENDED : left(fleet, agent, known, now), 1, Integer::sum);
      if (now.size() > known.size()) {
        agent.run("verify", newest(now)).require();
      }
      known = now;
    }
    agent.run("backup").require();
    requireNothingLiesAbout(fleet, agent);
    agent.run("verify", "--all", "--identity", fleet.identityFile().toString()).require();
    for (Left left : Left.values()) {
      System.out.printf(Locale.ROOT, "%5d  %s%n", counts.getOrDefault(left, 0), left.words);
    }
    System.out.printf(
        Locale.ROOT,
        "%nNo backup was lost: %d exist, decrypted and verified. After one more run nothing lies"
            + " about.%n",
        manifests(fleet).size());
  }

  private static Left left(AgentFleet fleet, LabAgent agent, Set<String> before, Set<String> now) {
    if (now.size() > before.size()) {
      return Left.BACKUP;
    }
    Set<String> stored =
        files(fleet.store()).stream().map(CrashCommand::id).collect(Collectors.toSet());
    if (!now.containsAll(stored)) {
      return Left.OBJECTS;
    }
    return spooled(agent).isEmpty() ? Left.NOTHING : Left.SPOOL;
  }

  private static void requireNothingLiesAbout(AgentFleet fleet, LabAgent agent) {
    Set<String> lying = new HashSet<>(spooled(agent));
    Set<String> whole = manifests(fleet);
    files(fleet.store()).stream().filter(name -> !whole.contains(id(name))).forEach(lying::add);
    if (!lying.isEmpty()) {
      throw new LabException("left behind: " + lying);
    }
  }

  private static List<String> spooled(LabAgent agent) {
    return files(agent.configFile().resolveSibling("spool")).stream()
        .filter(name -> !name.startsWith("."))
        .toList();
  }

  private static Set<String> manifests(AgentFleet fleet) {
    return files(fleet.store()).stream()
        .filter(name -> name.endsWith(".manifest"))
        .map(CrashCommand::id)
        .collect(Collectors.toSet());
  }

  private static String newest(Set<String> ids) {
    return ids.stream().max(String::compareTo).orElseThrow();
  }

  private static String id(String object) {
    return object.split("\\.", 2)[0];
  }

  private static List<String> files(Path folder) {
    try (var entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
