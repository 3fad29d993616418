package dev.lifeboat.lab;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lifeboat.sandbox.SandboxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What `systemctl start`, `stop` and `is-active` are to a real machine, for the nodes of a
/// cluster: commands that any process can give, while the servers stay on this one's leash.
public final class NodeControl implements AutoCloseable {
  private static final Duration STOP = Duration.ofSeconds(20);
  private static final int DONE = 200;
  private static final int NOT_SO = 409;

  /// A machine that nobody answers for.
  private static final String NOWHERE =
      "ssh { host = \"127.0.0.1\", port = 1, user = nobody, host-key = \"ssh-ed25519 AAAA\","
          + " private-key-file = \"/dev/null\", connect-timeout = 2s }";

  private final HttpServer server;
  private final Map<String, ClusterNode> nodes;
  // Those whose server has an end that nothing mends.
  private final Map<String, Boolean> broken = new ConcurrentHashMap<>();
  private final List<ClusterNode> order;

  private NodeControl(HttpServer server, List<ClusterNode> order) {
    this.server = server;
    this.order = order;
    this.nodes = order.stream().collect(Collectors.toMap(ClusterNode::name, node -> node));
  }

  public static NodeControl of(Cluster cluster) {
    try {
      // A node on a machine of its own has a loopback of its own.
      var here = cluster.plan().network().map(Network::here).orElse("127.0.0.1");
      var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(here), 0), 0);
      var control = new NodeControl(server, cluster.nodes());
      server.createContext("/", control::answer);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.start();
      return control;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var parts = exchange.getRequestURI().getPath().split("/", -1);
      var said = carriedOut(node(parts[1]), parts[2]);
      var body = said.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(
          body.length == 0 ? DONE : NOT_SO, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (RuntimeException e) {
      exchange.sendResponseHeaders(500, -1);
    }
  }

  private ClusterNode node(String name) {
    var node = nodes.get(name);
    if (node == null) {
      throw new LabException("no node is called " + name);
    }
    return node;
  }

  /// @return what is wrong; empty for nothing
  private String carriedOut(ClusterNode node, String verb) {
    synchronized (node) {
      switch (verb) {
        case "start" -> {
          if (broken.containsKey(node.name())) {
            return "its disk is gone";
          }
          if (!node.running()) {
            try {
              node.start();
            } catch (SandboxException e) {
              return String.valueOf(e.getMessage());
            }
          }
        }
        case "stop" -> node.stop(STOP);
        case "running" -> {
          return node.running() ? "" : "it does not run";
        }
        default -> throw new LabException(verb);
      }
    }
    return "";
  }

  /// From now on its server does not start any more.
  public void breakForGood(ClusterNode node) {
    var _ = broken.put(node.name(), true);
    node.kill();
  }

  public void mend(ClusterNode node) {
    var _ = broken.remove(node.name());
  }

  /// The `restore` block of a configuration.
  ///
  /// @param folder of its journals
  /// @param silent nodes whose machine cannot be reached
  public String block(Path folder, ClusterNode... silent) {
    var gone = List.of(silent);
    return block(folder, node -> gone.contains(node) ? NOWHERE : "ssh = null");
  }

  /// The same, with each machine reached by SSH.
  public String blockBySsh(Path folder, Sshd sshd) {
    var login =
        """
        ssh { host = "127.0.0.1", port = %d, user = "%s", host-key = "%s", private-key-file = "%s" }
        """
            .formatted(sshd.port(), Sshd.user(), sshd.hostKey(), sshd.privateKey());
    return block(folder, _ -> login.strip());
  }

  private String block(Path folder, Function<ClusterNode, String> machine) {
    return """
    restore {
      folder = "%s"
      start-timeout = 60s
      nodes {
    %s  }
    }
    """
        .formatted(folder, nodeBlocks(machine));
  }

  /// A block of `restore.regions`.
  ///
  /// @param reached whether anybody answers for its machines
  /// @param more lines of it
  public String region(String name, boolean reached, String more) {
    return """
    restore.regions.%s {
      %s
      nodes {
    %s  }
    }
    """
        .formatted(name, more, nodeBlocks(_ -> reached ? "ssh = null" : NOWHERE));
  }

  private String nodeBlocks(Function<ClusterNode, String> machine) {
    return order.stream()
        .map(node -> nodeBlock(node, machine.apply(node)))
        .collect(Collectors.joining());
  }

  /// The only node, as `restore.scratch`.
  public String scratch() {
    var node = order.getFirst();
    return "restore.scratch = null\nrestore.scratch {\n  node-id = %s\n%s}\n"
        .formatted(node.name(), keys(node, "ssh = null"));
  }

  private String nodeBlock(ClusterNode node, String machine) {
    return "    %s {\n%s    }\n".formatted(node.name(), keys(node, machine));
  }

  private String keys(ClusterNode node, String machine) {
    return """
          address = "%s", cluster-address = "%s"
          %s
          start = %s, stop = %s, running = %s, log = [cat, "%s"]
          run-with = [%s]
          %s
    """
        .formatted(
            node.address(),
            node.config().clusterAddress().getAuthority(),
            node.config().postgresql().isPresent()
                ? "# no storage"
                : "storage = \"%s\"".formatted(node.config().raftFolder()),
            command(node, "start"),
            command(node, "stop"),
            command(node, "running"),
            node.config().logFile(),
            node.by().stream().map("\"%s\""::formatted).collect(Collectors.joining(", ")),
            machine);
  }

  private String command(ClusterNode node, String verb) {
    return "[curl, \"--silent\", \"--fail\", \"--max-time\", \"50\", \"http://%s:%d/%s/%s\"]"
        .formatted(
            server.getAddress().getAddress().getHostAddress(),
            server.getAddress().getPort(),
            node.name(),
            verb);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
