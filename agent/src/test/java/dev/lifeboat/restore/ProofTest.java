package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.backup.Manifest.Mount;
import dev.lifeboat.config.Secret;
import dev.lifeboat.restore.FakeRaftNode.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// That a node is back, and each way in which it may not be.
class ProofTest {
  private static final List<Mount> MOUNTS = List.of(new Mount("secret/", "kv"));

  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);
  private Optional<CanaryConfig> canary = Optional.of(Rescue.CANARY);
  private String cluster = FakeRaft.OLD;
  private OptionalLong index = OptionalLong.of(100);

  @BeforeEach
  void two_nodes_that_serve() {
    raft = FakeRaft.of(folder, true, 2).serving();
  }

  @AfterEach
  void close() {
    raft.close();
  }

  private Map<String, String> prove(int number, List<NodeConfig> configs)
      throws InterruptedException {
    RestoreConfig config =
        new RestoreConfig(folder, Optional.empty(), Duration.ofMillis(600), List.of(), configs);
    try (Nodes nodes = Nodes.open(config, Rescue.vault())) {
      Node node = nodes.all().get(number - 1);
      return new Proof(index, Optional.of(cluster), MOUNTS, canary)
          .of(node, nodes.first(), nodes.others(node), new Secret(FakeRaft.TOKEN));
    }
  }

  private String refusal(int number) {
    return Rescue.refusal(() -> prove(number, raft.configs()));
  }

  @Test
  void a_node_that_is_back_says_what_was_seen_of_it() throws Exception {
    assertEquals(
        Map.of(
            "follows", raft.address(1),
            "index", "120",
            "raft", "127.0.0.1:12",
            "mounts", "1",
            "canary", "written, read at node-1, node-2"),
        prove(2, raft.configs()));
    canary = Optional.empty();
    assertEquals(
        "none is configured, so writing was not tried", prove(1, raft.configs()).get("canary"));
  }

  @Test
  void without_raft_there_is_neither_an_index_nor_a_vote() throws Exception {
    index = OptionalLong.empty();
    raft.node(2).fault(Fault.NO_VOTE).fault(Fault.SLOW);

    assertEquals(
        Map.of(
            "follows", raft.address(1),
            "mounts", "1",
            "canary", "written, read at node-1, node-2"),
        prove(2, raft.configs()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ASTRAY | node-2 follows https://10.0.0.1:8200, and node-1 leads",
        "SLOW | node-2 has data up to raft index 1, and 100 is expected",
        "NO_VOTE | node-2 does not vote after 0 s",
        "STALE | node-2 has no mount secret/ of type kv",
        "BEHIND | what was written through node-2 is not read at node-2: canary"
      })
  void what_is_wrong_with_a_node_is_said(Fault fault, String why) {
    raft.node(2).fault(fault);

    String refusal = refusal(2);

    assertTrue(refusal.startsWith("FAILED " + why), refusal);
  }

  @Test
  void a_node_that_knows_a_login_a_moment_later_is_asked_again() throws Exception {
    raft.node(2).fault(Fault.LATE);

    assertEquals("written, read at node-1, node-2", prove(2, raft.configs()).get("canary"));
  }

  @Test
  void one_that_another_node_does_not_agree_with_is_not_proven() {
    raft.node(2).fault(Fault.BEHIND);

    String refusal = refusal(1);

    assertTrue(
        refusal.startsWith("FAILED what was written through node-1 is not read at node-2"),
        refusal);
  }

  @Test
  void a_sealed_node_is_not_back() {
    raft.node(2).dies();
    raft.node(2).starts();

    assertTrue(refusal(2).startsWith("FAILED node-2 is sealed"));
  }

  @Test
  void a_node_of_another_cluster_is_not_back() {
    cluster = "another";

    assertTrue(refusal(2).startsWith("FAILED node-2 is of the cluster 14041c9e, not of another"));
  }

  @Test
  void a_leader_that_does_not_say_so_itself_is_none() {
    raft.node(1).fault(Fault.ASTRAY);

    assertTrue(refusal(2).startsWith("FAILED node-2 follows " + raft.address(1)));
  }

  @Test
  void a_node_that_raft_does_not_know_is_not_back() {
    raft.old().peers().clear();
    raft.old().peers().add("node-1");

    // It is asked by itself, and says that it follows.
    String refusal = refusal(2);

    assertTrue(refusal.startsWith("FAILED raft does not know node-2"), refusal);
  }

  @Test
  void a_node_that_raft_knows_by_another_address_is_not_back() {
    List<NodeConfig> configs = new ArrayList<>(raft.configs());
    configs.set(1, raft.node(2).config(Optional.of("127.0.0.1:99")));

    String refusal = Rescue.refusal(() -> prove(2, configs));

    assertTrue(
        refusal.startsWith(
            "FAILED raft knows node-2 at 127.0.0.1:12, and restore.nodes at 127.0.0.1:99"),
        refusal);
  }
}
