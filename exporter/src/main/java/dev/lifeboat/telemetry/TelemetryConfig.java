package dev.lifeboat.telemetry;

import dev.lifeboat.config.Section;
import java.time.Duration;
import java.util.List;

/// The `collectors.telemetry` block.
///
/// @param login whether it is asked for with our token
/// @param interval between two fetches
/// @param allow names of metrics, `*` at the end for all that begin so
/// @param seriesLimit at most so many samples are passed on
public record TelemetryConfig(
    boolean enabled, boolean login, Duration interval, List<String> allow, int seriesLimit) {
  public TelemetryConfig {
    allow = List.copyOf(allow);
  }

  public static TelemetryConfig from(Section telemetry) {
    List<String> allow = telemetry.texts("allow");
    for (String pattern : allow) {
      if (!pattern.matches("[a-zA-Z_:][a-zA-Z0-9_:]*\\*?|\\*")) {
        telemetry.problem(
            "allow",
            "expected the name of a metric, found \"" + pattern + "\"",
            "such as vault_core_*; a * stands at the end only");
      }
    }
    return new TelemetryConfig(
        telemetry.flag("enabled"),
        telemetry.flag("login"),
        telemetry.duration("interval", Duration.ofSeconds(1), Duration.ofMinutes(5)),
        allow,
        telemetry.number("series-limit", 1, 100_000));
  }
}
