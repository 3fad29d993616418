package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;
import java.util.List;

/// The nodes, their seal, and the raft between them.
final class ClusterDashboard {
  private ClusterDashboard() {}

  static Dashboard dashboard() {
    return new Dashboard(
        "cluster",
        "Cluster and raft",
        "Who leads, who votes, who is behind, and what is sealed.",
        List.of(
            Row.of(
                "Who leads",
                activeNodes(),
                changes(),
                OverviewDashboard.tolerance(4),
                voters(),
                leaderUnknown(),
                versions(),
                Shared.nodeStates(24, 7)),
            Row.of("Raft", peers(), size(), lag(), contact(), committed(), backlog()),
            Row.of("Seal and servers", seal(), servers(), progress(), clock())));
  }

  private static Panel activeNodes() {
    return Panel.stat("Active nodes", 4, "One is right, of each cluster.")
        .looks(
            Look.PLAIN
                .stepped(Colour.RED, new Step(1, Colour.GREEN), new Step(2, Colour.RED))
                .absent("no node answers"))
        .asks("sum by (job) (vault_node_active{@})", "{{job}}")
        .runbook("VaultNoActiveNode", "VaultMultipleActiveNodes");
  }

  private static Panel changes() {
    return Panel.stat(
            "Changes of the leader",
            4,
            "In the time shown. Each node that began to lead or ceased to counts, so one failover"
                + " is two.")
        .looks(Look.rising(Unit.NONE, 1, 5))
        .asks("sum by (job) (changes(vault_node_active{@}[$__range]))", "{{job}}")
        .runbook("VaultLeadershipFlapping");
  }

  private static Panel voters() {
    return Panel.stat(
            "Voters that lack",
            4,
            "vault.expected-peers less the voters in the raft configuration.")
        .looks(Look.none().absent("not known: no leader, no token, or no expected-peers"))
        .asks(
            "max by (job) ((vault_cluster_expected_peers{@} > 0) - vault_cluster_voters{@})",
            "{{job}}")
        .runbook("VaultPeerMissing", "VaultVoterLost");
  }

  private static Panel leaderUnknown() {
    return Panel.stat(
            "Nodes that know no leader",
            4,
            "Unsealed nodes that cannot say who leads: cut off, or in an election.")
        .looks(Look.none().absent("no node answers"))
        .asks(
            "sum by (job) (1 - vault_node_leader_known{@} and on (job, instance)"
                + " vault_node_sealed{@} == 0)",
            "{{job}}")
        .runbook("VaultLeaderUnknown");
  }

  private static Panel versions() {
    return Panel.stat("Versions", 4, "How many versions of the server run at once.")
        .looks(
            Look.PLAIN.stepped(Colour.GREEN, new Step(2, Colour.ORANGE)).absent("no node answers"))
        .asks(
            "count by (job) (count by (job, version)" + " (vault_node_info{@, version!=\"\"}))",
            "{{job}}")
        .runbook("VaultVersionSkew");
  }

  private static Panel peers() {
    return Panel.table(
            "Peers",
            14,
            7,
            "A line a raft peer, as the active node's autopilot sees it. Empty without a leader or"
                + " without the agent's token.")
        .key("job", "Cluster")
        .key("node_id", "Peer")
        .column(
            "max by (job, node_id) (vault_cluster_peer_healthy{@})",
            "Healthy",
            Look.good("yes", "NO"))
        .column(
            "max by (job, node_id) (vault_cluster_peer_voter{@})", "Votes", Look.good("yes", "NO"))
        .column(
            "max by (job, node_id) (vault_cluster_peer_leader{@})",
            "Leads",
            Look.PLAIN.meaning(
                new Meaning(1, "leads", Colour.BLUE), new Meaning(0, "", Colour.TEXT)))
        .column(
            "max by (job, node_id) (vault_cluster_peer_index_lag{@})",
            "Entries behind",
            Look.rising(Unit.NONE, 1000, 8000))
        .column(
            "max by (job, node_id) (vault_cluster_peer_last_contact_seconds{@})",
            "Last echo",
            Look.rising(Unit.SECONDS, 10, 30))
        .column(
            "time() - max by (job, node_id) (vault_cluster_peer_stable_since_timestamp_seconds{@})",
            "Stable for",
            Look.of(Unit.SECONDS))
        .runbook("VaultPeerUnhealthy", "VaultPeerSilent", "VaultPeerIndexLag");
  }

