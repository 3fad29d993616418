package dev.lifeboat.vault;

import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/// The answer of `GET /v1/sys/leader`: needs no token and is this node's own.
///
/// @param activeTime when this node became active; empty on a standby
/// @param address the leader's API address; empty while nobody leads
/// @param raftCommittedIndex this node's own, exact; empty without raft
public record Leader(
    boolean haEnabled,
    boolean self,
    Optional<Instant> activeTime,
    Optional<URI> address,
    Optional<String> clusterAddress,
    OptionalLong raftCommittedIndex,
    OptionalLong raftAppliedIndex) {
  /// Whether the node keeps its data by raft: one that does shows an index of it.
  public boolean onRaft() {
    return raftCommittedIndex.isPresent();
  }

  static Leader from(JsonNode json) {
    return new Leader(
        Json.flag(json, "ha_enabled"),
        Json.flag(json, "is_self"),
        Json.instant(json, "active_time"),
        Json.optionalText(json, "leader_address").flatMap(Authority::parse),
        Json.optionalText(json, "leader_cluster_address"),
        Json.optionalExact(json, "raft_committed_index"),
        Json.optionalExact(json, "raft_applied_index"));
  }
}
