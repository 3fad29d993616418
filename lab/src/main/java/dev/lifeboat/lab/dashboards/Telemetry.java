package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;
import java.util.List;

/// The server's own telemetry, passed on by the agents or scraped from the server.
final class Telemetry {
  private Telemetry() {}

  static Row row() {
    return Row.of(
        "As the server itself counts them, where its telemetry is there",
        requests(),
        latency(),
        commits(),
        pauses());
  }

  private static Panel requests() {
    return Panel.lines(
            "Requests to the server",
            12,
            8,
            "A second, logins apart, by the node that handles them.")
        .in(Unit.PER_SECOND)
        .asks(
            "rate(vault_core_handle_request_count{@}[$__rate_interval])", "requests, {{instance}}")
        .asks(
            "rate(vault_core_handle_login_request_count{@}[$__rate_interval])",
            "logins, {{instance}}")
        .runbook("VaultRequestLatencyHigh");
  }

  private static Panel latency() {
    var panel =
        Panel.lines(
                "Requests as the server times them",
                12,
                8,
                "Quantiles of its last ten seconds, without the network. The server has no other"
                    + " than these three. A gap: nobody asked.")
            .in(Unit.SECONDS);
    for (double quantile : List.of(0.5, 0.9, 0.99)) {
      panel =
          panel.asks(
              "vault_core_handle_request{@, quantile=\"%s\"} / 1000".formatted(quantile),
              "p%.0f, {{instance}}".formatted(quantile * 100));
    }
    return panel.runbook("VaultRequestLatencyHigh");
  }

  private static Panel commits() {
    return Panel.lines(
            "Raft commits",
            12,
            8,
            "How long a write takes to be on a majority's disks, on the average, by the leader.")
        .in(Unit.SECONDS)
        .asks(
            "rate(vault_raft_commitTime_sum{@}[$__rate_interval])"
                + " / rate(vault_raft_commitTime_count{@}[$__rate_interval]) / 1000",
            "{{instance}}")
        .runbook("VaultRequestLatencyHigh", "VaultLeaderContactSlow")
        .to(Shared.CLUSTER);
  }

  private static Panel pauses() {
    return Panel.lines(
            "Standing still for garbage", 12, 8, "The part of the time that each server does.")
        .in(Unit.PART)
        .asks("rate(vault_runtime_total_gc_pause_ns{@}[$__rate_interval]) / 1e9", "{{instance}}")
        .runbook("VaultGarbageCollectionHigh");
  }
}
