package dev.lifeboat.collector;

import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Reading;
import dev.lifeboat.watch.Role;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// `vault_node_*`: the node beside us, from three answers that need no token.
///
/// `vault_node_up` says that `sys/health` answered with JSON, whatever the HTTP code; at 0 nothing
/// that health would have told is published. Before the first poll the family is empty.
///
/// ```
/// vault_node_up 1.0
/// vault_node_initialized 1.0
/// vault_node_sealed 0.0
/// vault_node_active 1.0
/// vault_node_performance_standby 0.0
/// vault_node_state{state="active"} 1.0
/// vault_node_state{state="standby"} 0.0                  # … one for every state
/// vault_node_health_status_code 200.0
/// vault_node_info{version="2.7.2",cluster_name="vault-cluster-1",…} 1
/// vault_node_replication_info{kind="dr",mode="disabled"} 1
/// vault_node_clock_skew_seconds -0.42
/// vault_node_unseal_shares 5.0
/// vault_node_unseal_threshold 3.0
/// vault_node_unseal_progress 0.0
/// vault_node_seal_migration 0.0
/// vault_node_recovery_seal 0.0
/// vault_node_leader_known 1.0
/// vault_node_leader_self 1.0
/// vault_node_active_since_timestamp_seconds 1.7643e9
/// vault_node_raft_committed_index 4711.0
/// vault_node_raft_applied_index 4711.0
/// ```
public final class NodeCollector implements Collector {
  static final Metric UP =
      Metric.gauge("vault_node_up", "1 when sys/health answered with JSON, whatever the HTTP code");
  static final Metric INITIALIZED =
      Metric.gauge("vault_node_initialized", "1 when the node is initialised");
  static final Metric SEALED = Metric.gauge("vault_node_sealed", "1 when the node is sealed");
  static final Metric ACTIVE =
      Metric.gauge("vault_node_active", "1 when the node is the active one of its cluster");
  static final Metric PERFORMANCE_STANDBY =
      Metric.gauge("vault_node_performance_standby", "1 when the node is a performance standby");
  static final Metric STATE =
      Metric.gauge(
          "vault_node_state", "1 for the state the node is in, 0 for every other", "state");
  static final Metric STATUS_CODE =
      Metric.gauge("vault_node_health_status_code", "HTTP code of the last sys/health answer");
  static final Metric INFO =
      Metric.info(
          "vault_node_info",
          "What the node says it is; an empty label is not known now",
          "version",
          "cluster_name",
          "cluster_id",
          "storage_type",
          "seal_type",
          "product");
  static final Metric REPLICATION_INFO =
      Metric.info(
          "vault_node_replication_info", "Replication mode by kind, as said", "kind", "mode");
  static final Metric CLOCK_SKEW =
      Metric.gauge(
          "vault_node_clock_skew_seconds",
          "The node's clock minus ours at the middle of the request; the node tells whole seconds");
  static final Metric UNSEAL_SHARES =
      Metric.gauge("vault_node_unseal_shares", "Shares the unseal or recovery key is split into");
  static final Metric UNSEAL_THRESHOLD =
      Metric.gauge("vault_node_unseal_threshold", "Shares needed to unseal");
  static final Metric UNSEAL_PROGRESS =
      Metric.gauge("vault_node_unseal_progress", "Shares given so far to a sealed node");
  static final Metric SEAL_MIGRATION =
      Metric.gauge("vault_node_seal_migration", "1 while the seal is being migrated");
  static final Metric RECOVERY_SEAL =
      Metric.gauge("vault_node_recovery_seal", "1 when the shares are of a recovery key");
  static final Metric LEADER_KNOWN =
      Metric.gauge("vault_node_leader_known", "1 when the node knows who leads");
  static final Metric LEADER_SELF =
      Metric.gauge("vault_node_leader_self", "1 when the node says that it leads");
  static final Metric ACTIVE_SINCE =
      Metric.gauge("vault_node_active_since_timestamp_seconds", "When the node became active");
  static final Metric COMMITTED =
      Metric.gauge("vault_node_raft_committed_index", "Last raft index this node committed");
  static final Metric APPLIED =
      Metric.gauge("vault_node_raft_applied_index", "Last raft index this node applied");

