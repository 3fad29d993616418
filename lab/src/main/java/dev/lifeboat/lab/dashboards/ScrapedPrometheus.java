package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Folders;
import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.sandbox.FreePorts;
import dev.lifeboat.sandbox.LeashedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A real Prometheus on loopback that scrapes agents every second under the names of their nodes,
/// with the alert rules of the tree.
final class ScrapedPrometheus implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration REQUEST = Duration.ofSeconds(30);

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI address;
  private final LeashedProcess process;

  private ScrapedPrometheus(URI address, LeashedProcess process) {
    this.address = address;
    this.process = process;
  }

  /// Labels and the values they had.
  record Series(Map<String, String> labels, List<Point> points) {
    String label(String name) {
      return labels.getOrDefault(name, "");
    }

    double last() {
      return points.getLast().value();
    }
  }

  /// @param at seconds since 1970
  record Point(double at, double value) {}

  /// Returns when it answers.
  ///
  /// @param folder its own; is made
  /// @param agents the metrics page of each node, by the node's name
  /// @param rules the folder of the alert rules
  static ScrapedPrometheus start(Path folder, Map<String, URI> agents, Path rules) {
    Folders.create(folder);
    write(folder.resolve("prometheus.yml"), configuration(agents, rules));
    int port;
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 1)) {
      port = ports.next();
    }
    var log = folder.resolve("prometheus.log");
    var line =
        List.of(
            Servers.prometheus().toString(),
            "--config.file=" + folder.resolve("prometheus.yml"),
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port);
    var process =
        LeashedProcess.start(
            new LeashedProcess.Invocation(line, folder, Map.of("PATH", "/usr/bin:/bin"), log, log));
    var prometheus = new ScrapedPrometheus(URI.create("http://127.0.0.1:" + port), process);
    Await.until("Prometheus to be ready, see " + log, START, prometheus::ready);
    return prometheus;
  }

  private static String configuration(Map<String, URI> agents, Path rules) {
    var targets =
        new TreeMap<>(agents)
            .entrySet().stream()
                .map(
                    agent ->
                        "{ targets: [\"%s\"], labels: { instance: %s } }"
                            .formatted(agent.getValue().getAuthority(), agent.getKey()))
                .collect(Collectors.joining(", "));
    return """
    global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 2s }
    rule_files: ["%s/*.yaml"]
    scrape_configs:
      - job_name: lifeboat
        static_configs: [%s]
    """
        .formatted(rules, targets);
  }

  private boolean ready() {
    if (!process.alive()) {
      throw new LabException("Prometheus ended with " + process.exitCode());
    }
    try {
      var request = HttpRequest.newBuilder(address.resolve("/-/ready")).timeout(REQUEST).build();
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  /// What an expression is at one time, a point a series.
  List<Series> query(String expression, Instant at) {
    var form = Map.of("query", expression, "time", seconds(at));
    return series(ask("/api/v1/query", form), expression);
  }

  List<Series> range(String expression, Instant from, Instant to, Duration step) {
    return series(
        ask(
            "/api/v1/query_range",
            Map.of(
                "query",
                expression,
                "start",
                seconds(from),
                "end",
                seconds(to),
                "step",
                step.toSeconds() + "s")),
        expression);
  }

  /// The values of a label, as Grafana asks for those of a variable.
  List<String> labelValues(String label, String selector) {
    var values = ask("/api/v1/series", Map.of("match[]", selector)).valueStream();
    return values
        .map(series -> series.path(label).asString(""))
        .filter(value -> !value.isEmpty())
        .distinct()
        .sorted()
        .toList();
  }

  private static String seconds(Instant at) {
    return at.getEpochSecond() + "." + "%03d".formatted(at.getNano() / 1_000_000);
  }

  private JsonNode ask(String path, Map<String, String> form) {
    var body =
        form.entrySet().stream()
            .map(each -> encoded(each.getKey()) + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&"));
    var request =
        HttpRequest.newBuilder(address.resolve(path))
            .timeout(REQUEST)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body))
            .build();
    try {
      var answer = JsonMapper.shared().readTree(http.send(request, BodyHandlers.ofString()).body());
      if (!answer.path("status").asString("").equals("success")) {
        throw new LabException(form + ": " + answer.path("error").asString(""));
      }
      return answer.path("data");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static List<Series> series(JsonNode data, String expression) {
    var all = new ArrayList<Series>();
    for (JsonNode each : data.path("result")) {
      if (!each.isObject()) {
        throw new LabException("a scalar, not series: " + expression);
      }
      var labels = new TreeMap<String, String>();
      each.path("metric")
          .properties()
          .forEach(label -> labels.put(label.getKey(), label.getValue().asString("")));
      var points = new ArrayList<Point>();
      if (each.has("value")) {
        points.add(point(each.path("value")));
      }
      each.path("values").forEach(value -> points.add(point(value)));
      all.add(new Series(labels, points));
    }
    return all;
  }

  private static Point point(JsonNode pair) {
    var value =
        switch (pair.path(1).asString("")) {
          case "+Inf" -> Double.POSITIVE_INFINITY;
          case "-Inf" -> Double.NEGATIVE_INFINITY;
          case String number -> Double.parseDouble(number);
        };
    return new Point(pair.path(0).asDouble(), value);
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.kill();
    http.close();
  }
}