  private static Panel size() {
    return Panel.lines(
            "Peers, voters, tolerance",
            10,
            7,
            "The raft configuration beside what a whole cluster has. Gaps: nobody led.")
        .asks("max by (job) (vault_cluster_expected_peers{@})", "expected, {{job}}")
        .asks("max by (job) (vault_cluster_peers{@})", "peers, {{job}}")
        .asks("max by (job) (vault_cluster_voters{@})", "voters, {{job}}")
        .asks("max by (job) (vault_cluster_failure_tolerance{@})", "may fail, {{job}}")
        .runbook("VaultPeerMissing", "VaultUnexpectedPeer", "VaultAutopilotUnhealthy");
  }

  private static Panel lag() {
    return Panel.lines(
            "Entries behind the leader",
            12,
            7,
            "Told with the echoes, every 5 s: what was written meanwhile counts as behind.")
        .asks("max by (job, node_id) (vault_cluster_peer_index_lag{@})", "{{node_id}}")
        .runbook("VaultPeerIndexLag");
  }

  private static Panel contact() {
    return Panel.lines(
            "Age of the last echo",
            12,
            7,
            "Echoes come every 5 s. Dashed: where VaultPeerSilent begins.")
        .looks(Look.of(Unit.SECONDS).stepped(Colour.GREEN, new Step(30, Colour.RED)))
        .asks("max by (job, node_id) (vault_cluster_peer_last_contact_seconds{@})", "{{node_id}}")
        .runbook("VaultPeerSilent");
  }

  private static Panel committed() {
    return Panel.lines(
            "Entries committed",
            12,
            7,
            "Raft entries a second, as each node counts them: the write load. A node that stays"
                + " below the others is behind.")
        .in(Unit.PER_SECOND)
        .asks("deriv(vault_node_raft_committed_index{@}[$__rate_interval])", "{{instance}}")
        .runbook("VaultPeerIndexLag");
  }

  private static Panel backlog() {
    return Panel.lines(
            "Committed, not yet applied",
            12,
            7,
            "Entries that a node has and its store has not. Should be near zero.")
        .asks(
            "max by (job, instance) (vault_node_raft_committed_index{@}"
                + " - vault_node_raft_applied_index{@})",
            "{{instance}}")
        .runbook("VaultRaftApplyBacklog");
  }

  private static Panel seal() {
    return Panel.table(
            "Seal",
            12,
            7,
            "Whether each node is sealed, and the shares that it needs. Shares: of the recovery"
                + " key where the server unseals itself.")
        .key("job", "Cluster")
        .key("instance", "Node")
        .column(
            "max by (job, instance) (vault_node_sealed{@})",
            "Sealed",
            Look.PLAIN.meaning(
                new Meaning(0, "no", Colour.GREEN), new Meaning(1, "SEALED", Colour.RED)))
        .column(
            "max by (job, instance) (vault_node_unseal_progress{@})", "Given", Look.of(Unit.NONE))
        .column(
            "max by (job, instance) (vault_node_unseal_threshold{@})", "Needed", Look.of(Unit.NONE))
        .column(
            "max by (job, instance) (vault_node_unseal_shares{@})", "Shares", Look.of(Unit.NONE))
        .column(
            "max by (job, instance) (vault_node_recovery_seal{@})",
            "Recovery key",
            Look.of(Unit.YES_NO))
        .column(
            "max by (job, instance) (vault_node_seal_migration{@})",
            "Migrating",
            Look.of(Unit.YES_NO))
        .runbook("VaultSealed", "VaultUnsealStalled");
  }

  private static Panel servers() {
    return Panel.table(
            "Servers",
            12,
            7,
            "What each node says it is. An empty field is not known now: a sealed node does not"
                + " tell its cluster.")
        .key("instance", "Node")
        .key("product", "Product")
        .key("version", "Version")
        .key("storage_type", "Storage")
        .key("seal_type", "Seal")
        .key("cluster_name", "Cluster")
        .column(
            "max by (instance, product, version, storage_type, seal_type, cluster_name)"
                + " (vault_node_info{@})",
            "Here",
            Look.of(Unit.YES_NO))
        .runbook("VaultVersionSkew");
  }

  private static Panel progress() {
    return Panel.states(
            "Sealed", 12, 6, "When each node was sealed, and for how long. Gaps: no answer.")
        .looks(
            Look.PLAIN.meaning(
                new Meaning(0, "unsealed", Colour.GREEN), new Meaning(1, "sealed", Colour.RED)))
        .asks("max by (job, instance) (vault_node_sealed{@})", "{{instance}}")
        .runbook("VaultSealed", "VaultUnsealStalled", "VaultUninitialized");
  }

  private static Panel clock() {
    return Panel.lines(
            "Clock of the node, less the agent's",
            12,
            6,
            "The node tells whole seconds, so up to one is nothing. From 5 s on VaultClockSkew"
                + " fires.")
        .in(Unit.SECONDS)
        .asks("max by (job, instance) (vault_node_clock_skew_seconds{@})", "{{instance}}")
        .runbook("VaultClockSkew");
  }
}
