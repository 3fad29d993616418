package dev.lifeboat.lab.dashboards;

import static dev.lifeboat.lab.dashboards.CheckedIn.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Prometheus.Series;
import dev.lifeboat.lab.Workplace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Every target of every panel, asked of a real Prometheus that has watched a real cluster through
/// two bad minutes.
class DashboardsTest {
  /// What the scene has nothing of, each with the reason. Nothing else may be empty.
  private static final Map<String, String> EMPTY =
      Map.of(
          "Left out by KMS", "the agents have no key of KMS",
          "Asked standby is behind by", "the database that the agents ask is the primary",
          "Failed attempts, by reason", "no copy failed, and only those that did are shown");

  private static final int SERIES_MOST = 40;
  private static final int PICTURE_BYTES_MOST = 80 << 10;
  private static final Pattern LEGEND = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");

  @TempDir static Path pictures;

  private static Workplace place;
  private static Scene scene;
  private static Asked asked;

  @BeforeAll
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  static void play() {
    place = Workplace.open("scene");
    scene = Scene.open(place.folder());
    scene.play();
    asked = new Asked(scene.prometheus(), scene.begun(), Instant.now());
  }

  @AfterAll
  static void end() {
    scene.close();
    place.close();
  }

  static List<CheckedIn> dashboards() {
    return CheckedIn.all();
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void no_panel_is_empty_or_shows_what_it_has_no_name_for(CheckedIn dashboard) {
    var wrong = new ArrayList<String>();
    for (var panel : dashboard.panels()) {
      boolean found = false;
      for (var target : panel.path("targets")) {
        var series = asked.series(text(target, "expr"), target.path("instant").asBoolean());
        found |= series.stream().anyMatch(DashboardsTest::hasNumber);
        if (series.size() > SERIES_MOST) {
          wrong.add(text(panel, "title") + " has " + series.size() + " series");
        }
        series.stream()
            .filter(each -> !each.labels().keySet().containsAll(shown(target)))
            .forEach(each -> wrong.add(text(panel, "title") + " without labels " + each.labels()));
      }
      if (found == EMPTY.containsKey(text(panel, "title"))) {
        wrong.add(text(panel, "title") + (found ? " is not empty at all" : " is empty"));
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static boolean hasNumber(Series series) {
    return series.points().stream().anyMatch(point -> Double.isFinite(point.value()));
  }

  /// The labels that a legend names.
  private static Set<String> shown(JsonNode target) {
    var labels = new HashSet<String>();
    LEGEND.matcher(text(target, "legendFormat")).results().forEach(m -> labels.add(m.group(1)));
    return labels;
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void the_rows_of_a_table_differ_in_its_columns_only(CheckedIn dashboard) {
    for (var panel : dashboard.panels()) {
      var columns = panel.at("/transformations/1/options/renameByName").propertyNames();
      for (var target : panel.path("targets")) {
        if (text(target, "format").equals("table")) {
          for (var series : asked.series(text(target, "expr"), true)) {
            var extra = new TreeSet<>(series.labels().keySet());
            extra.removeAll(columns);
            assertEquals(Set.of(), extra, text(panel, "title"));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void its_variables_and_annotations_find_something(CheckedIn dashboard) {
    assertEquals(List.of("lifeboat"), values(dashboard, "job"));
    assertEquals(List.of("node-1", "node-2", "node-3"), values(dashboard, "instance"));
    for (var annotation : dashboard.annotations()) {
      var times = new HashSet<Double>();
      asked
          .series(text(annotation, "expr"), false)
          .forEach(series -> series.points().forEach(point -> times.add(point.value())));
      assertTrue(times.size() > 1, text(annotation, "name") + " at " + times);
      double now = asked.to().toEpochMilli();
      assertTrue(times.stream().allMatch(at -> Math.abs(at - now) < 3_600_000), "milliseconds");
    }
  }

  private static List<String> values(CheckedIn dashboard, String name) {
    var variable =
        dashboard.variables().stream()
            .filter(each -> text(each, "name").equals(name))
            .findFirst()
            .orElseThrow();
    var asks =
        Pattern.compile("label_values\\((.*), (\\w+)\\)").matcher(text(variable, "definition"));
    assertTrue(asks.matches(), text(variable, "definition"));
    return asked.prometheus().labelValues(asks.group(2), asked.filled(asks.group(1)));
  }

  @Test
  void the_overview_says_what_was_wrong_when_it_was_wrong() {
    var worst = new Asked(scene.prometheus(), scene.begun(), scene.worst());
    assertEquals(2, value(worst, "Is it fine?"), "critical");
    assertTrue(value(worst, "Not fine for") > 60, "since the seal");
    assertEquals(1, value(worst, "Not serving"));
    assertEquals(0, value(worst, "May still fail"));
    assertTrue(value(worst, "… of its interval") < 1.25);
    assertEquals(0, value(asked, "Not serving"), "when it was unsealed");
    double budget = value(asked, "Error budget left");
    assertTrue(budget > 0.9 && budget < 1, "a minute without an answer, of 43: " + budget);
  }

  private static double value(Asked when, String title) {
    var panel =
        OverviewDashboard.dashboard().rows().stream()
            .flatMap(row -> row.panels().stream())
            .filter(each -> each.title().equals(title))
            .findFirst()
            .orElseThrow();
    return when.series(panel.queries().getFirst().expression(), true).getFirst().last();
  }

  @Test
  void pictures_are_small_and_show_every_panel() throws Exception {
    Picture.write(asked, pictures);
    for (var dashboard : Dashboards.all()) {
      var text = Files.readString(pictures.resolve(Picture.fileName(dashboard)));
      int size = text.getBytes(StandardCharsets.UTF_8).length;
      assertTrue(size < PICTURE_BYTES_MOST, dashboard.name() + " has " + size + " bytes");
      for (var row : dashboard.rows()) {
        for (var panel : row.panels()) {
          assertTrue(text.contains(">" + panel.title() + "<"), panel.title());
        }
      }
    }
  }
}
