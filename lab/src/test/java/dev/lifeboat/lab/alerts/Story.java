package dev.lifeboat.lab.alerts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What Prometheus scrapes of three nodes over some time, and exactly which alerts fire when. It
/// begins with a healthy cluster, of which `a` is active, and says what differs.
final class Story {
  /// By alert and time, without [#WATCHDOG], which always fires.
  record Moment(Duration at, Set<String> firing) {}

  static final String WATCHDOG = "Watchdog";

  /// Begins the name of a series that is 0, for making something that is not a number.
  static final String ZERO = "zero_of_";

  private static final Duration LOOK = Duration.ofSeconds(15);

  private final String title;
  private final Duration step;
  private final Duration length;
  private final Map<String, String> series = new LinkedHashMap<>();
  private final List<Moment> moments = new ArrayList<>();
  private final Set<String> changed = new TreeSet<>();
  private final Set<String> undefined = new TreeSet<>();

  private Story(String title, Duration step, Duration length) {
    this.title = title;
    this.step = step;
    this.length = length;
  }

  /// Minutes, looked at every 15 seconds.
  static Story ofMinutes(String title, int minutes) {
    return healthy(new Story(title, LOOK, Duration.ofMinutes(minutes)));
  }

  /// Hours, looked at every two minutes.
  static Story ofHours(String title, int hours) {
    return healthy(new Story(title, Duration.ofMinutes(2), Duration.ofHours(hours)));
  }

  /// Days, looked at every hour: too seldom for any rule that looks at less.
  static Story ofManyDays(String title, int days) {
    return healthy(new Story(title, Duration.ofHours(1), Duration.ofDays(days)));
  }

  /// Days, looked at every five minutes.
  static Story ofDays(String title, int days) {
    return healthy(new Story(title, Duration.ofMinutes(5), Duration.ofDays(days)));
  }

  private static Story healthy(Story story) {
    Healthy.series(story.step).forEach(story::always);
    story.changed.clear();
    return story;
  }

  String title() {
    return title;
  }

  Duration step() {
    return step;
  }

  /// How often the rules are evaluated.
  long evaluations() {
    return steps(length);
  }

  Map<String, String> series() {
    return series;
  }

  List<Moment> moments() {
    return moments;
  }

  private void put(String name, String values) {
    series.put(name, values);
    changed.add(metric(name));
  }

  /// The name without labels.
  static String metric(String series) {
    return series.substring(0, series.indexOf('{'));
  }

  /// Whether a rule sees anything in it that it does not see in a healthy cluster.
  boolean differsFor(AlertRule rule) {
    return changed.stream().anyMatch(rule::names);
  }

  /// All that fire at any time.
  Set<String> alerts() {
    Set<String> all = new TreeSet<>();
    moments.forEach(moment -> all.addAll(moment.firing()));
    return all;
  }

  @Override
  public String toString() {
    return title;
  }

  boolean isAbout(String alert) {
    return moments.stream().anyMatch(moment -> moment.firing().contains(alert));
  }

  /// @param value one value for the whole time, or `begin+growth` for each step
  Story always(String name, String value) {
    put(name, value + "x" + steps(length));
    return this;
  }

  /// A value until a time, and another one from then on.
  ///
  /// @param after `gone`: no longer scraped
  Story change(String name, String before, String at, String after) {
    long samples = steps(time(at));
    String end = after.equals("gone") ? "stale" : "%sx%d".formatted(after, steps(length) - samples);
    put(name, "%sx%d %s".formatted(before, samples - 1, end));
    return this;
  }

  /// Not scraped until a time, and a value from then on.
  Story appears(String name, String at, String value) {
    long samples = steps(time(at));
    put(name, "_x%d %sx%d".formatted(samples, value, steps(length) - samples));
    return this;
  }

  /// Values as `promtool` writes them, for what neither of the others can say.
  Story values(String name, String values) {
    put(name, values);
    return this;
  }

  /// Scraped and not a number the whole time. `promtool` 2.42 cannot write that: it is calculated.
  Story notANumber(String name) {
    series.remove(name);
    changed.add(metric(name));
    undefined.add(metric(name));
    series.put(ZERO + name, "0x" + steps(length));
    return this;
  }

  /// Rules that make what is not a number, as they stand in a file.
  List<String> undefined() {
    return undefined.stream()
        .map(
            name ->
                "      - record: %1$s\n        expr: %2$s%1$s / %2$s%1$s\n".formatted(name, ZERO))
        .toList();
  }

  /// Everything whose name contains this text is scraped until a time and no longer.
  Story goes(String text, String at) {
    for (var each : Map.copyOf(series).entrySet()) {
      if (each.getKey().contains(text)) {
        change(each.getKey(), each.getValue().replaceFirst("x\\d+$", ""), at, "gone");
      }
    }
    return this;
  }

  /// Nothing whose name contains this text is ever scraped.
  Story without(String text) {
    for (String name : List.copyOf(series.keySet())) {
      if (name.contains(text)) {
        series.remove(name);
        changed.add(metric(name));
      }
    }
    return this;
  }

  /// Exactly these fire at that time.
  Story at(String time, String... alerts) {
    moments.add(new Moment(time(time), new TreeSet<>(Arrays.asList(alerts))));
    return this;
  }

  /// Nothing fires one step before a time, and exactly these then.
  Story first(String time, String... alerts) {
    moments.add(new Moment(time(time).minus(step), new TreeSet<>()));
    return at(time, alerts);
  }

  private long steps(Duration time) {
    return time.dividedBy(step);
  }

  /// `1d2h3m4s`, any of them.
  static Duration time(String text) {
    int days = text.indexOf('d');
    String rest = text.substring(days + 1);
    Duration time = Duration.ofDays(days < 0 ? 0 : Long.parseLong(text.substring(0, days)));
    return rest.isEmpty() ? time : time.plus(Duration.parse("PT" + rest));
  }
}
