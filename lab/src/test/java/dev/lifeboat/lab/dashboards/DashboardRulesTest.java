package dev.lifeboat.lab.dashboards;

import static dev.lifeboat.lab.dashboards.CheckedIn.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.Servers;
import dev.lifeboat.lab.alerts.KnownSeries;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What is written in the dashboards that are checked in; mostly the rules of Grafana's
/// `dashboard-linter`, which is Go and not to be had here.
@Tag("quick")
class DashboardRulesTest {
  private static final Pattern METRIC =
      Pattern.compile(
          "\\b(?:(?:vault|process|jvm)[_:][a-zA-Z0-9_:]+|up|ALERTS(?:_FOR_STATE)?)\\b(\\{?)");
  private static final String MATCHERS = "job=~\"$job\", instance=~\"$instance\"";
  private static final String ALERT_MATCHERS = "job=~\"$job|\", instance=~\"$instance|\"";
  private static final Pattern RATE =
      Pattern.compile("\\b(?:rate|increase|deriv|changes)\\([^()]*\\[([^]]*)]\\)");
  private static final Pattern COUNTER = Pattern.compile("[a-z_]+_(?:total|bucket|sum|count)\\b");
  private static final Set<String> KINDS =
      Set.of("stat", "timeseries", "state-timeline", "bargauge", "table");

  @TempDir Path folder;

  static List<CheckedIn> dashboards() {
    return CheckedIn.all();
  }

