package dev.lifeboat.metrics;

import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.Metric;
import dev.lifeboat.collector.Samples;
import dev.lifeboat.telemetry.Relay;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// All collectors together, in the format that the scraper asks for.
///
/// Collectors answer from memory and run one after the other. One that throws, or that publishes a
/// name another has already published, loses its samples; the page stays whole and says so:
///
/// ```
/// vault_exporter_collector_success{collector="node"} 1.0
/// vault_exporter_collector_duration_seconds{collector="node"} 1.2E-4
/// vault_exporter_collector_last_success_timestamp_seconds{collector="node"} 1.7643e9
/// ```
public final class Exposition {
  static final Metric SUCCESS =
      Metric.gauge(
          "vault_exporter_collector_success",
          "1 when the collector found everything it looked for",
          "collector");
  static final Metric DURATION =
      Metric.gauge(
          "vault_exporter_collector_duration_seconds",
          "Time the collector took at this scrape",
          "collector");
  static final Metric LAST_SUCCESS =
      Metric.gauge(
          "vault_exporter_collector_last_success_timestamp_seconds",
          "When the collector last found everything; absent before",
          "collector");

  public static final List<Metric> METRICS = List.of(SUCCESS, DURATION, LAST_SUCCESS);

  private static final byte[] NOTHING = {};
  private static final byte[] END = "# EOF\n".getBytes(StandardCharsets.US_ASCII);

  private static final System.Logger logger = System.getLogger(Exposition.class.getName());

  private final List<Collector> collectors;
  private final InstantSource clock;
  private final Optional<Relay> relay;
  private final Map<String, Instant> lastSuccess = new ConcurrentHashMap<>();
  private final Map<String, List<String>> knownProblems = new ConcurrentHashMap<>();
  private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();

  public Exposition(List<Collector> collectors, InstantSource clock) {
    this(collectors, Optional.empty(), clock);
  }

  /// @param relay whose text comes after everything of the collectors
  public Exposition(List<Collector> collectors, Optional<Relay> relay, InstantSource clock) {
    this.collectors = List.copyOf(collectors);
    this.relay = relay;
    this.clock = clock;
    if (collectors.stream().map(Collector::name).distinct().count() < collectors.size()) {
      throw new IllegalStateException("two collectors have the same name");
    }
  }

  public record Page(String contentType, byte[] body) {}

  /// @param accept the `Accept` header, empty without one; OpenMetrics when it is asked for by name
  ///   and not wanted less than text
  public Page scrape(String accept) {
    MetricSnapshots snapshots = collect();
    boolean open = Accept.prefersOpenMetrics(accept);
    ExpositionFormatWriter writer = open ? openMetrics : text;
    ByteArrayOutputStream body = new ByteArrayOutputStream(1 << 15);
    try {
      writer.write(body, snapshots, EscapingScheme.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory", e);
    }
    byte[] page = body.toByteArray();
    byte[] whole =
        relay.map(from -> from.appendedTo(page, open ? END : NOTHING, open)).orElse(page);
    return new Page(writer.getContentType(), whole);
  }

  private MetricSnapshots collect() {
    Map<String, MetricSnapshot> all = new LinkedHashMap<>();
    Samples own = new Samples();
    for (Collector collector : collectors) {
      long begin = System.nanoTime();
      boolean success = collect(collector, all) && problems(collector).isEmpty();
      own.add(DURATION, Duration.ofNanos(System.nanoTime() - begin), collector.name());
      own.add(SUCCESS, success, collector.name());
      if (success) {
        lastSuccess.put(collector.name(), clock.instant());
      }
      Instant last = lastSuccess.get(collector.name());
      if (last != null) {
        own.add(LAST_SUCCESS, last, collector.name());
      }
    }
    List<MetricSnapshot> page = new ArrayList<>(all.values());
    own.snapshots().forEach(page::add);
    return new MetricSnapshots(page);
  }

  /// Told once, when they change: a scrape comes every few seconds.
  private List<String> problems(Collector collector) {
    List<String> problems = collector.problems();
    List<String> known = knownProblems.put(collector.name(), problems);
    if (!problems.equals(known)) {
      for (String problem : problems) {
        logger.log(
            Level.WARNING,
            "event=collector_incomplete collector={0} message=\"{1}\"",
            collector.name(),
            problem.replace('"', '\'').replace("\n", " "));
      }
    }
    return problems;
  }

  /// Whole or not at all: nothing of a collector that failed half-way is published.
  private static boolean collect(Collector collector, Map<String, MetricSnapshot> all) {
    try {
      MetricSnapshots snapshots = collector.collect();
      for (MetricSnapshot snapshot : snapshots) {
        String name = snapshot.getMetadata().getPrometheusName();
        if (all.containsKey(name)) {
          throw new IllegalStateException("metric " + name + " is published twice");
        }
      }
      snapshots.forEach(each -> all.put(each.getMetadata().getPrometheusName(), each));
      return true;
    } catch (RuntimeException | LinkageError e) {
      logger.log(Level.ERROR, "event=collector_failed collector=" + collector.name(), e);
      return false;
    }
  }
}
