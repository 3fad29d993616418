package dev.lifeboat.vault;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The answer of `GET /v1/sys/storage/raft/configuration`.
///
/// @param index the raft index at which the configuration was written; both products answer 0
public record RaftConfiguration(long index, List<Server> servers) {
  public RaftConfiguration {
    servers = List.copyOf(servers);
  }

  static RaftConfiguration from(String what, JsonNode json) {
    JsonNode config = Json.block(what, Json.block(what, json, "data"), "config");
    var servers = new ArrayList<Server>();
    for (JsonNode server : Json.block(what, config, "servers").values()) {
      servers.add(
          new Server(
              Json.text(server, "node_id"),
              Json.text(server, "address"),
              Json.flag(server, "leader"),
              Json.flag(server, "voter")));
    }
    return new RaftConfiguration(Json.exact(config, "index"), servers);
  }

  /// @param address the cluster address, `host:port`
  public record Server(String nodeId, String address, boolean leader, boolean voter) {}
}