  @Test
  void what_is_checked_in_is_what_the_source_makes() throws Exception {
    var files = new TreeSet<>(dashboards().stream().map(CheckedIn::file).toList());
    var made = Dashboards.all().stream().map(Dashboard::fileName).collect(Collectors.toSet());
    assertEquals(made, files);
    for (var dashboard : Dashboards.all()) {
      var file = Dashboards.folder().resolve(dashboard.fileName());
      assertEquals(
          GrafanaJson.write(dashboard),
          Files.readString(file),
          file + "\nhint: ./lifeboat lab dashboards, then read the difference");
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void it_can_be_imported_anywhere(CheckedIn dashboard) {
    assertEquals("lifeboat-" + dashboard.file().replace(".json", ""), dashboard.uid());
    assertFalse(dashboard.json().path("editable").asBoolean(true));
    assertFalse(dashboard.json().has("id"), "an id is Grafana's to give");
    var uids = dashboard.json().findValues("datasource").stream().map(d -> text(d, "uid")).toList();
    assertEquals(Set.of("${datasource}"), new HashSet<>(uids));
    int asking = dashboard.panels().stream().mapToInt(p -> 1 + p.path("targets").size()).sum();
    assertEquals(asking + dashboard.annotations().size() + 2, uids.size(), "one each");
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void its_variables_are_those_that_people_expect(CheckedIn dashboard) {
    var source = dashboard.variables().getFirst();
    assertEquals("datasource", text(source, "name"));
    assertEquals("datasource", text(source, "type"));
    assertEquals("Data source", text(source, "label"));
    assertEquals("prometheus", text(source, "query"));
    var others = dashboard.variables().subList(1, dashboard.variables().size());
    assertEquals(List.of("job", "instance"), others.stream().map(v -> text(v, "name")).toList());
    for (var variable : others) {
      assertEquals(text(variable, "name"), text(variable, "label"));
      assertEquals("query", text(variable, "type"));
      assertTrue(text(variable, "definition").startsWith("label_values(vault_node_up"));
      assertTrue(variable.path("multi").asBoolean(false));
      assertTrue(variable.path("includeAll").asBoolean(false));
      assertEquals(".+", text(variable, "allValue"));
      assertEquals(2, variable.path("refresh").asInt(0), "when the time range changes");
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void no_two_boxes_overlap_and_all_have_an_id_of_their_own(CheckedIn dashboard) {
    var ids = dashboard.boxes().stream().map(box -> box.path("id").asInt(0)).toList();
    assertEquals(ids.size(), new HashSet<>(ids).size());
    var taken = new HashSet<String>();
    for (var box : dashboard.boxes()) {
      var grid = box.path("gridPos");
      int right = grid.path("x").asInt(-1) + grid.path("w").asInt(99);
      int bottom = grid.path("y").asInt(-1) + grid.path("h").asInt(99);
      assertTrue(right <= Dashboard.COLUMNS, () -> "too wide: " + text(box, "title"));
      for (int x = grid.path("x").asInt(-1); x < right; x++) {
        for (int y = grid.path("y").asInt(-1); y < bottom; y++) {
          assertTrue(taken.add(x + "/" + y), () -> "overlaps: " + text(box, "title"));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void every_panel_says_what_it_means_in_which_unit(CheckedIn dashboard) {
    var units = Arrays.stream(Unit.values()).map(Unit::grafana).collect(Collectors.toSet());
    var wrong = new ArrayList<String>();
    for (var panel : dashboard.panels()) {
      if (text(panel, "title").isBlank()
          || !text(panel, "description").endsWith(".")
          || !KINDS.contains(text(panel, "type"))
          || panel.path("targets").isEmpty()
          || !units.contains(text(panel.at("/fieldConfig/defaults"), "unit"))
          || text(panel.at("/fieldConfig/defaults"), "noValue").isBlank()) {
        wrong.add(text(panel, "title"));
      }
      if (text(panel, "type").equals("table")) {
        columns(panel).filter(unit -> !units.contains(unit)).forEach(wrong::add);
      }
      for (var target : panel.path("targets")) {
        boolean table = text(panel, "type").equals("table");
        if (text(target, "expr").isBlank()
            || (!table && text(target, "legendFormat").isBlank())
            || target.path("instant").asBoolean() == target.path("range").asBoolean()) {
          wrong.add(text(panel, "title") + ": a target");
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  /// The units of the columns that queries give.
  private static Stream<String> columns(JsonNode panel) {
    return panel
        .at("/fieldConfig/overrides")
        .valueStream()
        .flatMap(override -> override.path("properties").valueStream())
        .filter(property -> text(property, "id").equals("unit"))
        .map(property -> text(property, "value"));
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void every_link_leads_somewhere(CheckedIn dashboard) {
    var uids = dashboards().stream().map(CheckedIn::uid).toList();
    var wrong = new ArrayList<String>();
    for (var url : dashboard.json().findValuesAsString("url")) {
      var path = url.replaceFirst("\\?.*", "");
      boolean resolves =
          path.equals("docs/runbooks/${__value.raw}.md")
              || (path.startsWith("/d/") && uids.contains(path.substring(3)))
              || (path.startsWith("docs/runbooks/Vault")
                  && Files.exists(Checkout.root().resolve(path)));
      if (!resolves) {
        wrong.add(url);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void every_selector_says_which_job_and_which_instances(CheckedIn dashboard) {
    var wrong = new ArrayList<String>();
    for (var expression : dashboard.expressions()) {
      var metric = METRIC.matcher(expression);
      assertTrue(metric.find(), expression);
      do {
        var alerts = metric.group().matches("ALERTS.*|.*:.*");
        var after = expression.substring(metric.end());
        if (metric.group(1).isEmpty() || !after.startsWith(alerts ? ALERT_MATCHERS : MATCHERS)) {
          wrong.add(metric.group() + " in " + expression);
        }
      } while (metric.find());
    }
    assertEquals(List.of(), wrong);
  }

  /// A window of so many minutes is empty where scrapes are seldom, and blind where they are often.
  @ParameterizedTest
  @MethodSource("dashboards")
  void every_window_is_grafanas(CheckedIn dashboard) {
    var wrong = new ArrayList<String>();
    for (var expression : dashboard.expressions()) {
      var rate = RATE.matcher(expression);
      while (rate.find()) {
        if (!Set.of("$__rate_interval", "$__range").contains(rate.group(1))) {
          wrong.add(expression);
        }
      }
      if (expression.chars().filter(c -> c == '[').count()
          != RATE.matcher(expression.replaceAll("\\{[^}]*}", "")).results().count()
              + expression.split("\\[0-9]", -1).length
              - 1) {
        wrong.add("a window that is no rate: " + expression);
      }
    }
    assertEquals(List.of(), wrong);
  }

  /// A counter of Lifeboat starts anew with its agent; only tables say "since it started".
  @ParameterizedTest
  @MethodSource("dashboards")
  void a_counter_is_shown_as_a_rate(CheckedIn dashboard) {
    var wrong = new ArrayList<String>();
    for (var panel : dashboard.panels()) {
      for (var target : panel.path("targets")) {
        var expression = text(target, "expr");
        var counter = COUNTER.matcher(expression).results().count();
        var rates = Pattern.compile("(?:rate|increase)\\(").matcher(expression).results().count();
        boolean said = text(panel, "description").contains("since ");
        if (counter > rates && !said) {
          wrong.add(text(panel, "title") + ": " + expression);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void every_metric_exists() {
    var known = KnownSeries.names();
    known.addAll(Set.of("ALERTS", "ALERTS_FOR_STATE", "vault:error_budget_left:30d"));
    var named = new TreeSet<String>();
    for (var dashboard : dashboards()) {
      for (var expression : dashboard.expressions()) {
        METRIC.matcher(expression).results().forEach(m -> named.add(m.group().replace("{", "")));
      }
    }
    named.removeAll(known);
    assertEquals(Set.of(), named);
  }

  @Test
  void promtool_reads_every_expression() throws Exception {
    var number = new int[1];
    var rules =
        dashboards().stream()
            .flatMap(dashboard -> dashboard.expressions().stream())
            .map(e -> e.replace("$__rate_interval", "1m").replace("$__range", "1h"))
            .map(e -> Map.of("record", "panel:" + number[0]++, "expr", e))
            .toList();
    assertTrue(rules.size() > 100, "few expressions");
    var file = folder.resolve("panels.yaml");
    Files.writeString(
        file,
        JsonMapper.shared()
            .writeValueAsString(
                Map.of("groups", List.of(Map.of("name", "panels", "rules", rules)))));
    var process =
        new ProcessBuilder(Servers.promtool().toString(), "check", "rules", file.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
  }
}
