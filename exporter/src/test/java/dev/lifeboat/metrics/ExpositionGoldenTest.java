package dev.lifeboat.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.collector.ApiRequests;
import dev.lifeboat.collector.Build;
import dev.lifeboat.collector.ClusterCollector;
import dev.lifeboat.collector.ConfigReload;
import dev.lifeboat.collector.ExporterCollector;
import dev.lifeboat.collector.JvmCollector;
import dev.lifeboat.collector.MadeCollectors;
import dev.lifeboat.collector.NodeCollector;
import dev.lifeboat.collector.ProcessCollector;
import dev.lifeboat.golden.Golden;
import dev.lifeboat.golden.Tool;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.NodeStates;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The whole page for a node in each of its states; [Golden] says how to write the files anew.
class ExpositionGoldenTest {
  private static final String OPENMETRICS = "application/openmetrics-text;version=1.0.0";

  static Stream<Arguments> states() {
    return Stream.of(
        Arguments.of("active", NodeStates.active()),
        Arguments.of("standby", NodeStates.standby()),
        Arguments.of("perf_standby", NodeStates.perfStandby()),
        Arguments.of("dr_secondary", NodeStates.drSecondary()),
        Arguments.of("sealed", NodeStates.sealed()),
        Arguments.of("uninitialized", NodeStates.uninitialized()),
        Arguments.of("removed", NodeStates.removed()),
        Arguments.of("unreachable", NodeStates.unreachable()),
        Arguments.of("before_first_poll", NodeStates.beforeFirstPoll()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("states")
  void page_of_a_node_is_as_recorded(String name, NodeState state, @TempDir Path folder) {
    String page = page(exposition(state, new ApiRequests()), "");

    Tool.promtoolCheck(folder, page);
    Golden.assertMatches(
        "exporter", "exposition/" + name + ".txt", without(page, "vault_exporter_api_"));
  }

  @Test
  void requests_are_counted_from_zero_for_every_known_endpoint(@TempDir Path folder) {
    ApiRequests requests = new ApiRequests();
    requests.requested("sys_health", "429", Duration.ofMillis(3));
    requests.requested("sys_health", "418", Duration.ofSeconds(20));
    requests.requested("kv/data/tenant-a", "200", Duration.ofMillis(1));
    String page = page(exposition(NodeStates.active(), requests), "");

    Tool.promtoolCheck(folder, page);
    Golden.assertMatches("exporter", "exposition/requests.txt", only(page, "vault_exporter_api_"));
  }

  @Test
  void openmetrics_page_is_as_recorded() {
    String page = page(exposition(NodeStates.active(), new ApiRequests()), OPENMETRICS);

    Golden.assertMatches(
        "exporter", "exposition/active.openmetrics.txt", without(page, "vault_exporter_api_"));
  }

  @Test
  void every_published_name_is_in_the_catalogue_with_its_type(@TempDir Path folder) {
    Exposition exposition =
        new Exposition(
            Stream.of(
                    collectors(NodeStates.active(), new ApiRequests()),
                    MadeCollectors.all(folder.resolve("raft-folder")),
                    List.of(new JvmCollector(), new ProcessCollector()))
                .flatMap(List::stream)
                .toList(),
            () -> NodeStates.NOW);

    String page = page(exposition, "");

    Tool.promtoolCheck(folder, page);
    assertEquals(
        Catalogue.metrics().stream()
            .map(metric -> "# TYPE " + metric.name() + " " + metric.type().label())
            .sorted()
            .toList(),
        page.lines().filter(line -> line.startsWith("# TYPE ")).sorted().toList());
  }

  private static Exposition exposition(NodeState state, ApiRequests requests) {
    return new Exposition(collectors(state, requests), () -> NodeStates.NOW);
  }

  private static List<dev.lifeboat.collector.Collector> collectors(
      NodeState state, ApiRequests requests) {
    return List.of(
        new NodeCollector(() -> state),
        new ClusterCollector(() -> state, 3),
        new ExporterCollector(
            new Build("0.1.0", "4f2a9c1", "25.0.1+8"),
            requests,
            () -> state,
            () -> Optional.of(NodeStates.NOW.plusSeconds(3600)),
            () -> new ConfigReload(true, NodeStates.NOW.minusSeconds(600))));
  }

  private static String page(Exposition exposition, String accept) {
    String page = new String(exposition.scrape(accept).body(), StandardCharsets.UTF_8);
    return page.lines()
            .map(line -> line.replaceFirst("^(vault_exporter_collector_duration_.*}) .*", "$1 0.0"))
            .collect(Collectors.joining("\n"))
        + "\n";
  }

  private static String without(String page, String prefix) {
    return lines(page, line -> !about(line, prefix));
  }

  private static String only(String page, String prefix) {
    return lines(page, line -> about(line, prefix));
  }

  private static boolean about(String line, String prefix) {
    return line.startsWith(prefix) || line.matches("# [A-Z]+ " + prefix + ".*");
  }

  private static String lines(String page, java.util.function.Predicate<String> kept) {
    return page.lines().filter(kept).collect(Collectors.joining("\n")) + "\n";
  }
}
