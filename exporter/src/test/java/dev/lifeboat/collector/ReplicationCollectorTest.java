package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.vault.ReplicationStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.NodeStates;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplicationCollectorTest {
  @Test
  void what_a_secondary_says_is_published(@TempDir Path folder) {
    Collector made =
        MadeCollectors.all(folder.resolve("raft")).stream()
            .filter(collector -> collector.name().equals("replication"))
            .findFirst()
            .orElseThrow();
    String of = "{cluster_address=\"https://10.1.0.1:8201\",kind=\"dr\"} ";

    assertEquals(
        List.of(
            "vault_node_replication_last_remote_wal{kind=\"dr\"} 454.0",
            "vault_node_replication_last_wal{kind=\"dr\"} 455.0",
            "vault_node_replication_peer_connected" + of + "1.0",
            "vault_node_replication_peer_last_heartbeat_timestamp_seconds" + of + "1.7953416E9",
            "vault_node_replication_state_info{kind=\"dr\",mode=\"secondary\","
                + "state=\"stream-wals\"} 1"),
        Lines.of(made).stream().sorted().toList());
  }

  static Stream<NodeState> without() {
    return Stream.of(
        NodeStates.active(),
        NodeStates.sealed(),
        NodeStates.unreachable(),
        NodeStates.perfStandby(),
        NodeStates.beforeFirstPoll());
  }

  /// OpenBao, which calls itself the primary of nothing; sealed; silent; nothing enabled.
  @ParameterizedTest
  @MethodSource("without")
  void a_node_that_replicates_nothing_is_not_asked(NodeState state) {
    ReplicationCollector collector =
        new ReplicationCollector(
            () -> state,
            () -> {
              throw new IllegalStateException("asked");
            });

    collector.look();

    assertEquals(List.of(), collector.problems());
  }

  @Test
  void a_cluster_that_is_named_twice_is_one_series() {
    ReplicationStatus.Peer peer = new ReplicationStatus.Peer("https://b", true, Optional.empty());
    ReplicationStatus.Kind kind =
        new ReplicationStatus.Kind(
            "dr",
            "primary",
            "running",
            OptionalLong.empty(),
            OptionalLong.empty(),
            List.of(peer, peer));
    ReplicationCollector collector =
        new ReplicationCollector(
            NodeStates::drSecondary, () -> new ReplicationStatus(List.of(kind)));

    collector.look();

    assertEquals(2, Lines.of(collector).size(), Lines.of(collector).toString());
  }

  @Test
  void a_failure_is_a_problem_and_leaves_no_old_figure() {
    ReplicationCollector collector =
        new ReplicationCollector(
            NodeStates::drSecondary,
            () -> {
              throw new VaultException(Reason.TIMEOUT, "no answer in time");
            });

    collector.look();

    assertEquals(List.of("no answer in time"), collector.problems());
    assertEquals(List.of(), Lines.of(collector));
  }

  @Test
  void no_kind_no_series() {
    ReplicationCollector collector =
        new ReplicationCollector(NodeStates::drSecondary, () -> new ReplicationStatus(List.of()));

    collector.look();

    assertEquals(List.of(), Lines.of(collector));
  }
}
