package dev.lifeboat.watch;

import dev.lifeboat.vault.AutopilotState;
import dev.lifeboat.vault.HaStatus;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.SealStatus;
import java.net.URI;
import java.time.Instant;

/// Everything known of the watched node, at one instant.
///
/// @param at the end of the poll that made it
/// @param address the node's API address, as configured
/// @param polls how many polls were finished so far; 0 before the first
/// @param raftConfiguration and the two after it: only while this node is active and a credential
///   is configured, otherwise [Reading.NotAsked]; of raft only where there is raft
public record NodeState(
    Instant at,
    URI address,
    long polls,
    Product product,
    Reading<Health> health,
    Reading<SealStatus> sealStatus,
    Reading<Leader> leader,
    Reading<RaftConfiguration> raftConfiguration,
    Reading<AutopilotState> autopilot,
    Reading<HaStatus> haStatus) {

  /// The state before the first poll.
  public static NodeState initial(URI address, Instant now) {
    return new NodeState(
        now,
        address,
        0,
        Product.UNKNOWN,
        new Reading.NotAsked<>(),
        new Reading.NotAsked<>(),
        new Reading.NotAsked<>(),
        new Reading.NotAsked<>(),
        new Reading.NotAsked<>(),
        new Reading.NotAsked<>());
  }

  /// With what the cluster said, the poll having ended at `at`.
  NodeState with(ClusterReadings cluster, Instant at) {
    return new NodeState(
        at,
        address,
        polls,
        product,
        health,
        sealStatus,
        leader,
        cluster.raftConfiguration(),
        cluster.autopilot(),
        cluster.haStatus());
  }

  NodeState afterPolls(long count) {
    return new NodeState(
        at,
        address,
        count,
        product,
        health,
        sealStatus,
        leader,
        raftConfiguration,
        autopilot,
        haStatus);
  }

  /// Whether the node has raft, as far as is known.
  boolean onRaft() {
    return leader.known().map(Leader::onRaft).orElse(true);
  }

  public Role role() {
    if (!(health instanceof Reading.Known<Health>(var health, var at, var took))) {
      return Role.UNREACHABLE;
    }
    if (health.removedFromCluster().orElse(false) || health.status() == 530) {
      return Role.REMOVED;
    }
    if (!health.initialized()) {
      return Role.UNINITIALIZED;
    }
    if (health.sealed()) {
      return Role.SEALED;
    }
    if (health.status() == 472 || health.replicationDrMode().orElse("").equals("secondary")) {
      return Role.DR_SECONDARY;
    }
    if (health.performanceStandby() || health.status() == 473) {
      return Role.PERF_STANDBY;
    }
    return health.standby() ? Role.STANDBY : Role.ACTIVE;
  }
}
