package dev.lifeboat.vault;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The answer of `GET /v1/sys/ha-status`.
public record HaStatus(List<Node> nodes) {
  public HaStatus {
    nodes = List.copyOf(nodes);
  }

  /// @param lastEcho empty for the active node
  public record Node(
      String hostname,
      String apiAddress,
      String clusterAddress,
      boolean active,
      Optional<Instant> lastEcho,
      Optional<String> version) {}
}
