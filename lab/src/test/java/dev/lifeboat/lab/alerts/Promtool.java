package dev.lifeboat.lab.alerts;

import dev.lifeboat.lab.LabException;
import dev.lifeboat.lab.Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/// Plays stories through rules with the real `promtool`.
final class Promtool {
  private static final String FIRING = "group by (alertname) (ALERTS{alertstate=\"firing\"})";

  private final Path folder;
  private final AtomicInteger runs = new AtomicInteger();

  Promtool(Path folder) {
    this.folder = folder;
  }

  /// What is wrong; empty when every story goes as it says. Only alerts among the rules count.
  Optional<String> play(List<AlertRule> rules, List<Story> stories) {
    if (stories.isEmpty()) {
      return Optional.empty(); // promtool takes no tests for wrong arguments
    }
    try {
      Path work = Files.createDirectory(folder.resolve("run-" + runs.getAndIncrement()));
      Path file = work.resolve("rules.yaml");
      Files.writeString(file, text(rules, stories));
      List<String> command =
          new ArrayList<>(List.of(Servers.promtool().toString(), "test", "rules"));
      // Rules are evaluated as often as a file of tests says.
      Map<Duration, List<Story>> bySteps =
          stories.stream()
              .collect(Collectors.groupingBy(Story::step, TreeMap::new, Collectors.toList()));
      for (var each : bySteps.entrySet()) {
        Path tests = work.resolve("tests-" + each.getKey().toSeconds() + ".yaml");
        Files.writeString(tests, tests(file, each.getKey(), each.getValue(), rules));
        command.add(tests.toString());
      }
      return said(command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Optional<String> said(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.empty() : Optional.of(said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }

  private static List<String> names(List<AlertRule> rules) {
    return rules.stream().filter(AlertRule::isAlert).map(AlertRule::name).toList();
  }

  /// What is not a number comes first, then what alerts stand on, in the same evaluation.
  private static String text(List<AlertRule> rules, List<Story> stories) {
    Set<String> texts = new LinkedHashSet<>();
    stories.stream().flatMap(story -> story.undefined().stream()).forEach(texts::add);
    rules.stream().flatMap(rule -> rule.recordings().stream()).forEach(r -> texts.add(r.text()));
    rules.forEach(rule -> texts.add(rule.text()));
    return texts.stream()
        .collect(Collectors.joining("", "groups:\n  - name: all\n    rules:\n", ""));
  }

  /// In JSON, which is YAML.
  private static String tests(
      Path file, Duration step, List<Story> stories, List<AlertRule> rules) {
    List<String> alerts = names(rules);
    return JsonMapper.shared()
        .writeValueAsString(
            Map.of(
                "rule_files", List.of(file.toString()),
                "evaluation_interval", step.toSeconds() + "s",
                "tests", stories.stream().map(story -> test(story, alerts, rules)).toList()));
  }

  /// What no rule looks at need not be loaded, a fortnight of it least of all.
  private static boolean isAsked(String series, List<AlertRule> rules) {
    return series.startsWith(Story.ZERO)
        || rules.stream().anyMatch(rule -> rule.names(Story.metric(series)));
  }

  private static Map<String, Object> test(Story story, List<String> alerts, List<AlertRule> rules) {
    return Map.of(
        "name", story.title(),
        "interval", story.step().toSeconds() + "s",
        "input_series",
            story.series().entrySet().stream()
                .filter(each -> isAsked(each.getKey(), rules))
                .map(each -> Map.of("series", each.getKey(), "values", each.getValue()))
                .toList(),
        "promql_expr_test",
            story.moments().stream().map(moment -> expected(moment, alerts)).toList());
  }

  private static Map<String, Object> expected(Story.Moment moment, List<String> alerts) {
    List<String> firing = new ArrayList<>(moment.firing());
    firing.add(Story.WATCHDOG);
    return Map.of(
        "eval_time",
        moment.at().toSeconds() + "s",
        "expr",
        FIRING,
        "exp_samples",
        firing.stream()
            .filter(alerts::contains)
            .map(alert -> Map.of("labels", "{alertname=\"" + alert + "\"}", "value", 1))
            .toList());
  }
}