  public static final List<Metric> METRICS =
      List.of(
          UP,
          INITIALIZED,
          SEALED,
          ACTIVE,
          PERFORMANCE_STANDBY,
          STATE,
          STATUS_CODE,
          INFO,
          REPLICATION_INFO,
          CLOCK_SKEW,
          UNSEAL_SHARES,
          UNSEAL_THRESHOLD,
          UNSEAL_PROGRESS,
          SEAL_MIGRATION,
          RECOVERY_SEAL,
          LEADER_KNOWN,
          LEADER_SELF,
          ACTIVE_SINCE,
          COMMITTED,
          APPLIED);

  private final Supplier<NodeState> state;

  public NodeCollector(Supplier<NodeState> state) {
    this.state = state;
  }

  @Override
  public String name() {
    return "node";
  }

  @Override
  public MetricSnapshots collect() {
    NodeState now = state.get();
    Samples samples = new Samples();
    switch (now.health()) {
      case Reading.Known<Health>(var health, var at, var took) -> {
        samples.add(UP, true);
        addStates(samples, now.role());
        addHealth(samples, now, health, at, took);
      }
      case Reading.Failed<Health> _ -> {
        samples.add(UP, false);
        addStates(samples, Role.UNREACHABLE);
      }
      case Reading.NotAsked<Health> _ -> {}
    }
    now.sealStatus().known().ifPresent(seal -> addSeal(samples, seal));
    now.leader().known().ifPresent(leader -> addLeader(samples, leader));
    return samples.snapshots();
  }

  private static void addStates(Samples samples, Role role) {
    for (Role each : Role.values()) {
      samples.add(STATE, each == role, each.label());
    }
  }

  private static void addHealth(
      Samples samples, NodeState now, Health health, Instant at, Duration took) {
    samples.add(INITIALIZED, health.initialized());
    samples.add(SEALED, health.sealed());
    samples.add(ACTIVE, now.role() == Role.ACTIVE);
    samples.add(PERFORMANCE_STANDBY, now.role() == Role.PERF_STANDBY);
    samples.add(STATUS_CODE, health.status());
    Optional<SealStatus> seal = now.sealStatus().known();
    samples.info(
        INFO,
        health.version(),
        health.clusterName().orElse(""),
        health.clusterId().orElse(""),
        seal.map(SealStatus::storageType).orElse(""),
        seal.map(SealStatus::type).orElse(""),
        now.product().name().toLowerCase(Locale.ROOT));
    health
        .replicationPerformanceMode()
        .ifPresent(mode -> samples.info(REPLICATION_INFO, "performance", mode));
    health.replicationDrMode().ifPresent(mode -> samples.info(REPLICATION_INFO, "dr", mode));
    samples.add(CLOCK_SKEW, clockSkew(health, at, took));
  }

  private static Duration clockSkew(Health health, Instant at, Duration took) {
    return Duration.between(
        at.minus(took.dividedBy(2)), Instant.ofEpochSecond(health.serverTimeSeconds()));
  }

  private static void addSeal(Samples samples, SealStatus seal) {
    samples.add(UNSEAL_SHARES, seal.shares());
    samples.add(UNSEAL_THRESHOLD, seal.threshold());
    samples.add(UNSEAL_PROGRESS, seal.progress());
    samples.add(SEAL_MIGRATION, seal.migration());
    samples.add(RECOVERY_SEAL, seal.recoverySeal());
  }

  /// A node without high availability has no leader to know; saying 0 would be a false alarm.
  private static void addLeader(Samples samples, Leader leader) {
    if (leader.haEnabled()) {
      samples.add(LEADER_KNOWN, leader.self() || leader.address().isPresent());
      samples.add(LEADER_SELF, leader.self());
    }
    leader.activeTime().ifPresent(time -> samples.add(ACTIVE_SINCE, time));
    samples.add(COMMITTED, leader.raftCommittedIndex());
    samples.add(APPLIED, leader.raftAppliedIndex());
  }
}
