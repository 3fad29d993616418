package dev.lifeboat.lab;

import dev.lifeboat.lab.Provisioning.Credentials;
import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.sandbox.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// One agent beside each node of a cluster, set up as `docs/backup.md` says: a signing key each,
/// all of them trusted by all, one escrow key, least-privilege AppRole logins, and one store for
/// all.
public final class AgentFleet implements AutoCloseable {
  private static final String ESCROW = "escrow";
  // sun_path of a Unix socket, less its closing zero.
  private static final int SOCKET_BYTES_MAX = 107;

  /// How often agents look at their nodes, and whether they back up of their own accord; those that
  /// do not are asked for each backup.
  public enum Routine {
    /// Every second, for people and tests that wait for it.
    LIVELY,
    /// As often as an agent does that is not told anything.
    ORDINARY,
    /// Every second, and each takes the slots of its node, one every ten seconds.
    SLOTS,
    /// All of them beside the leader, so that all take every slot, one every five seconds.
    RACE
  }

  private final Path folder;
  private final List<LabAgent> agents;

  private AgentFleet(Path folder, List<LabAgent> agents) {
    this.folder = folder;
    this.agents = List.copyOf(agents);
  }

  /// The keys, by the program itself: they need no cluster, so they can be made while it starts.
  public static void makeKeys(Path folder, int nodes) {
    Folders.create(folder);
    var commands = new ArrayList<List<String>>();
    commands.add(List.of("keys", "generate", "--recipient", ESCROW, "-o", folder.toString()));
    for (int number = 1; number <= nodes; number++) {
      commands.add(
          List.of("keys", "generate", "--signer", "node-" + number, "-o", folder.toString()));
    }
    commands.forEach(command -> AgentProgram.run(folder, command.toArray(String[]::new)).require());
  }

  /// Writes the configurations; starts nothing.
  ///
  /// @param folder where [#makeKeys] put the keys; becomes the fleet's own
  public static AgentFleet equip(Cluster cluster, Path folder) {
    return equip(cluster, folder, Routine.LIVELY);
  }

  public static AgentFleet equip(Cluster cluster, Path folder, Routine routine) {
    var shared = folder.resolve("store");
    return equip(
        cluster,
        folder,
        routine,
        "stores.shared { type = local, path = \"%s\" }".formatted(shared));
  }

  /// @param stores the lines of the configuration that say where backups go
  public static AgentFleet equip(Cluster cluster, Path folder, Routine routine, String stores) {
    return equip(cluster, folder, routine, _ -> stores);
  }

  /// @param more of the configuration of the agent beside a node; at least where backups go
  public static AgentFleet equip(
      Cluster cluster, Path folder, Routine routine, Function<ClusterNode, String> more) {
    var root = cluster.root();
    var watch = Provisioning.credentials(root, Role.WATCH, folder);
    var backup = Provisioning.credentials(root, Role.BACKUP, folder);
    Folders.create(folder.resolve("store"));
    write(folder.resolve("recipients"), read(folder.resolve(ESCROW + ".recipient")));
    var signers = new StringBuilder();
    cluster.nodes().forEach(node -> signers.append(read(folder.resolve(node.name() + ".signer"))));
    write(folder.resolve("trusted-signers"), signers.toString());

    var agents = new ArrayList<LabAgent>();
    try (var ports =
        FreePorts.reserve(InetAddress.ofLiteral("127.0.0.1"), cluster.nodes().size())) {
      for (var node : cluster.nodes()) {
        int port = ports.next();
        var own = Folders.create(folder.resolve(node.name()));
        var agent =
            new LabAgent(
                node, own, URI.create("http://%s:%d/".formatted(node.config().host(), port)));
        write(
            agent.configFile(),
            config(cluster, agent, routine, folder, List.of(watch, backup), more.apply(node)));
        agents.add(agent);
      }
    }
    return new AgentFleet(folder, agents);
  }

  public void start() {
    agents.forEach(LabAgent::start);
    agents.forEach(LabAgent::awaitReady);
  }

