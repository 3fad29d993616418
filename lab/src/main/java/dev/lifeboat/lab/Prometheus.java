package dev.lifeboat.lab;

import dev.lifeboat.sandbox.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// A real Prometheus on loopback that scrapes agents, evaluates rules and may tell an Alertmanager.
public final class Prometheus implements AutoCloseable {
  private final WebProgram program;

  private Prometheus(WebProgram program) {
    this.program = program;
  }

  /// How often it does what.
  ///
  /// @param resend how often it repeats to Alertmanager what fires; a minute when nobody says
  public record Pace(Duration scrape, Duration evaluation, Duration resend) {}

  /// What it scrapes, each target an instance called like its node, as `relabel_configs` would.
  public record Job(String name, List<LabAgent> targets) {
    public Job {
      targets = List.copyOf(targets);
    }
  }

  /// One that tells nobody. Returns when it answers.
  ///
  /// @param folder is made; configuration, data and log lie there
  /// @param rules a folder; every `*.yaml` of it is loaded
  public static Prometheus start(Path folder, Path rules, Pace pace, Job job) {
    return start(folder, pace, config(rules, pace, job));
  }

  /// Returns when it knows its Alertmanager: what fires before that is dropped, and said again only
  /// after [Pace#resend].
  public static Prometheus start(
      Path folder, Path rules, Pace pace, Job job, Alertmanager alertmanager) {
    var alerting =
        """
        alerting:
          alertmanagers:
            - static_configs: [{ targets: ["%s"] }]
        """
            .formatted(alertmanager.endpoint().getAuthority());
    var prometheus = start(folder, pace, config(rules, pace, job) + alerting);
    try {
      prometheus.program.await(
          "know its Alertmanager",
          () -> !prometheus.data("alertmanagers").path("activeAlertmanagers").isEmpty());
      return prometheus;
    } catch (RuntimeException e) {
      prometheus.close();
      throw e;
    }
  }

  private static Prometheus start(Path folder, Pace pace, String configuration) {
    Folders.create(folder);
    var config = folder.resolve("prometheus.yml");
    try {
      Files.writeString(config, configuration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 1)) {
      int port = ports.next();
      return new Prometheus(
          WebProgram.start(
              "prometheus",
              folder,
              port,
              List.of(
                  Servers.prometheus().toString(),
                  "--config.file=" + config,
                  "--storage.tsdb.path=" + folder.resolve("data"),
                  "--web.listen-address=127.0.0.1:" + port,
                  "--rules.alert.resend-delay=" + pace.resend().toMillis() + "ms")));
    }
  }

  private static String config(Path rules, Pace pace, Job job) {
    var targets = new StringBuilder();
    for (var agent : job.targets()) {
      targets.append(
          "      - { targets: [\"%s\"], labels: { instance: \"%s\" } }\n"
              .formatted(agent.url().getAuthority(), agent.node().name()));
    }
    return """
    global:
      scrape_interval: %dms
      scrape_timeout: %1$dms
      evaluation_interval: %dms
    rule_files: ["%s/*.yaml"]
    scrape_configs:
      - job_name: %s
        static_configs:
    %s"""
        .formatted(
            pace.scrape().toMillis(), pace.evaluation().toMillis(), rules, job.name(), targets);
  }

  public long pid() {
    return program.pid();
  }

  /// Labels and the values they had.
  public record Series(Map<String, String> labels, List<Point> points) {
    public Series {
      labels = Map.copyOf(labels);
      points = List.copyOf(points);
    }

    public String label(String name) {
      return labels.getOrDefault(name, "");
    }

    public double last() {
      return points.getLast().value();
    }
  }

  /// @param at seconds since 1970
  public record Point(double at, double value) {
    private static Point of(JsonNode pair) {
      var value =
          switch (pair.path(1).stringValue()) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            case String number -> Double.parseDouble(number);
          };
      return new Point(pair.path(0).doubleValue(), value);
    }
  }

  /// What an expression that gives a vector is now, a point a series.
  public List<Series> query(String expression) {
    return series("query", Map.of("query", expression));
  }

  /// What it was at one time.
  public List<Series> query(String expression, Instant at) {
    return series("query", Map.of("query", expression, "time", seconds(at)));
  }

  public List<Series> range(String expression, Instant from, Instant to, Duration step) {
    return series(
        "query_range",
        Map.of(
            "query",
            expression,
            "start",
            seconds(from),
            "end",
            seconds(to),
            "step",
            step.toSeconds() + "s"));
  }

  /// The values of a label, as Grafana asks for those of a variable.
  public List<String> labelValues(String label, String selector) {
    return data(path("series", Map.of("match[]", selector)))
        .valueStream()
        .map(series -> series.path(label).asString(""))
        .filter(value -> !value.isEmpty())
        .distinct()
        .sorted()
        .toList();
  }

  private static String seconds(Instant at) {
    return at.getEpochSecond() + "." + "%03d".formatted(at.getNano() / 1_000_000);
  }

  private List<Series> series(String question, Map<String, String> parameters) {
    var data = data(path(question, parameters));
    if (!data.path("resultType").stringValue().matches("vector|matrix")) {
      throw new LabException("not series: " + parameters);
    }
    var all = new ArrayList<Series>();
    for (JsonNode each : data.path("result")) {
      var points = new ArrayList<Point>();
      if (each.has("value")) {
        points.add(Point.of(each.path("value")));
      }
      each.path("values").forEach(pair -> points.add(Point.of(pair)));
      all.add(new Series(Alertmanager.labels(each.path("metric")), points));
    }
    return all;
  }

  private static String path(String question, Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(each -> encoded(each.getKey()) + "=" + encoded(each.getValue()))
        .collect(Collectors.joining("&", question + "?", ""));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private JsonNode data(String path) {
    return program.json("api/v1/" + path).path("data");
  }

  /// An alert that fires, or has not for long enough.
  ///
  /// @param since when its expression began to hold
  public record Alert(Map<String, String> labels, boolean firing, Instant since) {
    public Alert {
      labels = Map.copyOf(labels);
    }

    public String name() {
      return labels.getOrDefault("alertname", "");
    }
  }

  public List<Alert> alerts() {
    var alerts = new ArrayList<Alert>();
    for (JsonNode alert : data("alerts").path("alerts")) {
      alerts.add(
          new Alert(
              Alertmanager.labels(alert.path("labels")),
              alert.path("state").stringValue().equals("firing"),
              OffsetDateTime.parse(alert.path("activeAt").stringValue()).toInstant()));
    }
    return alerts;
  }

  /// How long each group of rules took when it was last evaluated.
  public Map<String, Duration> evaluationTimes() {
    var times = new TreeMap<String, Duration>();
    for (JsonNode group : data("rules").path("groups")) {
      long nanos = Math.round(group.path("evaluationTime").doubleValue() * 1e9);
      times.put(group.path("name").stringValue(), Duration.ofNanos(nanos));
    }
    return times;
  }

  /// The rules that failed when they were last evaluated, and how.
  public List<String> ruleFailures() {
    var failures = new ArrayList<String>();
    for (JsonNode group : data("rules").path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        if (!rule.path("health").stringValue().matches("ok|unknown")) {
          failures.add(rule.path("name").stringValue() + ": " + rule.path("lastError"));
        }
      }
    }
    return failures;
  }

  @Override
  public void close() {
    program.close();
  }
}
