package dev.lifeboat.vault;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The answer of `GET /v1/sys/storage/raft/autopilot/state`.
public record AutopilotState(
    boolean healthy,
    int failureTolerance,
    String leader,
    List<String> voters,
    List<Server> servers) {
  public AutopilotState {
    voters = List.copyOf(voters);
    servers = List.copyOf(servers);
  }

  static AutopilotState from(String what, JsonNode json) {
    JsonNode data = Json.block(what, json, "data");
    var servers = new ArrayList<Server>();
    for (JsonNode server : Json.block(what, data, "servers").values()) {
      servers.add(server(server));
    }
    var voters = new ArrayList<String>();
    data.path("voters").values().forEach(voter -> voters.add(voter.asString("")));
    return new AutopilotState(
        Json.flag(data, "healthy"),
        Json.integer(data, "failure_tolerance"),
        Json.text(data, "leader"),
        voters,
        servers);
  }

  private static Server server(JsonNode json) {
    return new Server(
        Json.text(json, "id"),
        Json.text(json, "name"),
        Json.text(json, "address"),
        Json.text(json, "node_status"),
        Json.duration(json, "last_contact"),
        Json.exact(json, "last_index"),
        Json.exact(json, "last_term"),
        Json.flag(json, "healthy"),
        Json.instant(json, "stable_since"),
        Json.text(json, "status"),
        Json.optionalText(json, "version"));
  }

  /// @param lastContact age of the last echo, which is sent every 5 s; empty for the leader itself
  ///   on some versions
  /// @param status `leader`, `voter`, `non-voter`, …
  public record Server(
      String id,
      String name,
      String address,
      String nodeStatus,
      Optional<Duration> lastContact,
      long lastIndex,
      long lastTerm,
      boolean healthy,
      Optional<Instant> stableSince,
      String status,
      Optional<String> version) {}
}
