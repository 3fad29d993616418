package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.vault.ReplicationStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeStates;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  void openbao_which_calls_itself_primary_is_not_asked() {
    ReplicationCollector collector =
        new ReplicationCollector(
            NodeStates::active,
            () -> {
              throw new IllegalStateException("asked");
            });

    collector.look();

    assertEquals(List.of(), collector.problems());
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
