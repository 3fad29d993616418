package dev.lifeboat.vault;

import java.util.List;

/// The answer of `GET /v1/sys/storage/raft/configuration`.
///
/// @param index the raft index at which the configuration was written
public record RaftConfiguration(long index, List<Server> servers) {
  public RaftConfiguration {
    servers = List.copyOf(servers);
  }

  /// @param address the cluster address, `host:port`
  public record Server(String nodeId, String address, boolean leader, boolean voter) {}
}
