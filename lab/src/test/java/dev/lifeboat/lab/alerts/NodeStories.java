package dev.lifeboat.lab.alerts;

import static dev.lifeboat.lab.alerts.Healthy.on;

import java.util.List;
import java.util.stream.Stream;

/// What the rules of `node.yaml` are for.
final class NodeStories {
  private NodeStories() {}

  static List<Story> all() {
    return Stream.of(nodes(), leaders(), failing(), others()).flatMap(List::stream).toList();
  }

  /// A full audit disk: it answers 500 from 10m to 25m, and not at all what is asked with a token.
  private static List<Story> failing() {
    return List.of(
        failing("the active node fails at what it is asked", "a")
            .first("12m", "VaultRequestsFailing")
            .at("20m", "VaultPollFailing", "VaultRequestsFailing")
            .at("34m30s", "VaultPollFailing", "VaultRequestsFailing")
            .at("35m", "VaultPollFailing"),
        failing("a standby cannot reach the leader for its answers", "b")
            .first("20m", "VaultPollFailing")
            .at("24m", "VaultPollFailing"));
  }

  private static Story failing(String title, String node) {
    return Story.ofMinutes(title, 40)
        .values(
            on(
                "vault_exporter_api_requests_total",
                node,
                "endpoint",
                "sys_ha_status",
                "code",
                "500"),
            "0x39 1+1x59 60x60")
        .change(
            on("vault_exporter_poll_success", node, "endpoint", "sys_ha_status"), "1", "10m", "0");
  }

  /// One node, or its agent.
  private static List<Story> nodes() {
    return List.of(
        Story.ofMinutes("the agent of a standby dies", 20)
            .goes("instance=\"b\"", "10m")
            .change(on("up", "b"), "1", "10m", "0")
            .first("12m", "VaultExporterDown"),
        Story.ofMinutes("the agent beside the active node dies, and the node goes on", 20)
            .goes("instance=\"a\"", "10m")
            .change(on("up", "a"), "1", "10m", "0")
            .first("12m", "VaultExporterDown")
            .at("19m", "VaultExporterDown"),
        Story.ofMinutes("every agent is taken out of Prometheus", 30)
            .goes("job=\"lifeboat\"", "10m")
            .first("15m", "VaultMonitoringAbsent")
            .first("14m45s")
            .at("24m45s", "VaultMonitoringAbsent")
            .at("25m", "VaultBackupMetricsAbsent", "VaultMonitoringAbsent"),
        Story.ofMinutes("the poll loop of an agent stands still", 20)
            .goes("vault_node_up{job=\"lifeboat\",instance=\"b\"}", "10m")
            .first("12m", "VaultNodeUnknown"),
        Story.ofMinutes("a standby does not answer", 20)
            .change(on("vault_node_up", "b"), "1", "10m", "0")
            .first("11m", "VaultNodeUnreachable"),
        Story.ofMinutes("a standby was restarted and is left sealed", 120)
            .change(on("vault_node_sealed", "b"), "0", "10m", "1")
            .goes("vault_node_leader_known{job=\"lifeboat\",instance=\"b\"", "10m")
            .first("11m", "VaultSealed")
            .at("119m", "VaultSealed"),
        Story.ofMinutes("every node is sealed", 30)
            .change(on("vault_node_sealed", "a"), "0", "10m", "1")
            .change(on("vault_node_sealed", "b"), "0", "10m", "1")
            .change(on("vault_node_sealed", "c"), "0", "10m", "1")
            .change(on("vault_node_active", "a"), "1", "10m", "0")
            .goes("vault_node_leader_known", "10m")
            .goes("vault_cluster", "10m")
            .first("11m", "VaultNoActiveNode", "VaultSealed"),
        Story.ofMinutes("a new node waits to be initialised", 20)
            .change(on("vault_node_initialized", "c"), "1", "10m", "0")
            .first("15m", "VaultUninitialized"),
        Story.ofMinutes("a removed node still runs", 20)
            .change(on("vault_node_state", "c", "state", "removed"), "0", "10m", "1")
            .first("15m", "VaultNodeRemoved"));
  }

  /// Who leads.
  private static List<Story> leaders() {
    return List.of(
        Story.ofMinutes("nobody leads", 20)
            .change(on("vault_node_active", "a"), "1", "10m", "0")
            .change(on("vault_node_leader_known", "a"), "1", "10m", "0")
            .change(on("vault_node_leader_known", "b"), "1", "10m", "0")
            .change(on("vault_node_leader_known", "c"), "1", "10m", "0")
            .first("11m", "VaultNoActiveNode")
            .at("12m", "VaultLeaderUnknown", "VaultNoActiveNode"),
        Story.ofMinutes("nobody leads, though every agent answers and one still names a leader", 20)
            .change(on("vault_node_active", "a"), "1", "10m", "0")
            .first("11m", "VaultNoActiveNode"),
        Story.ofMinutes("two clusters answer to one job", 20)
            .change(on("vault_node_active", "b"), "0", "10m", "1")
            .first("11m", "VaultMultipleActiveNodes"),
        Story.ofMinutes("a standby lost its leader", 20)
            .change(on("vault_node_leader_known", "b"), "1", "10m", "0")
            .first("12m", "VaultLeaderUnknown"),
        // Six changes; the first leaves the window of a quarter of an hour at 25m.
        Story.ofMinutes("the active node changes three times in ten minutes", 40)
            .values(on("vault_node_active", "a"), "1x39 0x15 1x23 0x80")
            .values(on("vault_node_active", "b"), "0x39 1x15 0x23 1x80")
            .goes("vault_cluster", "10m")
            .at("19m30s")
            .first("20m", "VaultLeadershipFlapping")
            .at("24m45s", "VaultLeadershipFlapping")
            .at("25m15s"),
        Story.ofMinutes("the active node changes twice, and then there is none", 40)
            .values(on("vault_node_active", "a"), "1x39 0x120")
            .values(on("vault_node_active", "b"), "0x39 1x15 0x104")
            .values(on("vault_node_active", "c"), "0x55 1x23 0x80")
            .goes("vault_cluster", "10m")
            .first("20m", "VaultLeadershipFlapping")
            .at("20m45s", "VaultLeadershipFlapping")
            .at("21m", "VaultLeadershipFlapping", "VaultNoActiveNode"),
        Story.ofMinutes("one failover", 40)
            .change(on("vault_node_active", "a"), "1", "10m", "0")
            .change(on("vault_node_active", "b"), "0", "10m", "1")
            .goes("vault_cluster", "10m")
            .at("12m")
            .at("39m"));
  }

  /// The rest.
  private static List<Story> others() {
    return List.of(
        Story.ofMinutes("somebody stopped half-way through unsealing", 30)
            .change(on("vault_node_unseal_progress", "b"), "0", "10m", "1")
            .first("20m", "VaultUnsealStalled"),
        Story.ofMinutes("an upgrade that was not finished", 100)
            .appears(on("vault_node_info", "b", "version", "2.7.3"), "10m", "1")
            .goes(on("vault_node_info", "b", "version", "2.7.2"), "10m")
            .first("70m", "VaultVersionSkew"),
        Story.ofMinutes("a clock that is five seconds off is let be, one of six is not", 30)
            .change(on("vault_node_clock_skew_seconds", "b"), "5", "10m", "-6")
            .first("15m", "VaultClockSkew"),
        Story.ofMinutes("one node of three is watched", 30)
            .without("instance=\"b\"")
            .without("instance=\"c\"")
            .at("29m"));
  }
}
