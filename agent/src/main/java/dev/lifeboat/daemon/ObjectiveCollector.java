package dev.lifeboat.daemon;

import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.Metric;
import dev.lifeboat.collector.Samples;
import dev.lifeboat.objective.Judgement;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// What may be lost, and whether schedule and stores can keep that.
///
/// ```
/// vault_objective_recovery_time_seconds{scenario="cluster-loss"} 1800.0
/// vault_objective_data_loss_seconds{scenario="cluster-loss"} 3600.0
/// vault_objective_data_loss_promised_seconds{scenario="cluster-loss"} 86400.0
/// vault_objective_data_loss_met{scenario="cluster-loss"} 0.0
/// ```
public final class ObjectiveCollector implements Collector {
  static final Metric RECOVERY_TIME =
      Metric.gauge(
          "vault_objective_recovery_time_seconds",
          "How long recovery may take, by the configuration",
          "scenario");
  static final Metric DATA_LOSS =
      Metric.gauge(
          "vault_objective_data_loss_seconds",
          "How old the newest data may be that comes back, by the configuration",
          "scenario");
  static final Metric PROMISED =
      Metric.gauge(
          "vault_objective_data_loss_promised_seconds",
          "How old it is at the worst, by schedule and stores; absent when nothing may come back",
          "scenario");
  static final Metric MET =
      Metric.gauge(
          "vault_objective_data_loss_met",
          "1 when schedule and stores can keep the data loss within its target",
          "scenario");

  static final List<Metric> METRICS = List.of(RECOVERY_TIME, DATA_LOSS, PROMISED, MET);

  private final LifeboatConfig config;
  private final Supplier<Duration> interval;

  /// @param interval zero until it was measured
  ObjectiveCollector(LifeboatConfig config, Supplier<Duration> interval) {
    this.config = config;
    this.interval = interval;
  }

  @Override
  public String name() {
    return "objective";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    config
        .objectives()
        .targets()
        .forEach(
            (scenario, targets) -> {
              targets
                  .recoveryTime()
                  .ifPresent(time -> samples.add(RECOVERY_TIME, time, scenario.label()));
              targets.dataLoss().ifPresent(loss -> samples.add(DATA_LOSS, loss, scenario.label()));
            });
    Duration measured = interval.get();
    boolean scheduled = config.backup().filter(b -> !b.schedules().isEmpty()).isPresent();
    if (scheduled && measured.isZero()) {
      return samples.snapshots();
    }
    Optional<Duration> known = scheduled ? Optional.of(measured) : Optional.empty();
    for (Judgement judgement : ObjectiveFacts.judge(config, known)) {
      String scenario = judgement.scenario().label();
      judgement.promised().ifPresent(promised -> samples.add(PROMISED, promised, scenario));
      samples.add(MET, judgement.met(), scenario);
    }
    return samples.snapshots();
  }
}
