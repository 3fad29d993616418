package dev.lifeboat.collector;

import dev.lifeboat.vault.AutopilotState;
import dev.lifeboat.vault.HaStatus;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Role;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/// `vault_cluster_*`: the raft cluster as its active node sees it.
///
/// Published on the active node alone and gone with the poll at which it stepped down, so that no
/// former leader keeps telling what once was true.
///
/// ```
/// vault_cluster_peers 3.0
/// vault_cluster_voters 3.0
/// vault_cluster_expected_peers 3.0
/// vault_cluster_configuration_index 52.0
/// vault_cluster_peer_info{node_id="a",address="10.0.0.1:8201"} 1
/// vault_cluster_peer_voter{node_id="a"} 1.0
/// vault_cluster_peer_leader{node_id="a"} 1.0
/// vault_cluster_autopilot_healthy 1.0
/// vault_cluster_failure_tolerance 1.0
/// vault_cluster_peer_healthy{node_id="b"} 1.0
/// vault_cluster_peer_last_contact_seconds{node_id="b"} 1.2
/// vault_cluster_peer_last_index{node_id="b"} 4711.0
/// vault_cluster_peer_index_lag{node_id="b"} 0.0
/// vault_cluster_peer_stable_since_timestamp_seconds{node_id="b"} 1.7643e9
/// vault_cluster_peer_status{node_id="b",status="voter"} 1.0
/// vault_cluster_peer_last_echo_timestamp_seconds{hostname="b",api_address="https://…"} 1.7643e9
/// vault_cluster_peer_version_info{hostname="b",api_address="https://…",version="2.7.2"} 1
/// ```
public final class ClusterCollector implements Collector {
  static final Metric PEERS =
      Metric.gauge("vault_cluster_peers", "Peers in the raft configuration");
  static final Metric VOTERS =
      Metric.gauge("vault_cluster_voters", "Voters in the raft configuration");
  static final Metric EXPECTED_PEERS =
      Metric.gauge(
          "vault_cluster_expected_peers", "Peers of a whole cluster, from vault.expected-peers");
  static final Metric CONFIGURATION_INDEX =
      Metric.gauge(
          "vault_cluster_configuration_index", "Raft index at which the configuration was written");
  static final Metric PEER_INFO =
      Metric.info("vault_cluster_peer_info", "A raft peer and its address", "node_id", "address");
  static final Metric PEER_VOTER =
      Metric.gauge("vault_cluster_peer_voter", "1 when the peer votes", "node_id");
  static final Metric PEER_LEADER =
      Metric.gauge("vault_cluster_peer_leader", "1 when the peer leads", "node_id");
  static final Metric AUTOPILOT_HEALTHY =
      Metric.gauge("vault_cluster_autopilot_healthy", "1 when autopilot finds every peer healthy");
  static final Metric FAILURE_TOLERANCE =
      Metric.gauge(
          "vault_cluster_failure_tolerance", "Healthy voters that may be lost before quorum is");
  static final Metric PEER_HEALTHY =
      Metric.gauge(
          "vault_cluster_peer_healthy", "1 when autopilot finds the peer healthy", "node_id");
  static final Metric PEER_LAST_CONTACT =
      Metric.gauge(
          "vault_cluster_peer_last_contact_seconds",
          "Age of the peer's last echo, which is sent every 5 s",
          "node_id");
  static final Metric PEER_LAST_INDEX =
      Metric.gauge("vault_cluster_peer_last_index", "The peer's last raft index", "node_id");
  static final Metric PEER_INDEX_LAG =
      Metric.gauge(
          "vault_cluster_peer_index_lag",
          "Raft entries the peer is behind the leader, at the 5 s grain of echoes",
          "node_id");
  static final Metric PEER_STABLE_SINCE =
      Metric.gauge(
          "vault_cluster_peer_stable_since_timestamp_seconds",
          "Since when the peer's health has not changed",
          "node_id");
  static final Metric PEER_STATUS =
      Metric.gauge(
          "vault_cluster_peer_status", "1 for the peer's autopilot status", "node_id", "status");
  static final Metric PEER_LAST_ECHO =
      Metric.gauge(
          "vault_cluster_peer_last_echo_timestamp_seconds",
          "When a standby last echoed to the active node",
          "hostname",
          "api_address");
  static final Metric PEER_VERSION =
      Metric.info(
          "vault_cluster_peer_version_info",
          "The version each node of the cluster runs",
          "hostname",
          "api_address",
          "version");

