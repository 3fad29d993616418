package dev.lifeboat.lab;

import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.LeashedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// HAProxy before a cluster behind TLS, with the shipped `docs/haproxy/haproxy.cfg`: only
/// addresses, ports and file names are others. As it gives up root's rights by itself, only root
/// can start it.
public final class Haproxy implements AutoCloseable {
  /// The backend of the active node alone, and that of all that are not sealed.
  public static final String ACTIVE = "vault_active";

  public static final String UNSEALED = "vault_unsealed";

  private static final Duration START = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(2);
  private static final Pattern CHANGE = Pattern.compile("Server (\\S+) (?:is|was) (UP|DOWN)\\b.*");

  private final URI door;
  private final URI side;
  private final URI metrics;
  private final Path log;
  private final LeashedProcess process;
  private final HttpClient client = HttpClient.newHttpClient();

  private Haproxy(URI door, URI side, URI metrics, Path log, LeashedProcess process) {
    this.door = door;
    this.side = side;
    this.metrics = metrics;
    this.log = log;
    this.process = process;
  }

  /// The shipped text; tests that show what a line is for give another one.
  public static String shippedConfig() {
    try {
      return Files.readString(Checkout.root().resolve("docs/haproxy/haproxy.cfg"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Returns when it has made up its mind about every node.
  ///
  /// @param folder is made; configuration, socket and log lie there
  public static Haproxy start(Path folder, Cluster cluster) {
    return start(folder, cluster, shippedConfig(), cluster.caFile());
  }

  /// @param caFile of whom it takes certificates
  static Haproxy start(Path folder, Cluster cluster, String config, Path caFile) {
    if (!System.getProperty("user.name", "").equals("root")) {
      throw new LabException("only root can start HAProxy as it is shipped\nhint: run it as root");
    }
    Folders.create(folder);
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 3)) {
      int door = ports.next();
      int side = ports.next();
      int metrics = ports.next();
      var text = replaced(config, "*:8200", "127.0.0.1:" + door);
      text = replaced(text, "*:8210", "127.0.0.1:" + side);
      text = replaced(text, "127.0.0.1:8405", "127.0.0.1:" + metrics);
      for (int number = 1; number <= 3; number++) {
        var address = cluster.node("node-" + number).address();
        text = replaced(text, "10.0.0.%d:8200".formatted(number), address.getAuthority());
      }
      text = replaced(text, "/etc/haproxy/vault-ca.pem", caFile.toString());
      // Relative: the whole path may have no more than 97 characters.
      text = replaced(text, "/run/haproxy/admin.sock", "unix@admin.sock");
      Files.writeString(folder.resolve("haproxy.cfg"), text);
      var haproxy =
          new Haproxy(
              URI.create("https://127.0.0.1:" + door),
              URI.create("https://127.0.0.1:" + side),
              URI.create("http://127.0.0.1:" + metrics + "/metrics"),
              folder.resolve("haproxy.log"),
              process(folder));
      haproxy.awaitChecked(cluster);
      return haproxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String replaced(String text, String from, String to) {
    if (!text.contains(from)) {
      throw new LabException("docs/haproxy/haproxy.cfg has no " + from);
    }
    return text.replace(from, to);
  }

  private static LeashedProcess process(Path folder) {
    var log = folder.resolve("haproxy.log");
    return LeashedProcess.start(
        new LeashedProcess.Invocation(
            List.of(
                Servers.haproxy().toString(),
                "-db",
                "-f",
                folder.resolve("haproxy.cfg").toString()),
            folder,
            Map.of("PATH", "/usr/sbin:/usr/bin:/bin"),
            log,
            log));
  }

  /// A server counts as up until its first check has failed.
  private void awaitChecked(Cluster cluster) {
    Await.until(
        "HAProxy to have checked all nodes, see " + log,
        START,
        () -> {
          if (!process.alive()) {
            throw new LabException("HAProxy ended: " + log().toList());
          }
          var now = metrics();
          return Stream.of(ACTIVE, UNSEALED)
              .allMatch(
                  backend ->
                      cluster.nodes().stream()
                          .allMatch(node -> checked(now, backend, node.name())));
        });
  }

  private static boolean checked(String metrics, String backend, String server) {
    return metrics
        .lines()
        .anyMatch(
            line ->
                line.startsWith(
                        "haproxy_server_check_status{proxy=\"%s\",server=\"%s\""
                            .formatted(backend, server))
                    && line.endsWith(" 1")
                    && !line.contains("state=\"INI\"")
                    && !line.contains("state=\"UNK\""));
  }

  /// The front door.
  public URI door() {
    return door;
  }

  /// The door to all nodes that are not sealed.
  public URI side() {
    return side;
  }

  /// What Prometheus would read; empty when it does not answer.
  public String metrics() {
    try {
      var request = HttpRequest.newBuilder(metrics).timeout(LOOK).build();
      var answer = client.send(request, BodyHandlers.ofString());
      return answer.statusCode() == 200 ? answer.body() : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  /// Whether requests are sent to this node now.
  public boolean up(String backend, String server) {
    return metrics()
        .contains(
            "haproxy_server_status{proxy=\"%s\",server=\"%s\",state=\"UP\"} 1\n"
                .formatted(backend, server));
  }

  /// Every change of a server that it has told, such as `vault_active/node-1 DOWN`, in order.
  public List<String> changes() {
    return log()
        .map(CHANGE::matcher)
        .filter(found -> found.lookingAt())
        .map(found -> found.group(1) + " " + found.group(2))
        .toList();
  }

  /// What it has logged.
  public Stream<String> log() {
    try {
      return Files.readString(log).lines();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.kill();
    client.close();
  }
}
