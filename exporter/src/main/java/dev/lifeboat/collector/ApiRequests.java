package dev.lifeboat.collector;

import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultException;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Counts and times every request made to a node; published by [ExporterCollector].
///
/// Labels are bounded: an endpoint or an outcome that is not listed here becomes `other`. Every
/// endpoint starts at 0 with its usual outcomes, so that the first failure is an increase; the
/// histograms of what is asked seldom begin with the first request, to keep the page short.
public final class ApiRequests implements RequestObserver {
  static final String OTHER = "other";

  static final Metric REQUESTS =
      Metric.counter(
          "vault_exporter_api_requests_total",
          "Requests made to the node; the code is the HTTP code or the reason why there is none",
          "endpoint",
          "code");
  static final Metric DURATION =
      Metric.histogram(
          "vault_exporter_api_request_duration_seconds",
          "Time until the answer was read, or its headers where it is a stream",
          "endpoint");

  /// What the watch and the backup ask all the time, as [RequestObserver] is told of it.
  private static final List<String> POLLED =
      List.of(
          "sys_health",
          "sys_seal_status",
          "sys_leader",
          "raft_configuration",
          "raft_autopilot_state",
          "sys_ha_status",
          "raft_snapshot",
          "auth_login",
          "auth_renew");

  /// What is asked now and then.
  private static final List<String> SELDOM =
      List.of(
          "sys_metrics",
          "sys_replication_status",
          "auth_lookup",
          "auth_revoke",
          "read",
          "list",
          "write",
          OTHER);

  private static final List<String> HEALTH_CODES =
      List.of("200", "429", "472", "473", "474", "501", "503", "530");
  private static final List<String> USUAL_CODES = List.of("200", "400", "403", "500", "503");
  private static final List<String> USUAL_REASONS =
      List.of("unreachable", "timeout", "truncated", "not_json", "tls", OTHER);
  private static final List<String> SELDOM_CODES = List.of("200", "403", "unreachable", OTHER);
  private static final List<String> RARE_CODES =
      List.of("204", "301", "302", "307", "308", "404", "405", "412", "502", "504");

  private static final double[] UPPER_BOUNDS_SECONDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  private final Set<String> outcomes = new HashSet<>();
  private final Counter requests =
      Counter.builder()
          .name(REQUESTS.name())
          .help(REQUESTS.help())
          .labelNames(REQUESTS.labels().toArray(String[]::new))
          .withoutExemplars()
          .build();
  private final Histogram duration =
      Histogram.builder()
          .name(DURATION.name())
          .help(DURATION.help())
          .unit(Unit.SECONDS)
          .labelNames(DURATION.labels().toArray(String[]::new))
          .classicOnly()
          .classicUpperBounds(UPPER_BOUNDS_SECONDS)
          .withoutExemplars()
          .build();

  public ApiRequests() {
    outcomes.addAll(HEALTH_CODES);
    outcomes.addAll(USUAL_CODES);
    outcomes.addAll(RARE_CODES);
    outcomes.addAll(USUAL_REASONS);
    for (VaultException.Reason reason : VaultException.Reason.values()) {
      outcomes.add(reason.label());
    }
    for (String endpoint : POLLED) {
      List<String> codes = endpoint.equals("sys_health") ? HEALTH_CODES : USUAL_CODES;
      codes.forEach(code -> requests.initLabelValues(endpoint, code));
      USUAL_REASONS.forEach(reason -> requests.initLabelValues(endpoint, reason));
      duration.initLabelValues(endpoint);
    }
    for (String endpoint : SELDOM) {
      SELDOM_CODES.forEach(code -> requests.initLabelValues(endpoint, code));
    }
  }

  @Override
  public void requested(String endpoint, String outcome, Duration took) {
    String known = POLLED.contains(endpoint) || SELDOM.contains(endpoint) ? endpoint : OTHER;
    requests.labelValues(known, outcomes.contains(outcome) ? outcome : OTHER).inc();
    duration.labelValues(known).observe(took.toNanos() / 1e9);
  }

  MetricSnapshot[] snapshots() {
    return new MetricSnapshot[] {requests.collect(), duration.collect()};
  }
}