  public static final List<Metric> METRICS =
      List.of(
          PEERS,
          VOTERS,
          EXPECTED_PEERS,
          CONFIGURATION_INDEX,
          PEER_INFO,
          PEER_VOTER,
          PEER_LEADER,
          AUTOPILOT_HEALTHY,
          FAILURE_TOLERANCE,
          PEER_HEALTHY,
          PEER_LAST_CONTACT,
          PEER_LAST_INDEX,
          PEER_INDEX_LAG,
          PEER_STABLE_SINCE,
          PEER_STATUS,
          PEER_LAST_ECHO,
          PEER_VERSION);

  private final Supplier<NodeState> state;
  private final int expectedPeers;

  /// @param expectedPeers `vault.expected-peers`; 0 when not said
  public ClusterCollector(Supplier<NodeState> state, int expectedPeers) {
    this.state = state;
    this.expectedPeers = expectedPeers;
  }

  @Override
  public String name() {
    return "cluster";
  }

  @Override
  public MetricSnapshots collect() {
    NodeState now = state.get();
    Samples samples = new Samples();
    if (now.role() == Role.ACTIVE) {
      if (expectedPeers > 0) {
        samples.add(EXPECTED_PEERS, expectedPeers);
      }
      now.raftConfiguration().known().ifPresent(raft -> addConfiguration(samples, raft));
      now.autopilot().known().ifPresent(autopilot -> addAutopilot(samples, autopilot));
      now.haStatus().known().ifPresent(ha -> addHaStatus(samples, ha));
    }
    return samples.snapshots();
  }

  private static void addConfiguration(Samples samples, RaftConfiguration raft) {
    samples.add(PEERS, raft.servers().size());
    samples.add(VOTERS, raft.servers().stream().filter(RaftConfiguration.Server::voter).count());
    samples.add(CONFIGURATION_INDEX, raft.index());
    var seen = new HashSet<String>();
    for (RaftConfiguration.Server server : raft.servers()) {
      if (!seen.add(server.nodeId())) {
        continue;
      }
      samples.info(PEER_INFO, server.nodeId(), server.address());
      samples.add(PEER_VOTER, server.voter(), server.nodeId());
      samples.add(PEER_LEADER, server.leader(), server.nodeId());
    }
  }

  private static void addAutopilot(Samples samples, AutopilotState autopilot) {
    samples.add(AUTOPILOT_HEALTHY, autopilot.healthy());
    samples.add(FAILURE_TOLERANCE, autopilot.failureTolerance());
    OptionalLong leading = lastIndexOfLeader(autopilot);
    var seen = new HashSet<String>();
    for (AutopilotState.Server server : autopilot.servers()) {
      if (!seen.add(server.id())) {
        continue;
      }
      samples.add(PEER_HEALTHY, server.healthy(), server.id());
      server.lastContact().ifPresent(age -> samples.add(PEER_LAST_CONTACT, age, server.id()));
      samples.add(PEER_LAST_INDEX, server.lastIndex(), server.id());
      samples.add(PEER_INDEX_LAG, lag(leading, server), server.id());
      server.stableSince().ifPresent(time -> samples.add(PEER_STABLE_SINCE, time, server.id()));
      samples.add(PEER_STATUS, true, server.id(), server.status());
    }
  }

  private static OptionalLong lastIndexOfLeader(AutopilotState autopilot) {
    return autopilot.servers().stream()
        .filter(server -> server.id().equals(autopilot.leader()))
        .mapToLong(AutopilotState.Server::lastIndex)
        .findFirst();
  }

  /// Never below 0: the leader's own figure may be the older of the two.
  private static OptionalLong lag(OptionalLong leading, AutopilotState.Server server) {
    return leading.isPresent()
        ? OptionalLong.of(Math.max(0, leading.getAsLong() - server.lastIndex()))
        : OptionalLong.empty();
  }

  private static void addHaStatus(Samples samples, HaStatus ha) {
    var seen = new HashSet<List<String>>();
    for (HaStatus.Node node : ha.nodes()) {
      // A restarted node may be listed twice for a while; equal labels would cost all samples.
      if (!seen.add(List.of(node.hostname(), node.apiAddress()))) {
        continue;
      }
      // The address too: nodes of one machine share its host name.
      node.lastEcho()
          .ifPresent(time -> samples.add(PEER_LAST_ECHO, time, node.hostname(), node.apiAddress()));
      node.version()
          .ifPresent(
              version -> samples.info(PEER_VERSION, node.hostname(), node.apiAddress(), version));
    }
  }
}
