package dev.lifeboat.collector;

import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.List;
import java.util.Locale;

/// The contract of one metric: what scrapers, rules, dashboards and `docs/metrics.md` may rely on.
///
/// @param name as exposed in the text format, with `_total` on counters and `_info` on infos
/// @param unit `seconds`, `bytes`, or empty for a bare number; the name ends with it
/// @param labels in the order in which values are given to [Samples]
/// @param metadata the client library's view: without the suffix that it adds by itself
public record Metric(
    String name,
    Type type,
    String help,
    String unit,
    List<String> labels,
    MetricMetadata metadata) {
  public enum Type {
    GAUGE,
    COUNTER,
    HISTOGRAM,
    SUMMARY,
    INFO;

    /// As written after `# TYPE` in the text format, which has no infos.
    public String label() {
      return this == INFO ? "gauge" : name().toLowerCase(Locale.ROOT);
    }
  }

  public Metric {
    labels = List.copyOf(labels);
    require(type == Type.COUNTER == name.endsWith("_total"), name, "_total is for counters alone");
    require(type == Type.INFO == name.endsWith("_info"), name, "_info is for infos alone");
    require(
        unit.isEmpty() || bare(name, type).endsWith("_" + unit), name, "does not end with " + unit);
    require(!help.isBlank() && !help.endsWith("."), name, "needs a help text without a full stop");
  }

  public static Metric gauge(String name, String help, String... labels) {
    return of(name, Type.GAUGE, help, labels);
  }

  public static Metric counter(String name, String help, String... labels) {
    return of(name, Type.COUNTER, help, labels);
  }

  public static Metric histogram(String name, String help, String... labels) {
    return of(name, Type.HISTOGRAM, help, labels);
  }

  public static Metric summary(String name, String help, String... labels) {
    return of(name, Type.SUMMARY, help, labels);
  }

  public static Metric info(String name, String help, String... labels) {
    return of(name, Type.INFO, help, labels);
  }

  private static Metric of(String name, Type type, String help, String... labels) {
    String bare = bare(name, type);
    String unit = bare.endsWith("_seconds") ? "seconds" : bare.endsWith("_bytes") ? "bytes" : "";
    MetricMetadata metadata =
        unit.isEmpty()
            ? new MetricMetadata(bare, help)
            : new MetricMetadata(bare, help, new Unit(unit));
    return new Metric(name, type, help, unit, List.of(labels), metadata);
  }

  private static String bare(String name, Type type) {
    return switch (type) {
      case COUNTER -> name.replaceFirst("_total$", "");
      case INFO -> name.replaceFirst("_info$", "");
      case GAUGE, HISTOGRAM, SUMMARY -> name;
    };
  }

  private static void require(boolean right, String name, String rule) {
    if (!right) {
      throw new IllegalArgumentException("metric " + name + ": " + rule);
    }
  }
}
