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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// Plays stories through rules with the real `promtool`.
final class Promtool {
  private static final Pattern MUTANT = Pattern.compile("\\bMutant(\\d+)\\b");

  /// How `promtool` says that something is no rule, or that it cannot be evaluated, and stops: what
  /// it would have said of the others is not known.
  private static final Pattern BROKEN = Pattern.compile("^    rule: |: group \"");

  private final Path folder;
  private final AtomicInteger runs = new AtomicInteger();

  Promtool(Path folder) {
    this.folder = folder;
  }

  /// What is wrong; empty when the story goes as it says. Only alerts among the rules count.
  Optional<String> play(List<AlertRule> rules, Story story) {
    Set<String> alerts =
        rules.stream()
            .filter(AlertRule::isAlert)
            .map(AlertRule::name)
            .collect(Collectors.toCollection(TreeSet::new));
    List<Map<String, Object>> expected = new ArrayList<>();
    for (Story.Moment moment : story.moments()) {
      Set<String> firing = new TreeSet<>(moment.firing());
      firing.add(Story.WATCHDOG);
      firing.retainAll(alerts);
      expected.add(expected(moment.at(), "", firing));
    }
    return run(rules, rules, story, expected);
  }

  /// Those of mutants with which the story goes as it says. All are played at once under names of
  /// their own: what takes time is to start `promtool` and to load what was scraped.
  List<Mutant> unnoticed(List<Mutant> mutants, Story story) {
    if (mutants.isEmpty()) {
      return mutants;
    }
    List<Map<String, Object>> expected = new ArrayList<>();
    List<AlertRule> renamed = new ArrayList<>();
    for (int i = 0; i < mutants.size(); i++) {
      String name = "Mutant" + i;
      renamed.add(mutants.get(i).changed().named(name));
      for (Story.Moment moment : story.moments()) {
        boolean fires = moment.firing().contains(mutants.get(i).rule().name());
        expected.add(
            expected(moment.at(), "alertname=\"" + name + "\",", fires ? Set.of(name) : Set.of()));
      }
    }
    List<AlertRule> rules = mutants.stream().map(Mutant::rule).distinct().toList();
    String said = run(rules, renamed, story, expected).orElse("");
    if (said.isEmpty()) {
      return mutants;
    }
    Set<Integer> noticed =
        MUTANT
            .matcher(said)
            .results()
            .map(found -> Integer.valueOf(found.group(1)))
            .collect(Collectors.toSet());
    if (noticed.isEmpty()) {
      throw new LabException(story + ": " + said);
    }
    List<Mutant> others =
        IntStream.range(0, mutants.size())
            .filter(i -> !noticed.contains(i))
            .mapToObj(mutants::get)
            .toList();
    return said.lines().anyMatch(line -> BROKEN.matcher(line).find())
        ? unnoticed(others, story)
        : others;
  }

  /// @param rules what they ask for is loaded
  /// @param played the same under other names
  private Optional<String> run(
      List<AlertRule> rules,
      List<AlertRule> played,
      Story story,
      List<Map<String, Object>> expected) {
    try {
      Path work = Files.createDirectory(folder.resolve("run-" + runs.getAndIncrement()));
      Path file = work.resolve("rules.yaml");
      Files.writeString(file, text(played, story));
      Path tests = work.resolve("tests.yaml");
      Files.writeString(tests, tests(file, rules, story, expected));
      return said(List.of(Servers.promtool().toString(), "test", "rules", tests.toString()));
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

  /// What is not a number comes first, then what alerts stand on, in the same evaluation.
  private static String text(List<AlertRule> rules, Story story) {
    return Stream.of(
            story.undefined().stream(),
            rules.stream().flatMap(rule -> rule.recordings().stream()).map(AlertRule::text),
            rules.stream().map(AlertRule::text))
        .flatMap(texts -> texts)
        .distinct()
        .collect(Collectors.joining("", "groups:\n  - name: all\n    rules:\n", ""));
  }

  /// In JSON, which is YAML.
  private static String tests(
      Path file, List<AlertRule> rules, Story story, List<Map<String, Object>> expected) {
    String step = story.step().toSeconds() + "s";
    List<Map<String, String>> series =
        story.series().entrySet().stream()
            .filter(each -> isAsked(each.getKey(), rules))
            .map(each -> Map.of("series", each.getKey(), "values", each.getValue()))
            .toList();
    Map<String, Object> test =
        Map.of(
            "name",
            story.title(),
            "interval",
            step,
            "input_series",
            series,
            "promql_expr_test",
            expected);
    return JsonMapper.shared()
        .writeValueAsString(
            Map.of(
                "rule_files",
                List.of(file.toString()),
                "evaluation_interval",
                step,
                "tests",
                List.of(test)));
  }

  /// What no rule looks at need not be loaded, a fortnight of it least of all.
  private static boolean isAsked(String series, List<AlertRule> rules) {
    return series.startsWith(Story.ZERO)
        || rules.stream().anyMatch(rule -> rule.names(Story.metric(series)));
  }

  /// @param matcher of those that are looked at
  private static Map<String, Object> expected(Duration at, String matcher, Set<String> firing) {
    return Map.of(
        "eval_time",
        at.toSeconds() + "s",
        "expr",
        "group by (alertname) (ALERTS{" + matcher + "alertstate=\"firing\"})",
        "exp_samples",
        firing.stream()
            .map(alert -> Map.of("labels", "{alertname=\"" + alert + "\"}", "value", 1))
            .toList());
  }
}
