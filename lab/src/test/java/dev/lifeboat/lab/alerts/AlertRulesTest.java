package dev.lifeboat.lab.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

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
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The alert rules in the real `promtool`: each fires when it should, not before, and nothing else
/// does.
class AlertRulesTest {
  private static final Pattern DASHBOARD = Pattern.compile("dashboard_url: /d/lifeboat-([a-z]+)\n");

  private static final List<Story> STORIES =
      Stream.of(
              NodeStories.all(),
              ClusterStories.all(),
              BackupStories.all(),
              StorageStories.all(),
              ExporterStories.all(),
              MachineStories.all(),
              SloStories.all(),
              NativeStories.all(),
              FrontDoorStories.all())
          .flatMap(List::stream)
          .toList();

  @TempDir Path folder;

  static List<Story> quiet() {
    return STORIES.stream().filter(story -> story.title().startsWith("a healthy ")).toList();
  }

  @Execution(CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("quiet")
  void no_rule_fires_on_a_healthy_cluster(Story story) {
    assertEquals(Optional.empty(), new Promtool(folder).play(AlertRule.all(), story));
  }

  static List<Story> others() {
    return STORIES.stream().filter(story -> !story.title().startsWith("a healthy ")).toList();
  }

  /// A rule that sees nothing but what a healthy cluster has does what it does there.
  @Execution(CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("others")
  void every_story_ends_as_it_says(Story story) {
    List<AlertRule> rules = AlertRule.all().stream().filter(story::differsFor).toList();
    assertTrue(
        rules.stream().map(AlertRule::name).collect(Collectors.toSet()).containsAll(story.alerts()),
        story.title());

    assertEquals(Optional.empty(), new Promtool(folder).play(rules, story));
  }

  static Stream<AlertRule> alerts() {
    return AlertRule.all().stream()
        .filter(AlertRule::isAlert)
        .filter(rule -> !rule.name().equals(Story.WATCHDOG));
  }

  /// Whoever edits a rule by accident is told by a test.
  @Execution(CONCURRENT)
  @ParameterizedTest(name = "{0}")
  @MethodSource("alerts")
  void no_threshold_window_offset_matcher_or_time_can_be_changed_unnoticed(AlertRule rule) {
    assertTrue(
        STORIES.stream().anyMatch(story -> story.isAbout(rule.name())),
        rule.name() + " never fires");
    List<Story> concerned =
        STORIES.stream()
            .filter(story -> story.differsFor(rule) || story.isAbout(rule.name()))
            .sorted(cheapest(rule))
            .toList();
    Promtool promtool = new Promtool(folder);
    List<Mutant> unnoticed = Mutant.of(rule);
    for (Story story : concerned) {
      unnoticed = promtool.unnoticed(unnoticed, story);
    }
    assertEquals(List.of(), unnoticed.stream().map(each -> each.changed().text()).toList());
  }

  /// Those that it is about first, which notice most.
  private static Comparator<Story> cheapest(AlertRule rule) {
    return Comparator.<Story, Boolean>comparing(story -> !story.isAbout(rule.name()))
        .thenComparingLong(Story::evaluations);
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
