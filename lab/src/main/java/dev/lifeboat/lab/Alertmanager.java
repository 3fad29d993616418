package dev.lifeboat.lab;

import dev.lifeboat.sandbox.FreePorts;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// A real Alertmanager on loopback, without peers.
public final class Alertmanager implements AutoCloseable {
  private final WebProgram program;

  private Alertmanager(WebProgram program) {
    this.program = program;
  }

  /// Returns when it answers.
  ///
  /// @param folder is made; configuration, data and log lie there
  /// @param config all of its configuration
  public static Alertmanager start(Path folder, String config) {
    Folders.create(folder);
    var file = Folders.writeSecret(folder.resolve("alertmanager.yml"), config);
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 1)) {
      int port = ports.next();
      return new Alertmanager(
          WebProgram.start(
              "alertmanager",
              folder,
              port,
              List.of(
                  Servers.alertmanager().toString(),
                  "--config.file=" + file,
                  "--storage.path=" + folder.resolve("data"),
                  "--web.listen-address=127.0.0.1:" + port,
                  // It would listen on every address, and wait for peers before it sends anything.
                  "--cluster.listen-address=")));
    }
  }

  public URI endpoint() {
    return program.endpoint();
  }

  public long pid() {
    return program.pid();
  }

  /// What it has been told of and thinks is firing.
  ///
  /// @param inhibited whether another alert keeps it from being sent
  public record Alert(Map<String, String> labels, boolean inhibited) {
    public Alert {
      labels = Map.copyOf(labels);
    }

    public String name() {
      return labels.getOrDefault("alertname", "");
    }
  }

  public List<Alert> alerts() {
    var alerts = new ArrayList<Alert>();
    for (JsonNode alert : program.json("api/v2/alerts")) {
      var inhibited = !alert.path("status").path("inhibitedBy").isEmpty();
      alerts.add(new Alert(labels(alert.path("labels")), inhibited));
    }
    return alerts;
  }

  static Map<String, String> labels(JsonNode object) {
    var labels = new TreeMap<String, String>();
    object
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().stringValue()));
    return labels;
  }

  /// What it tells of itself, its configuration included, as everybody can read it who reaches it.
  public String status() {
    return program.text("api/v2/status");
  }

  @Override
  public void close() {
    program.close();
  }
}
