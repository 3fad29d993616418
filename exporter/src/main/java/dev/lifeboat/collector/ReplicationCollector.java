package dev.lifeboat.collector;

import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.ReplicationStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.watch.NodeState;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Replication between clusters, of which health says only the mode. Asked of Vault Enterprise
/// alone, and of it only while health says that there is any.
///
/// ```
/// vault_node_replication_state_info{kind="dr",mode="secondary",state="stream-wals"} 1
/// vault_node_replication_last_wal{kind="dr"} 455.0
/// vault_node_replication_last_remote_wal{kind="dr"} 455.0
/// vault_node_replication_peer_connected{kind="dr",cluster_address="https://…:8201"} 1.0
/// ```
public final class ReplicationCollector implements Collector {
  static final Metric STATE =
      Metric.info(
          "vault_node_replication_state_info",
          "How the replication to or from another cluster stands",
          "kind",
          "mode",
          "state");
  static final Metric LAST_WAL =
      Metric.gauge("vault_node_replication_last_wal", "Last entry that this cluster wrote", "kind");
  static final Metric LAST_REMOTE_WAL =
      Metric.gauge(
          "vault_node_replication_last_remote_wal",
          "Last entry that this secondary has from its primary",
          "kind");
  static final Metric PEER_CONNECTED =
      Metric.gauge(
          "vault_node_replication_peer_connected",
          "1 while the other cluster is connected",
          "kind",
          "cluster_address");
  static final Metric PEER_LAST_HEARTBEAT =
      Metric.gauge(
          "vault_node_replication_peer_last_heartbeat_timestamp_seconds",
          "When the other cluster was last heard of",
          "kind",
          "cluster_address");

  public static final List<Metric> METRICS =
      List.of(STATE, LAST_WAL, LAST_REMOTE_WAL, PEER_CONNECTED, PEER_LAST_HEARTBEAT);

  private final Supplier<NodeState> state;
  private final Supplier<ReplicationStatus> asking;
  private volatile Optional<ReplicationStatus> latest = Optional.empty();
  private volatile List<String> problems = List.of();

  /// @param asking may throw [VaultException]
  public ReplicationCollector(Supplier<NodeState> state, Supplier<ReplicationStatus> asking) {
    this.state = state;
    this.asking = asking;
  }

  /// Asks once, if there is anything to ask for.
  public void look() {
    Optional<ReplicationStatus> found = Optional.empty();
    List<String> missing = List.of();
    if (state.get().health().known().filter(ReplicationCollector::replicates).isPresent()) {
      try {
        found = Optional.of(asking.get());
      } catch (VaultException e) {
        missing = List.of(String.valueOf(e.getMessage()));
      }
    }
    latest = found;
    problems = missing;
  }

  /// OpenBao calls every cluster the primary of no replication at all.
  private static boolean replicates(Health health) {
    return !health.sealed()
        && health.version().contains("+ent")
        && Stream.of(health.replicationDrMode(), health.replicationPerformanceMode())
            .flatMap(Optional::stream)
            .anyMatch(mode -> !mode.equals("disabled") && !mode.isEmpty());
  }

  @Override
  public String name() {
    return "replication";
  }

  @Override
  public List<String> problems() {
    return problems;
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    latest.ifPresent(status -> status.kinds().forEach(kind -> add(samples, kind)));
    return samples.snapshots();
  }

  private static void add(Samples samples, ReplicationStatus.Kind kind) {
    samples.info(STATE, kind.name(), kind.mode(), kind.state());
    samples.add(LAST_WAL, kind.lastWal(), kind.name());
    samples.add(LAST_REMOTE_WAL, kind.lastRemoteWal(), kind.name());
    Set<String> seen = new HashSet<>();
    for (ReplicationStatus.Peer peer : kind.peers()) {
      if (seen.add(peer.address())) {
        samples.add(PEER_CONNECTED, peer.connected(), kind.name(), peer.address());
        peer.lastHeartbeat()
            .ifPresent(at -> samples.add(PEER_LAST_HEARTBEAT, at, kind.name(), peer.address()));
      }
    }
  }
}
