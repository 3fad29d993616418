package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;
import java.util.List;

/// Whether the agents themselves can be believed.
final class ExporterDashboard {
  private ExporterDashboard() {}

  static Dashboard dashboard() {
    return new Dashboard(
        "exporter",
        "Lifeboat itself",
        "Can the other dashboards be believed: do the agents answer, poll and tell.",
        List.of(
            Row.of(
                "Agents", silent(), polled(), Shared.tokenEnds(6), reload(), answering(), agents()),
            Row.of("What they read", polls(), collectors(), durations()),
            Row.of("Who is told", told(), untold(), lastTold())));
  }

  private static Panel silent() {
    return Panel.stat("Agents that are silent", 6, "That do not answer Prometheus.")
        .looks(Look.none().absent("not watched"))
        .asks("sum by (job) (1 - up{@})", "{{job}}")
        .runbook("VaultExporterDown", "VaultMonitoringAbsent");
  }

  private static Panel polled() {
    return Panel.stat(
            "Oldest poll",
            6,
            "How long ago the agent that is latest ended its last look at its node.")
        .looks(Look.rising(Unit.SECONDS, 15, 60).absent("no agent answers"))
        .asks("time() - min by (job) (vault_exporter_last_poll_timestamp_seconds{@})", "{{job}}")
        .runbook("VaultNodeUnknown", "VaultPollFailing");
  }

  private static Panel reload() {
    return Panel.stat(
            "Configuration",
            6,
            "Whether the configuration read last was taken over by every agent.")
        .looks(Look.good("taken over", "NOT TAKEN OVER").absent("no agent answers"))
        .asks("min by (job) (vault_exporter_config_last_reload_successful{@})", "{{job}}")
        .runbook("VaultConfigReloadFailed");
  }

  private static Panel answering() {
    return Panel.states("Answers Prometheus", 12, 6, "When each agent did.")
        .looks(
            Look.PLAIN.meaning(
                new Meaning(1, "answers", Colour.GREEN), new Meaning(0, "silent", Colour.RED)))
        .asks("max by (job, instance) (up{@})", "{{instance}}")
        .runbook("VaultExporterDown");
  }

  private static Panel agents() {
    return Panel.table("Versions", 12, 6, "What each agent is, and for how long it has run.")
        .key("job", "Cluster")
        .key("instance", "Node")
        .key("version", "Version")
        .key("revision", "Revision")
        .key("javaversion", "Java")
        .column(
            "(time() - max by (job, instance) (process_start_time_seconds{@}))"
                + " * on (job, instance) group_left (version, revision, javaversion)"
                + " max by (job, instance, version, revision, javaversion)"
                + " (vault_exporter_build_info{@})",
            "Runs for",
            Look.of(Unit.SECONDS));
  }

  private static Panel polls() {
    return Panel.states(
            "Polls, by endpoint",
            12,
            9,
            "Whether every node that was asked gave what it should. A sealed node has no leader"
                + " and no indexes to tell.")
        .looks(
            Look.PLAIN.meaning(
                new Meaning(1, "good", Colour.GREEN), new Meaning(0, "failed", Colour.ORANGE)))
        .asks("min by (job, endpoint) (vault_exporter_poll_success{@})", "{{endpoint}}")
        .runbook("VaultPollFailing");
  }

  private static Panel collectors() {
    return Panel.states(
            "Collectors",
            12,
            9,
            "Whether each part of the page could be made, by every agent. One that fails leaves"
                + " the others there.")
        .looks(
            Look.PLAIN.meaning(
                new Meaning(1, "good", Colour.GREEN), new Meaning(0, "failed", Colour.RED)))
        .asks("min by (job, collector) (vault_exporter_collector_success{@})", "{{collector}}")
        .runbook("VaultCollectorFailing");
  }

  private static Panel durations() {
    return Panel.lines("How long the page takes", 24, 7, "By collector, of the slowest agent.")
        .in(Unit.SECONDS)
        .asks(
            "max by (job, collector) (vault_exporter_collector_duration_seconds{@})",
            "{{collector}}")
        .runbook("VaultCollectorFailing");
  }

  private static Panel told() {
    return Panel.lines("Events", 8, 7, "What each target was to be told, about each point of time.")
        .asks(
            "sum by (job, target) (increase(vault_notify_events_total{@}[$__rate_interval]))",
            "{{target}}")
        .runbook("VaultNotifyFailing");
  }

  private static Panel untold() {
    return Panel.lines(
            "Not told",
            8,
            7,
            "Events that a target could not be told, after every attempt, or that were dropped.")
        .looks(Look.none())
        .asks(
            "sum by (job, target) (increase(vault_notify_failures_total{@}[$__rate_interval]))",
            "failed, {{target}}")
        .asks(
            "sum by (job, target) (increase(vault_notify_dropped_total{@}[$__rate_interval]))",
            "dropped, {{target}}")
        .runbook("VaultNotifyFailing");
  }

  private static Panel lastTold() {
    return Panel.table(
            "Targets", 8, 7, "How long ago each was last told something, and how long that took.")
        .looks(Look.PLAIN.absent("nobody is told"))
        .key("job", "Cluster")
        .key("target", "Target")
        .column(
            "time() - max by (job, target) (vault_notify_last_success_timestamp_seconds{@})",
            "Last told",
            Look.of(Unit.SECONDS))
        .column(
            "max by (job, target) (vault_notify_last_duration_seconds{@})",
            "Took",
            Look.of(Unit.SECONDS))
        .runbook("VaultNotifyFailing");
  }
}