  public List<LabAgent> agents() {
    return agents;
  }

  public LabAgent beside(ClusterNode node) {
    return agents.stream()
        .filter(agent -> agent.node().equals(node))
        .findFirst()
        .orElseThrow(() -> new LabException("no agent beside " + node));
  }

  /// The private key that opens every backup of the fleet.
  public Path identityFile() {
    return folder.resolve(ESCROW + ".identity");
  }

  /// The folder that all agents store into.
  public Path store() {
    return folder.resolve("store");
  }

  @Override
  public void close() {
    agents.forEach(LabAgent::close);
  }

  private static String config(
      Cluster cluster,
      LabAgent agent,
      Routine routine,
      Path folder,
      List<Credentials> logins,
      String more) {
    var node = agent.node();
    var own = folder.resolve(node.name());
    var socket = agent.controlSocket();
    if (socket.toString().length() > SOCKET_BYTES_MAX) {
      throw new LabException(
          "the path of the control socket is too long: "
              + socket
              + "\nhint: use a checkout nearer to the root");
    }
    var beside = routine == Routine.RACE ? cluster.leader().orElse(node) : node;
    // On a network of its own a node is reached by its agent on loopback, and by no other agent:
    // plain HTTP is for loopback only.
    boolean apart = cluster.plan().network().isPresent();
    var address =
        apart ? URI.create("http://127.0.0.1:" + beside.address().getPort()) : beside.address();
    var peers = apart ? List.<String>of() : peers(cluster, beside);
    return """
    vault {
      address = "%s"
      peers = [%s]
      expected-peers = %d
      auth { %s }
    }
    watch { %s }
    http { host = "%s", port = %d, allow-plain = %s }
    backup {
      node = "%s"
      auth { %s }
      schedules { %s }
      claim { %s }
      spool = "%s"
      recipients-file = "%s"
      signing-key-file = "%s"
      trusted-signers-file = "%s"
      canary { path = "%s", transit-key = "%s" }
    }
    %s
    control.socket = "%s"
    """
        .formatted(
            address,
            String.join(", ", peers),
            cluster.nodes().size(),
            login(logins.get(0)),
            watching(routine),
            agent.url().getHost(),
            agent.url().getPort(),
            !agent.url().getHost().equals("127.0.0.1"),
            node.name(),
            login(logins.get(1)),
            schedule(routine),
            claim(routine),
            Folders.create(own.resolve("spool")),
            folder.resolve("recipients"),
            folder.resolve(node.name() + ".signing-key"),
            folder.resolve("trusted-signers"),
            Provisioning.CANARY_PATH,
            Provisioning.CANARY_TRANSIT_KEY,
            more,
            socket);
  }

  private static List<String> peers(Cluster cluster, ClusterNode beside) {
    return cluster.nodes().stream()
        .filter(peer -> !peer.equals(beside))
        .map(peer -> "\"" + peer.address() + "\"")
        .toList();
  }

  private static String schedule(Routine routine) {
    return switch (routine) {
      case LIVELY, ORDINARY -> "daily.cron = null";
      case SLOTS -> "quick.cron = \"*/10 * * * * *\"";
      case RACE -> "quick.cron = \"*/5 * * * * *\"";
    };
  }

  /// Short where slots are: an owner that died or stands still is to be taken over within its slot.
  private static String claim(Routine routine) {
    return switch (routine) {
      case LIVELY, ORDINARY -> "";
      case SLOTS, RACE -> "lease = 1s";
    };
  }

  private static String watching(Routine routine) {
    return switch (routine) {
      case LIVELY, SLOTS, RACE -> "interval = 1s, cluster-interval = 2s";
      case ORDINARY -> "";
    };
  }

  private static String login(Credentials login) {
    return "method = approle\n"
        + "approle { role-id = { file = \"%s\" }, secret-id = { file = \"%s\" } }"
            .formatted(login.roleIdFile(), login.secretIdFile());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip() + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
