package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;
import java.util.List;

/// What the agents' probes through the front door say; `collectors.probe.address`.
final class FrontDoor {
  private static final String BUCKETS = "vault_probe_duration_seconds_bucket";
  private static final String NONE = "no probe configured";

  private FrontDoor() {}

  static Row row() {
    return Row.of("The front door", answers(), budget(6), ratio(), reasons(), latency());
  }

  private static Panel answers() {
    return Panel.stat("Answers", 6, "Whether the last probe of every agent was answered well.")
        .looks(Look.good("yes", "NO").absent(NONE))
        .asks("min by (job) (vault_probe_success{@})", "{{job}}")
        .runbook("VaultErrorBudgetBurnsFast");
  }

  static Panel budget(int width) {
    return Panel.stat(
            "Error budget left",
            width,
            "Of the probes that may fail in thirty days, 0.1 %, how much is left. Below 0 the"
                + " objective is missed. By the rules in slo.yaml.")
        .looks(Look.falling(Unit.PART, 0, 0.25).absent(NONE))
        .asks("max by (job) (vault:error_budget_left:30d{@alerts})", "{{job}}")
        .runbook("VaultErrorBudgetBurnsSlowly")
        .to(Shared.REQUESTS);
  }

  private static Panel ratio() {
    return Panel.stat("Failed", 12, "Of the probes in the time shown.")
        .looks(Look.rising(Unit.PART, 0.001, 0.0144).absent(NONE))
        .asks(
            "sum by (job) (increase(vault_probe_failures_total{@}[$__range]))"
                + " / sum by (job) (increase(vault_probe_requests_total{@}[$__range]))",
            "{{job}}")
        .runbook("VaultErrorBudgetBurnsFast");
  }

  private static Panel reasons() {
    return Panel.lines(
            "Failed probes, by reason",
            12,
            8,
            "A second, all agents together. sealed, no_leader: the cluster; unreachable, timeout:"
                + " the door or the network; tls: a certificate; the rest: what a load balancer"
                + " answers itself.")
        .in(Unit.PER_SECOND)
        .stack()
        .asks(
            "sum by (job, reason) (rate(vault_probe_failures_total{@}[$__rate_interval])) > 0",
            "{{reason}}")
        .runbook("VaultErrorBudgetBurnsFast");
  }

  private static Panel latency() {
    var panel =
        Panel.lines(
                "Through the front door",
                12,
                8,
                "How long a probe takes until it is answered or given up, all agents together.")
            .in(Unit.SECONDS);
    for (double quantile : List.of(0.5, 0.95, 0.99)) {
      panel =
          panel.asks(
              "histogram_quantile(%s, sum by (job, le) (rate(%s{@}[$__rate_interval])))"
                  .formatted(quantile, BUCKETS),
              "p%.0f, {{job}}".formatted(quantile * 100));
    }
    return panel.runbook("VaultErrorBudgetBurnsFast");
  }
}
