package dev.lifeboat.vault;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

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
