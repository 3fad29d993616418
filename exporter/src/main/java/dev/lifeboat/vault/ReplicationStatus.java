package dev.lifeboat.vault;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/// The answer of `GET /v1/sys/replication/status`: replication between clusters, which only Vault
/// Enterprise has. The Community Edition says `{"data":{"mode":"disabled"}}`.
///
/// Read from HashiCorp's API documentation ("/sys/replication", 1.21); no Enterprise server was at
/// hand.
///
/// @param kinds those that are not disabled
public record ReplicationStatus(List<Kind> kinds) {
  public ReplicationStatus {
    kinds = List.copyOf(kinds);
  }

  /// @param name `dr` or `performance`
  /// @param mode `primary`, `secondary`, …
  /// @param state `running`, `stream-wals`, `merkle-diff`, `merkle-sync`, `idle`, …
  /// @param lastWal written here
  /// @param lastRemoteWal on a secondary, the last that it has from its primary
  /// @param peers the secondaries of a primary, the primaries of a secondary
  public record Kind(
      String name,
      String mode,
      String state,
      OptionalLong lastWal,
      OptionalLong lastRemoteWal,
      List<Peer> peers) {
    public Kind {
      peers = List.copyOf(peers);
    }
  }

  /// @param lastHeartbeat as the answering cluster counts
  public record Peer(String address, boolean connected, Optional<Instant> lastHeartbeat) {}

  static ReplicationStatus from(String what, JsonNode json) {
    JsonNode data = Json.block(what, json, "data");
    List<Kind> kinds = new ArrayList<>();
    for (String name : List.of("dr", "performance")) {
      JsonNode block = data.path(name);
      String mode = Json.text(block, "mode");
      if (!mode.isEmpty() && !mode.equals("disabled")) {
        kinds.add(kind(name, mode, block));
      }
    }
    return new ReplicationStatus(kinds);
  }

  private static Kind kind(String name, String mode, JsonNode block) {
    List<Peer> peers = new ArrayList<>();
    for (String side : List.of("secondaries", "primaries")) {
      for (JsonNode peer : block.path(side).values()) {
        peers.add(
            new Peer(
                Json.text(peer, "cluster_address"),
                Json.text(peer, "connection_status").equals("connected"),
                Json.instant(peer, "last_heartbeat")));
      }
    }
    return new Kind(
        name,
        mode,
        Json.text(block, "state"),
        Json.optionalExact(block, "last_wal"),
        Json.optionalExact(block, "last_remote_wal"),
        peers);
  }
}
