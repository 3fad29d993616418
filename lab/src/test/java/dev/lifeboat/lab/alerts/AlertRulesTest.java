package dev.lifeboat.lab.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The alert rules in the real `promtool`: each fires when it should, not before, and nothing else
/// does.
class AlertRulesTest {
  private static final Pattern NUMBER =
      Pattern.compile("(?<![\\w.\\[\"])(\\d+(?:\\.\\d+)?)(?![\\w.])");
  private static final Pattern WINDOW = Pattern.compile("\\[(\\d+)([smhd])]");
  private static final Pattern MATCHER = Pattern.compile("(=~?\")([^\"]+)\"");

  private static final Pattern DASHBOARD = Pattern.compile("dashboard_url: /d/lifeboat-([a-z]+)\n");

  @TempDir Path folder;

  static List<Story> stories() {
    List<Story> all = new ArrayList<>();
    all.addAll(NodeStories.all());
    all.addAll(ClusterStories.all());
    all.addAll(BackupStories.all());
    all.addAll(StorageStories.all());
    all.addAll(ExporterStories.all());
    all.addAll(MachineStories.all());
    all.addAll(SloStories.all());
    all.addAll(NativeStories.all());
    all.addAll(FrontDoorStories.all());
    return all;
  }

  static List<Story> quiet() {
    return stories().stream().filter(story -> story.title().startsWith("a healthy ")).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("quiet")
  void no_rule_fires_on_a_healthy_cluster(Story story) {
    assertEquals(Optional.empty(), new Promtool(folder).play(AlertRule.all(), List.of(story)));
  }

  static List<Story> others() {
    return stories().stream().filter(story -> !story.title().startsWith("a healthy ")).toList();
  }

  /// A rule that sees nothing but what a healthy cluster has does what it does there.
  @ParameterizedTest(name = "{0}")
  @MethodSource("others")
  void every_story_ends_as_it_says(Story story) {
    List<AlertRule> rules = AlertRule.all().stream().filter(story::differsFor).toList();
    assertTrue(
        rules.stream().map(AlertRule::name).collect(Collectors.toSet()).containsAll(story.alerts()),
        story.title());

    assertEquals(Optional.empty(), new Promtool(folder).play(rules, List.of(story)));
  }

  static Stream<AlertRule> alerts() {
    return AlertRule.all().stream()
        .filter(AlertRule::isAlert)
        .filter(rule -> !rule.name().equals(Story.WATCHDOG));
  }

  /// Whoever edits a rule by accident is told by a test.
  @ParameterizedTest(name = "{0}")
  @MethodSource("alerts")
  void no_threshold_window_matcher_or_time_can_be_changed_unnoticed(AlertRule rule) {
    Promtool promtool = new Promtool(folder);
    List<Story> about = stories().stream().filter(story -> story.isAbout(rule.name())).toList();
    assertTrue(!about.isEmpty(), rule.name() + " never fires");
    List<Story> concerned =
        stories().stream()
            .filter(story -> story.differsFor(rule) || story.isAbout(rule.name()))
            .sorted(Comparator.comparingLong(Story::evaluations))
            .toList();
    List<String> unnoticed =
        mutants(rule).parallelStream()
            .filter(
                mutant ->
                    concerned.stream()
                        .allMatch(
                            story -> promtool.play(List.of(mutant), List.of(story)).isEmpty()))
            .map(AlertRule::text)
            .toList();
    assertEquals(List.of(), unnoticed);
  }

  private static List<AlertRule> mutants(AlertRule rule) {
    List<AlertRule> mutants = new ArrayList<>(rule.withFor(0.5, 2));
    String expression = rule.expression();
    replace(expression, NUMBER, AlertRulesTest::others).stream()
        .map(rule::withExpression)
        .forEach(mutants::add);
    replace(expression, WINDOW, AlertRulesTest::windows).stream()
        .map(rule::withExpression)
        .forEach(mutants::add);
    replace(expression, MATCHER, found -> List.of(found.group(1) + found.group(2) + "x\"")).stream()
        .map(rule::withExpression)
        .forEach(mutants::add);
    return mutants;
  }

  private interface Others {
    List<String> of(Matcher found);
  }

  private static List<String> replace(String text, Pattern pattern, Others others) {
    List<String> all = new ArrayList<>();
    Matcher found = pattern.matcher(text);
    while (found.find()) {
      for (String other : others.of(found)) {
        all.add(text.substring(0, found.start()) + other + text.substring(found.end()));
      }
    }
    return all;
  }

  private static List<String> others(Matcher found) {
    double number = Double.parseDouble(found.group(1));
    if (number == 0) {
      return List.of("-1", "2");
    }
    return number < 20 && number == Math.rint(number)
        ? List.of(Long.toString((long) number - 1), Long.toString((long) number + 1))
        : List.of(Double.toString(number * 0.9), Double.toString(number * 1.1));
  }

  private static List<String> windows(Matcher found) {
    long seconds = AlertRule.seconds(found);
    return List.of("[%ds]".formatted(seconds * 9 / 10), "[%ds]".formatted(seconds * 11 / 10));
  }

  @Test
  void promtool_finds_nothing_wrong() {
    List<String> command =
        new ArrayList<>(List.of(Servers.promtool().toString(), "check", "rules"));
    AlertRule.all().stream().map(rule -> rule.file().toString()).distinct().forEach(command::add);

    assertEquals(Optional.empty(), Promtool.said(command));
  }

  @Test
  void amtool_finds_nothing_wrong_with_the_example() {
    String example = AlertRule.folder().resolve("alertmanager.example.yml").toString();

    assertEquals(
        Optional.empty(),
        Promtool.said(List.of(Servers.amtool().toString(), "check-config", example)));
  }

  static List<List<String>> routes() {
    return List.of(
        List.of("pager,chat,mail", "alertname=VaultSealed", "severity=critical"),
        List.of("chat,mail", "alertname=VaultClockSkew", "severity=warning"),
        List.of("mail", "alertname=VaultVersionSkew", "severity=info"),
        List.of("dead-mans-switch", "alertname=Watchdog", "severity=none"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("routes")
  void each_severity_reaches_whom_it_should(List<String> route) {
    String example = AlertRule.folder().resolve("alertmanager.example.yml").toString();
    List<String> command =
        new ArrayList<>(List.of(Servers.amtool().toString(), "config", "routes", "test"));
    command.addAll(List.of("--config.file=" + example, "--verify.receivers=" + route.getFirst()));
    command.addAll(route.subList(1, route.size()));

    assertEquals(Optional.empty(), Promtool.said(command));
  }

  @Test
  void every_rule_names_metrics_that_exist() throws Exception {
    Set<String> known = KnownSeries.names();
    known.addAll(RecordedHaproxy.metrics());
    Set<String> named = new TreeSet<>();
    for (AlertRule rule : AlertRule.all()) {
      Matcher metric =
          Pattern.compile("\\b(?:vault|process|jvm|haproxy)_[a-zA-Z_]+|\\bup\\b")
              .matcher(rule.expression().replaceAll("\"[^\"]*\"", ""));
      while (metric.find()) {
        named.add(metric.group());
      }
    }
    named.removeAll(known);
    assertEquals(Set.of(), named);
  }

  @Test
  void every_alert_has_a_severity_its_annotations_a_runbook_and_a_dashboard() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (AlertRule rule : AlertRule.all().stream().filter(AlertRule::isAlert).toList()) {
      String text = rule.text();
      if (!text.matches("(?s).*severity: (critical|warning|info|none) }.*")
          || !text.contains("summary: ")
          || !text.contains("description: ")) {
        wrong.add(rule.name());
      }
      Path runbook = Checkout.root().resolve("docs/runbooks/" + rule.name() + ".md");
      if (!text.contains("runbook_url: docs/runbooks/" + rule.name() + ".md")
          || !Files.exists(runbook)) {
        wrong.add(rule.name() + " has no runbook");
      }
      Matcher dashboard = DASHBOARD.matcher(text);
      if (!dashboard.find()
          || !Files.exists(
              Checkout.root().resolve("grafana-dashboards/" + dashboard.group(1) + ".json"))) {
        wrong.add(rule.name() + " has no dashboard");
      }
    }
    assertEquals(List.of(), wrong);
  }
}
