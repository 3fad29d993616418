package dev.lifeboat.collector;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// The samples of one collection, gathered by metric.
///
/// What is not known is not added: an empty optional and a number that is not finite leave nothing
/// behind. Two samples of one metric with equal labels are a bug of the caller and fail in
/// [#snapshots].
public final class Samples {
  private final Map<Metric, List<DataPointSnapshot>> points = new LinkedHashMap<>();

  /// A gauge or a counter.
  public void add(Metric metric, double value, String... labelValues) {
    if (!Double.isFinite(value)) {
      return;
    }
    Labels labels = labels(metric, labelValues);
    points(metric)
        .add(
            switch (metric.type()) {
              case GAUGE -> new GaugeDataPointSnapshot(value, labels, null);
              case COUNTER -> new CounterDataPointSnapshot(value, labels, null, 0);
              case HISTOGRAM, SUMMARY, INFO ->
                  throw new IllegalStateException(metric.name() + " is not a plain number");
            });
  }

  /// Exact up to 2^53, as every number in Prometheus.
  public void add(Metric metric, long value, String... labelValues) {
    add(metric, (double) value, labelValues);
  }

  public void add(Metric metric, boolean value, String... labelValues) {
    add(metric, value ? 1L : 0L, labelValues);
  }

  /// A `_timestamp_seconds` gauge, exact to the millisecond.
  public void add(Metric metric, Instant value, String... labelValues) {
    add(metric, value.toEpochMilli() / 1000.0, labelValues);
  }

  public void add(Metric metric, Duration value, String... labelValues) {
    add(metric, value.toNanos() / 1e9, labelValues);
  }

  public void add(Metric metric, OptionalLong value, String... labelValues) {
    value.ifPresent(number -> add(metric, number, labelValues));
  }

  public void info(Metric metric, String... labelValues) {
    points(metric).add(new InfoDataPointSnapshot(labels(metric, labelValues)));
  }

  /// A count and a sum without quantiles.
  public void summary(Metric metric, long count, double sum, String... labelValues) {
    points(metric)
        .add(
            new SummaryDataPointSnapshot(
                count, sum, Quantiles.EMPTY, labels(metric, labelValues), Exemplars.EMPTY, 0));
  }

  /// Everything added so far, and `others` that the client library counted itself.
  public MetricSnapshots snapshots(MetricSnapshot... others) {
    List<MetricSnapshot> all = new ArrayList<>(List.of(others));
    points.forEach((metric, list) -> all.add(snapshot(metric, list)));
    return new MetricSnapshots(all);
  }

  private static MetricSnapshot snapshot(Metric metric, List<DataPointSnapshot> list) {
    return switch (metric.type()) {
      case GAUGE -> new GaugeSnapshot(metric.metadata(), cast(list, GaugeDataPointSnapshot.class));
      case COUNTER ->
          new CounterSnapshot(metric.metadata(), cast(list, CounterDataPointSnapshot.class));
      case SUMMARY ->
          new SummarySnapshot(metric.metadata(), cast(list, SummaryDataPointSnapshot.class));
      case INFO -> new InfoSnapshot(metric.metadata(), cast(list, InfoDataPointSnapshot.class));
      case HISTOGRAM -> throw new IllegalStateException(metric.name() + " is counted elsewhere");
    };
  }

  private static <T> List<T> cast(List<DataPointSnapshot> list, Class<T> type) {
    return list.stream().map(type::cast).toList();
  }

  private List<DataPointSnapshot> points(Metric metric) {
    return points.computeIfAbsent(metric, key -> new ArrayList<>());
  }

  private static Labels labels(Metric metric, String... values) {
    if (values.length != metric.labels().size()) {
      throw new IllegalStateException(
          "%s takes the labels %s, found %d values"
              .formatted(metric.name(), metric.labels(), values.length));
    }
    return Labels.of(metric.labels(), List.of(values));
  }
}
