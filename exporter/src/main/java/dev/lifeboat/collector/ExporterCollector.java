package dev.lifeboat.collector;

import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Reading;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// `vault_exporter_*`: how well we ourselves are doing, apart from what [`Exposition`] says of each
/// collector.
///
/// Two kinds of success, kept apart: a *collector* (`node`, `cluster`, …) turns the state in memory
/// into samples, an *endpoint* was asked of the node at the last poll. An endpoint that was not
/// asked, such as the cluster's on a standby, has no `vault_exporter_poll_success`.
///
/// ```
/// vault_exporter_build_info{version="0.1.0",revision="4f2a…",javaversion="25.0.1+8"} 1
/// vault_exporter_last_poll_timestamp_seconds 1.7643e9
/// vault_exporter_poll_success{endpoint="sys_health"} 1.0
/// vault_exporter_api_requests_total{endpoint="sys_health",code="200"} 17.0
/// vault_exporter_api_request_duration_seconds_bucket{endpoint="sys_health",le="0.005"} 16
/// vault_exporter_token_expiry_timestamp_seconds 1.7643e9
/// vault_exporter_config_last_reload_successful 1.0
/// vault_exporter_config_last_reload_success_timestamp_seconds 1.7643e9
/// ```
///
/// [`Exposition`]: dev.lifeboat.metrics.Exposition
public final class ExporterCollector implements Collector {
  static final Metric BUILD_INFO =
      Metric.info(
          "vault_exporter_build_info",
          "The version of this program",
          "version",
          "revision",
          "javaversion");
  static final Metric LAST_POLL =
      Metric.gauge(
          "vault_exporter_last_poll_timestamp_seconds",
          "When the poll ended that the node metrics come from");
  static final Metric POLL_SUCCESS =
      Metric.gauge(
          "vault_exporter_poll_success",
          "1 when the endpoint gave what it should at the last poll that asked it",
          "endpoint");
  static final Metric TOKEN_EXPIRY =
      Metric.gauge(
          "vault_exporter_token_expiry_timestamp_seconds",
          "When our token ends or has ended; absent without one and for one that never ends");
  static final Metric RELOAD_SUCCESSFUL =
      Metric.gauge(
          "vault_exporter_config_last_reload_successful",
          "1 when the configuration read last was taken over");
  static final Metric RELOAD_SUCCESS =
      Metric.gauge(
          "vault_exporter_config_last_reload_success_timestamp_seconds",
          "When the configuration in use was read");

  public static final List<Metric> METRICS =
      List.of(
          BUILD_INFO,
          LAST_POLL,
          POLL_SUCCESS,
          ApiRequests.REQUESTS,
          ApiRequests.DURATION,
          TOKEN_EXPIRY,
          RELOAD_SUCCESSFUL,
          RELOAD_SUCCESS);

  private final Build build;
  private final ApiRequests requests;
  private final Supplier<NodeState> state;
  private final Supplier<Optional<Instant>> tokenExpiry;
  private final Supplier<ConfigReload> reload;

  public ExporterCollector(
      Build build,
      ApiRequests requests,
      Supplier<NodeState> state,
      Supplier<Optional<Instant>> tokenExpiry,
      Supplier<ConfigReload> reload) {
    this.build = build;
    this.requests = requests;
    this.state = state;
    this.tokenExpiry = tokenExpiry;
    this.reload = reload;
  }

  @Override
  public String name() {
    return "exporter";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    samples.info(BUILD_INFO, build.version(), build.revision(), build.javaVersion());
    addPoll(samples, state.get());
    tokenExpiry.get().ifPresent(end -> samples.add(TOKEN_EXPIRY, end));
    ConfigReload last = reload.get();
    samples.add(RELOAD_SUCCESSFUL, last.successful());
    samples.add(RELOAD_SUCCESS, last.lastSuccess());
    return samples.snapshots(requests.snapshots());
  }

  private static void addPoll(Samples samples, NodeState now) {
    if (now.polls() > 0) {
      samples.add(LAST_POLL, now.at());
    }
    addReading(samples, "sys_health", now.health());
    addReading(samples, "sys_seal_status", now.sealStatus());
    addReading(samples, "sys_leader", now.leader());
    addReading(samples, "raft_configuration", now.raftConfiguration());
    addReading(samples, "raft_autopilot_state", now.autopilot());
    addReading(samples, "sys_ha_status", now.haStatus());
  }

  private static void addReading(Samples samples, String endpoint, Reading<?> reading) {
    switch (reading) {
      case Reading.Known<?> _ -> samples.add(POLL_SUCCESS, true, endpoint);
      case Reading.Failed<?> _ -> samples.add(POLL_SUCCESS, false, endpoint);
      case Reading.NotAsked<?> _ -> {}
    }
  }
}
