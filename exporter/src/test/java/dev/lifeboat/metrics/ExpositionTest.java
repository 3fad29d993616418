package dev.lifeboat.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.Metric;
import dev.lifeboat.collector.Samples;
import dev.lifeboat.telemetry.Relay;
import dev.lifeboat.telemetry.TelemetryConfig;
import dev.lifeboat.vault.NativeMetrics;
import dev.lifeboat.watch.NodeStates;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpositionTest {
  private static final Metric DEPTH = Metric.gauge("sea_depth", "How deep it is");
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  @Test
  void a_collector_that_throws_costs_its_own_family_only() {
    Collector broken =
        collector(
            "broken",
            () -> {
              throw new IllegalStateException("a bug");
            });

    String page = scrape(new Exposition(List.of(broken, depth("sea", 7)), () -> NOW));

    assertTrue(page.contains("\nsea_depth 7.0\n"), page);
    assertTrue(page.contains("vault_exporter_collector_success{collector=\"broken\"} 0.0"), page);
    assertTrue(page.contains("vault_exporter_collector_success{collector=\"sea\"} 1.0"), page);
    assertTrue(page.contains("collector_duration_seconds{collector=\"broken\"}"), page);
    assertFalse(page.contains("last_success_timestamp_seconds{collector=\"broken\"}"), page);
  }

  @Test
  void a_collector_that_found_not_everything_publishes_the_rest_and_says_so() {
    AtomicReference<List<String>> problems = new AtomicReference<>(List.of("no \"disk\"\nat all"));
    Collector half =
        new Collector() {
          @Override
          public String name() {
            return "half";
          }

          @Override
          public MetricSnapshots collect() {
            return depth("half", 7).collect();
          }

          @Override
          public List<String> problems() {
            return problems.get();
          }
        };
    Exposition exposition = new Exposition(List.of(half), () -> NOW);

    String page = scrape(exposition);
    assertTrue(page.contains("\nsea_depth 7.0\n") || page.startsWith("# HELP sea_depth"), page);
    assertTrue(page.contains("vault_exporter_collector_success{collector=\"half\"} 0.0"), page);

    problems.set(List.of());
    assertTrue(
        scrape(exposition).contains("vault_exporter_collector_success{collector=\"half\"} 1.0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "application/openmetrics-text;version=1.0.0"})
  void relayed_telemetry_comes_last_and_the_page_is_still_one(String accept) {
    Relay relay =
        new Relay(
            new TelemetryConfig(true, false, Duration.ofSeconds(10), List.of("go_*"), 9),
            _ -> new NativeMetrics("# TYPE go_goroutines gauge\ngo_goroutines 7\n"),
            NodeStates::active,
            () -> 0);
    relay.look();

    String page =
        new String(
            new Exposition(List.of(depth("sea", 7)), Optional.of(relay), () -> NOW)
                .scrape(accept)
                .body(),
            StandardCharsets.UTF_8);

    String end = accept.isEmpty() ? "" : "# EOF\n";
    assertTrue(page.endsWith("\n# TYPE go_goroutines gauge\ngo_goroutines 7\n" + end), page);
    assertEquals(accept.isEmpty() ? 0 : 1, page.split("# EOF", -1).length - 1);
  }

  @Test
  void a_collector_that_lacks_a_class_costs_its_own_family_only() {
    Collector broken =
        collector(
            "broken",
            () -> {
              throw new NoClassDefFoundError("gone");
            });

    String page = scrape(new Exposition(List.of(broken, depth("sea", 7)), () -> NOW));

    assertTrue(page.contains("\nsea_depth 7.0\n"), page);
  }

  @Test
  void the_last_success_stays_while_a_collector_fails() {
    var fails = new AtomicBoolean();
    var clock = new AtomicReference<>(NOW);
    Collector moody =
        collector(
            "moody",
            () -> {
              if (fails.get()) {
                throw new IllegalStateException("a bug");
              }
              return new Samples().snapshots();
            });
    Exposition exposition = new Exposition(List.of(moody), clock::get);

    String before = scrape(exposition);
    fails.set(true);
    clock.set(NOW.plusSeconds(60));
    String after = scrape(exposition);

    String line =
        "vault_exporter_collector_last_success_timestamp_seconds{collector=\"moody\"} "
            + (double) NOW.getEpochSecond();
    assertTrue(before.contains(line), before);
    assertTrue(after.contains(line), after);
  }

  @Test
  void a_name_published_twice_fails_the_second_collector_whole() {
    String page = scrape(new Exposition(List.of(depth("sea", 7), depth("lake", 1)), () -> NOW));

    assertTrue(page.contains("\nsea_depth 7.0\n"), page);
    assertTrue(page.contains("vault_exporter_collector_success{collector=\"lake\"} 0.0"), page);
  }

  @Test
  void two_collectors_of_one_name_are_refused() {
    var twins = List.of(depth("sea", 1), depth("sea", 2));

    assertThrows(IllegalStateException.class, () -> new Exposition(twins, () -> NOW));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1234567890, 9007199254740991L, 9007199254740992L})
  void integers_are_exact_to_2_to_the_53(long number) {
    Metric index = Metric.gauge("raft_index", "An index");
    Collector exact =
        collector(
            "exact",
            () -> {
              Samples samples = new Samples();
              samples.add(index, number);
              return samples.snapshots();
            });

    String page = scrape(new Exposition(List.of(exact), () -> NOW));

    String value =
        page.lines().filter(line -> line.startsWith("raft_index ")).findFirst().orElseThrow();
    assertEquals(number, (long) Double.parseDouble(value.substring("raft_index ".length())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|text/plain; version=0.0.4; charset=utf-8",
        "*/*|text/plain; version=0.0.4; charset=utf-8",
        "text/html,application/xhtml+xml,*/*;q=0.8|text/plain; version=0.0.4; charset=utf-8",
        "application/openmetrics-text|application/openmetrics-text; version=1.0.0; charset=utf-8",
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
            + "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
            + "|application/openmetrics-text; version=1.0.0; charset=utf-8",
        "application/openmetrics-text;q=0.3,text/plain;q=0.9"
            + "|text/plain; version=0.0.4; charset=utf-8",
        "application/openmetrics-text;q=0|text/plain; version=0.0.4; charset=utf-8",
        "application/openmetrics-text;q=high|text/plain; version=0.0.4; charset=utf-8",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
            + "encoding=delimited|text/plain; version=0.0.4; charset=utf-8",
      })
  void the_format_follows_the_accept_header(String accept, String contentType) {
    Exposition exposition = new Exposition(List.of(depth("sea", 7)), () -> NOW);

    Exposition.Page page = exposition.scrape(accept);

    assertEquals(contentType, page.contentType());
    String body = new String(page.body(), StandardCharsets.UTF_8);
    assertTrue(body.contains("sea_depth 7.0\n"), body);
    assertEquals(contentType.startsWith("application/openmetrics"), body.endsWith("# EOF\n"));
  }

  private static Collector depth(String name, int depth) {
    return collector(
        name,
        () -> {
          Samples samples = new Samples();
          samples.add(DEPTH, depth);
          return samples.snapshots();
        });
  }

  private static Collector collector(String name, Supplier<MetricSnapshots> collect) {
    return new Collector() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public MetricSnapshots collect() {
        return collect.get();
      }
    };
  }

  private static String scrape(Exposition exposition) {
    return "\n" + new String(exposition.scrape("").body(), StandardCharsets.UTF_8);
  }
}
