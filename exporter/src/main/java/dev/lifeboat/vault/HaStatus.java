package dev.lifeboat.vault;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The answer of `GET /v1/sys/ha-status`.
///
/// @param requestId under which every audit device has the request; empty when none was said
public record HaStatus(List<Node> nodes, Optional<String> requestId) {
  public HaStatus {
    nodes = List.copyOf(nodes);
  }

  static HaStatus from(String what, JsonNode json) {
    JsonNode source = json.path("data").isObject() ? json.path("data") : json;
    var nodes = new ArrayList<Node>();
    for (JsonNode node : Json.block(what, source, "nodes").values()) {
      nodes.add(
          new Node(
              Json.text(node, "hostname"),
              Json.text(node, "api_address"),
              Json.text(node, "cluster_address"),
              Json.flag(node, "active_node"),
              Json.instant(node, "last_echo"),
              Json.optionalText(node, "version")));
    }
    return new HaStatus(nodes, Json.optionalText(json, "request_id"));
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
