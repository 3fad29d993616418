package dev.lifeboat.status;

import dev.lifeboat.vault.AutopilotState;
import dev.lifeboat.vault.HaStatus;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Role;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The node and its peers, put together from whichever answers are known.
final class NodeFacts {
  private NodeFacts() {}

  static Status.Node node(NodeState state, String name) {
    Optional<Health> health = state.health().known();
    Optional<SealStatus> seal = state.sealStatus().known();
    Optional<Leader> leader = state.leader().known();
    return new Status.Node(
        name,
        state.address(),
        state.role(),
        productName(state.product()),
        health.map(Health::version).or(() -> seal.map(SealStatus::version)),
        health.flatMap(Health::clusterName).or(() -> seal.flatMap(SealStatus::clusterName)),
        health.flatMap(Health::clusterId).or(() -> seal.flatMap(SealStatus::clusterId)),
        seal.map(SealStatus::type),
        seal.map(SealStatus::storageType),
        leader.flatMap(Leader::address),
        leader.flatMap(Leader::activeTime),
        leader.map(Leader::raftAppliedIndex).orElse(OptionalLong.empty()),
        leader.map(Leader::raftCommittedIndex).orElse(OptionalLong.empty()),
        state.at());
  }

  private static Optional<String> productName(Product product) {
    return switch (product) {
      case OPENBAO -> Optional.of("OpenBao");
      case VAULT -> Optional.of("Vault");
      case UNKNOWN -> Optional.empty();
    };
  }

  /// In the order of the raft configuration; empty unless this node is active and told it.
  static List<Status.Peer> peers(NodeState state) {
    Optional<RaftConfiguration> raft = state.raftConfiguration().known();
    if (state.role() != Role.ACTIVE || raft.isEmpty()) {
      return List.of();
    }
    Optional<AutopilotState> autopilot = state.autopilot().known();
    Optional<HaStatus> ha = state.haStatus().known();
    return raft.get().servers().stream().map(server -> peer(server, autopilot, ha)).toList();
  }

  private static Status.Peer peer(
      RaftConfiguration.Server server, Optional<AutopilotState> autopilot, Optional<HaStatus> ha) {
    Optional<AutopilotState.Server> seen =
        autopilot.flatMap(
            state ->
                state.servers().stream().filter(s -> s.id().equals(server.nodeId())).findFirst());
    return new Status.Peer(
        server.nodeId(),
        server.address(),
        server.leader(),
        server.voter(),
        seen.map(AutopilotState.Server::healthy),
        seen.flatMap(AutopilotState.Server::version)
            .or(() -> ha.flatMap(status -> version(status, server))),
        server.leader() ? Optional.empty() : seen.flatMap(AutopilotState.Server::lastContact),
        seen.isPresent() ? lag(autopilot.orElseThrow(), seen.get()) : OptionalLong.empty());
  }

  /// Matched by cluster address, which `sys/ha-status` gives with a scheme and raft without.
  private static Optional<String> version(HaStatus status, RaftConfiguration.Server server) {
    return status.nodes().stream()
        .filter(node -> node.clusterAddress().endsWith("/" + server.address()))
        .findFirst()
        .flatMap(HaStatus.Node::version);
  }

  /// Raft entries behind the leader, never below 0; empty while the leader's own are not known.
  static OptionalLong lag(AutopilotState autopilot, AutopilotState.Server server) {
    OptionalLong leading =
        autopilot.servers().stream()
            .filter(each -> each.id().equals(autopilot.leader()))
            .mapToLong(AutopilotState.Server::lastIndex)
            .findFirst();
    return leading.isPresent()
        ? OptionalLong.of(Math.max(0, leading.getAsLong() - server.lastIndex()))
        : OptionalLong.empty();
  }
}
