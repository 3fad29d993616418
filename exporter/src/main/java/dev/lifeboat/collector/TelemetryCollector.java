package dev.lifeboat.collector;

import dev.lifeboat.telemetry.Relay;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;

/// What the [Relay] passes on and what it leaves out; the telemetry itself comes after all other
/// metrics of the page.
///
/// ```
/// vault_exporter_telemetry_up 1.0
/// vault_exporter_telemetry_series 812.0
/// vault_exporter_telemetry_left_out_series{reason="not_allowed"} 140.0
/// ```
public final class TelemetryCollector implements Collector {
  static final Metric UP =
      Metric.gauge(
          "vault_exporter_telemetry_up",
          "1 when the node gave its telemetry at the last fetch; absent when it was not asked");
  static final Metric SERIES =
      Metric.gauge(
          "vault_exporter_telemetry_series", "Samples of the node's telemetry that are passed on");
  static final Metric LEFT_OUT =
      Metric.gauge(
          "vault_exporter_telemetry_left_out_series",
          "Samples of the node's telemetry that are not passed on",
          "reason");

  public static final List<Metric> METRICS = List.of(UP, SERIES, LEFT_OUT);

  private final Relay relay;

  public TelemetryCollector(Relay relay) {
    this.relay = relay;
  }

  @Override
  public String name() {
    return "telemetry";
  }

  @Override
  public List<String> problems() {
    return relay.problems();
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    Relay.Facts facts = relay.facts();
    facts
        .up()
        .ifPresent(
            up -> {
              samples.add(UP, up);
              samples.add(SERIES, facts.series());
              samples.add(LEFT_OUT, facts.notAllowed(), "not_allowed");
              samples.add(LEFT_OUT, facts.overLimit(), "limit");
              samples.add(LEFT_OUT, facts.contradictions(), "contradiction");
            });
    return samples.snapshots();
  }
}
