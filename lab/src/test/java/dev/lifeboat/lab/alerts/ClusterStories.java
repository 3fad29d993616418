package dev.lifeboat.lab.alerts;

import static dev.lifeboat.lab.alerts.Healthy.on;

import java.util.List;

/// What the rules of `cluster.yaml` are for.
final class ClusterStories {
  private ClusterStories() {}

  static List<Story> all() {
    return List.of(
        Story.ofMinutes("one of three voters is lost", 40)
            .change(on("vault_cluster_failure_tolerance", "a"), "1", "10m", "0")
            .first("12m", "VaultQuorumAtRisk")
            .at("39m", "VaultQuorumAtRisk"),
        Story.ofMinutes("two voters never had any tolerance", 40)
            .always(on("vault_cluster_voters", "a"), "2")
            .always(on("vault_cluster_peers", "a"), "2")
            .always(on("vault_cluster_expected_peers", "a"), "2")
            .always(on("vault_cluster_failure_tolerance", "a"), "0")
            .at("39m"),
        Story.ofMinutes("four voters can lose one, and that is all they ever could", 40)
            .always(on("vault_cluster_voters", "a"), "4")
            .always(on("vault_cluster_peers", "a"), "4")
            .always(on("vault_cluster_expected_peers", "a"), "4")
            .at("39m"),
        Story.ofMinutes("one of five voters is lost", 40)
            .always(on("vault_cluster_voters", "a"), "5")
            .always(on("vault_cluster_peers", "a"), "5")
            .always(on("vault_cluster_expected_peers", "a"), "5")
            .change(on("vault_cluster_failure_tolerance", "a"), "2", "10m", "1")
            .first("25m", "VaultFailureToleranceReduced"),
        Story.ofMinutes("autopilot finds something", 30)
            .change(on("vault_cluster_autopilot_healthy", "a"), "1", "10m", "0")
            .first("15m", "VaultAutopilotUnhealthy"),
        Story.ofMinutes("autopilot finds a peer", 30)
            .change(on("vault_cluster_peer_healthy", "a", "node_id", "b"), "1", "10m", "0")
            .first("12m", "VaultPeerUnhealthy"),
        Story.ofMinutes("a peer stops echoing", 30)
            .change(
                on("vault_cluster_peer_last_contact_seconds", "a", "node_id", "b"),
                "30",
                "10m",
                "31")
            .first("12m", "VaultPeerSilent"),
        Story.ofMinutes("a peer has fallen out", 40)
            .change(on("vault_cluster_peers", "a"), "3", "10m", "2")
            .change(on("vault_cluster_voters", "a"), "3", "10m", "2")
            .first("15m", "VaultPeerMissing")
            .at("39m", "VaultPeerMissing"),
        Story.ofMinutes("nobody said how many peers there should be", 40)
            .always(on("vault_cluster_expected_peers", "a"), "0")
            .at("39m"),
        Story.ofMinutes("somebody has joined", 30)
            .change(on("vault_cluster_peers", "a"), "3", "10m", "4")
            .first("15m", "VaultUnexpectedPeer"),
        Story.ofMinutes("somebody has joined a cluster of one", 30)
            .always(on("vault_cluster_voters", "a"), "1")
            .always(on("vault_cluster_expected_peers", "a"), "1")
            .change(on("vault_cluster_peers", "a"), "1", "10m", "2")
            .first("15m", "VaultUnexpectedPeer"),
        Story.ofMinutes("a peer that should vote does not", 40)
            .change(on("vault_cluster_voters", "a"), "3", "10m", "2")
            .first("25m", "VaultVoterLost"),
        Story.ofMinutes("a peer falls behind", 30)
            .change(on("vault_cluster_peer_index_lag", "a", "node_id", "b"), "8000", "10m", "8001")
            .first("15m", "VaultPeerIndexLag"),
        Story.ofMinutes("a node does not keep up with applying", 30)
            .change(on("vault_node_raft_committed_index", "b"), "6000", "10m", "6001")
            .first("15m", "VaultRaftApplyBacklog"));
  }
}
