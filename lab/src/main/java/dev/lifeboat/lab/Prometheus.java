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
import tools.jackson.databind.JsonNode;

/// A real Prometheus on loopback that scrapes agents, evaluates rules and tells one Alertmanager.
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

  /// Returns when it knows its Alertmanager: what fires before that is dropped, and said again only
  /// after [Pace#resend].
  ///
  /// @param folder is made; configuration, data and log lie there
  /// @param rules a folder; every `*.yaml` of it is loaded
  public static Prometheus start(
      Path folder, Path rules, Pace pace, Job job, Alertmanager alertmanager) {
    Folders.create(folder);
    var config = folder.resolve("prometheus.yml");
    try {
      Files.writeString(config, config(rules, pace, job, alertmanager));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    WebProgram program;
    try (var ports = FreePorts.reserve(InetAddress.getLoopbackAddress(), 1)) {
      int port = ports.next();
      program =
          WebProgram.start(
              "prometheus",
              folder,
              port,
              List.of(
                  Servers.prometheus().toString(),
                  "--config.file=" + config,
                  "--storage.tsdb.path=" + folder.resolve("data"),
                  "--web.listen-address=127.0.0.1:" + port,
                  "--rules.alert.resend-delay=" + pace.resend().toMillis() + "ms"));
    }
    try {
      program.await(
          "know its Alertmanager",
          () ->
              !program
                  .json("api/v1/alertmanagers")
                  .path("data")
                  .path("activeAlertmanagers")
                  .isEmpty());
      return new Prometheus(program);
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  private static String config(Path rules, Pace pace, Job job, Alertmanager alertmanager) {
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
    alerting:
      alertmanagers:
        - static_configs: [{ targets: ["%s"] }]
    scrape_configs:
      - job_name: %s
        static_configs:
    %s"""
        .formatted(
            pace.scrape().toMillis(),
            pace.evaluation().toMillis(),
            rules,
            alertmanager.endpoint().getAuthority(),
            job.name(),
            targets);
  }

  public long pid() {
    return program.pid();
  }

  /// One series of the answer to an instant query.
  public record Sample(Map<String, String> labels, double value) {
    public Sample {
      labels = Map.copyOf(labels);
    }
  }

  /// An instant query.
  ///
  /// @param expression that gives a vector
  public List<Sample> query(String expression) {
    var samples = new ArrayList<Sample>();
    var path = "api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8);
    for (JsonNode sample : program.json(path).path("data").path("result")) {
      samples.add(
          new Sample(
              Alertmanager.labels(sample.path("metric")),
              Double.parseDouble(sample.path("value").path(1).stringValue())));
    }
    return samples;
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
    for (JsonNode alert : program.json("api/v1/alerts").path("data").path("alerts")) {
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
    for (JsonNode group : program.json("api/v1/rules").path("data").path("groups")) {
      long nanos = Math.round(group.path("evaluationTime").doubleValue() * 1e9);
      times.put(group.path("name").stringValue(), Duration.ofNanos(nanos));
    }
    return times;
  }

  /// The rules that failed when they were last evaluated, and how.
  public List<String> ruleFailures() {
    var failures = new ArrayList<String>();
    for (JsonNode group : program.json("api/v1/rules").path("data").path("groups")) {
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
