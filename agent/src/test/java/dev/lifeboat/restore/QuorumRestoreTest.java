package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.journal.Journal;
import dev.lifeboat.restore.FakeRaftNode.Fault;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A cluster out of the nodes that are left.
class QuorumRestoreTest {
  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);

  /// A cluster of which the first ones have their data, and no server runs.
  private Rescue left(boolean shamir, int nodes, int survivors) {
    raft = FakeRaft.of(folder, shamir, nodes);
    for (FakeRaftNode node : raft.nodes()) {
      raft.old().peers().add(node.id());
    }
    raft.nodes().stream().limit(survivors).forEach(node -> node.keeps(raft.old(), 3, 100));
    return new Rescue(raft);
  }

  @AfterEach
  void close() {
    raft.close();
  }

  private Report quorum(Rescue rescue, String... dead) throws InterruptedException {
    return rescue.quorum(rescue.quorumOrder(dead), _ -> {});
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void one_of_three_becomes_a_cluster_that_the_others_join(boolean shamir) throws Exception {
    Rescue rescue = left(shamir, 3, 1);
    raft.node(1).starts();

    Report report = quorum(rescue);

    assertTrue(report.whole(), report.missing().toString());
    assertEquals(List.of("node-1", "node-2", "node-3"), report.proven());
    assertEquals(Set.of("node-1", "node-2", "node-3"), raft.old().peers());
    Path copy =
        raft.node(1)
            .storage()
            .resolve("lifeboat-copy-" + Journal.run(rescue.journals().getFirst()));
    assertEquals(FakeRaft.OLD, Files.readString(copy.resolve("cluster-id")));
    assertTrue(Files.exists(copy.resolve("raft/raft.db")));
    assertFalse(Files.exists(raft.node(1).storage().resolve("lifeboat-restore.lock")));
  }

  @Test
  void the_plan_says_all_of_it() throws Exception {
    Rescue rescue = left(true, 3, 1).after("true");

    List<String> plan = rescue.quorumPlan();

    assertEquals("take node-1, node-2, node-3 for this run: one restore at a time", plan.get(0));
    assertTrue(plan.get(4).startsWith("read how far the raft log of each of node-1 goes"));
    assertTrue(plan.get(6).startsWith("write peers.json with node-1 alone"), plan.toString());
    assertTrue(plan.get(7).contains("storage of each of node-2, node-3 into"), plan.toString());
    assertEquals("tell true that all is back", plan.getLast());
    assertEquals(List.of(), rescue.journals());
  }

  @Test
  void the_node_of_the_newest_term_goes_on_though_another_has_more_entries() throws Exception {
    Rescue rescue = left(true, 5, 2);
    raft.node(1).keeps(raft.old(), 3, 900);
    raft.node(2).keeps(raft.old(), 4, 800);
    // It has most of all, and whoever gives the order knows that it is of no use.
    raft.node(3).keeps(raft.old(), 9, 999);
    assertTrue(rescue.quorumPlan("node-3").stream().anyMatch(step -> step.contains("the others")));

    Report report = quorum(rescue, "node-3");

    assertTrue(report.whole(), report.missing().toString());
    Map<String, String> chosen =
        report.phases().stream()
            .filter(phase -> phase.step().equals("choose"))
            .findFirst()
            .orElseThrow()
            .facts();
    assertEquals("node-2", chosen.get("chosen"));
    assertEquals("800", chosen.get("index"));
    assertEquals("term 3 index 900", chosen.get("node-1"));
    assertFalse(chosen.containsKey("node-3"));
    String run = Journal.run(rescue.journals().getFirst());
    for (int moved : new int[] {1, 3}) {
      assertTrue(
          Files.exists(
              raft.node(moved).storage().resolve("lifeboat-quarantine-" + run + "/vault.db")));
    }
  }

  @Test
  void a_log_that_is_broken_does_not_count_and_without_any_nothing_is_written() throws Exception {
    Rescue rescue = left(true, 5, 2);
    Files.write(raft.node(1).storage().resolve("raft/raft.db"), new byte[8192]);
    Files.delete(raft.node(2).storage().resolve("raft/raft.db"));
    Files.write(raft.node(2).storage().resolve("vault.db"), new byte[8192]);

    String refusal = Rescue.refusal(() -> quorum(rescue));

    assertTrue(
        refusal.startsWith("FAILED the raft log of none of node-1, node-2 can be read"), refusal);
    assertTrue(refusal.contains("node-1=unreadable: it is no bbolt file"), refusal);
    raft.node(2).keeps(raft.old(), 1, 7);
    Report report = quorum(rescue);
    assertTrue(report.whole(), report.missing().toString());
    assertEquals(1, rescue.journals().size());
  }

  /// One whose machine is silent, at an address where nobody answers.
  private NodeConfig silent(int number) {
    NodeConfig node = raft.node(number).config();
    return new NodeConfig(
        node.id(),
        URI.create("http://127.0.0.1:1"),
        Optional.of("127.0.0.1:2"),
        node.storage(),
        node.start(),
        node.stop(),
        List.of("/no/such/program"),
        node.machine());
  }

  @Test
  void a_node_whose_machine_is_silent_is_left_out_only_when_it_is_named() throws Exception {
    Rescue rescue = left(true, 3, 1);
    List<NodeConfig> nodes = new ArrayList<>(raft.configs());
    nodes.set(2, silent(3));
    var _ = rescue.nodes(nodes);
    String refusal = Rescue.refusal(() -> rescue.quorumPlan());
    assertTrue(refusal.startsWith("REFUSED the machine of node-3 does not answer"), refusal);

    Report report = quorum(rescue, "node-3");

    assertEquals(List.of("node-1", "node-2"), report.proven());
    assertTrue(
        report.missing().getOrDefault("node-3", "").startsWith("its machine does not answer"));
    assertFalse(report.whole());
    assertEquals(List.of(), Restoring.unfinished(rescue.config()), "there is nothing more to do");
    assertEquals(Set.of("node-1", "node-2"), raft.old().peers());
  }

  @Test
  void a_node_that_is_said_to_be_dead_and_answers_is_none() {
    Rescue rescue = left(true, 3, 1);
    raft.node(3).fault(Fault.NO_MACHINE);
    var _ = rescue.again();

    String refusal = Rescue.refusal(() -> rescue.quorumPlan("node-3"));

    assertTrue(refusal.startsWith("REFUSED node-3 is said to be dead, and answers at "), refusal);
  }

  @Test
  void a_quorum_that_is_not_lost_is_left_alone() {
    Rescue rescue = left(true, 3, 0);
    raft.serving();

    String refusal = Rescue.refusal(() -> rescue.quorumPlan("node-3"));

    assertTrue(refusal.startsWith("REFUSED node-1 leads: the quorum is not lost"), refusal);
  }

  @Test
  void without_any_data_there_is_nothing_to_go_on_with() {
    Rescue rescue = left(true, 3, 0);

    assertTrue(Rescue.refusal(() -> rescue.quorumPlan()).startsWith("REFUSED no node has data"));
  }

  @Test
  void a_majority_with_data_can_elect_a_leader_by_itself() {
    Rescue rescue = left(true, 3, 2);

    String refusal = Rescue.refusal(() -> rescue.quorumPlan());

    assertTrue(refusal.startsWith("REFUSED 2 of 3 nodes have their data: a majority"), refusal);
  }

  @Test
  void the_address_of_raft_is_needed() {
    Rescue rescue = left(true, 3, 1);
    List<NodeConfig> nodes = new ArrayList<>(raft.configs());
    nodes.set(0, raft.node(1).config(Optional.empty()));
    var _ = rescue.nodes(nodes);

    String refusal = Rescue.refusal(() -> rescue.quorumPlan());

    assertTrue(refusal.startsWith("REFUSED restore.nodes.node-1 has no cluster-address"), refusal);
  }

  @Test
  void wrong_shares_are_said_and_the_right_ones_go_on() throws Exception {
    Rescue rescue = left(true, 3, 1);

    String refusal =
        Rescue.refusal(
            () ->
                rescue.quorum(
                    rescue.quorumOrder().with(Shares.known(Rescue.shares(8, 9))), _ -> {}));
    assertTrue(refusal.startsWith("FAILED node-1 is not opened by these shares"), refusal);

    Report report = quorum(rescue);
    assertTrue(report.whole(), report.missing().toString());
    assertEquals(1, rescue.journals().size());
  }

  @Test
  void a_run_whose_every_process_dies_comes_to_its_end_all_the_same() throws Exception {
    Rescue rescue = left(true, 3, 1);
    boolean over = false;
    int processes = 0;
    while (!over) {
      int lines =
          rescue.journals().isEmpty() ? 0 : Journal.read(rescue.journals().getFirst()).size();
      try {
        var _ = rescue.quorum(rescue.quorumOrder(), Rescue.deathAt(lines + 3));
      } catch (Rescue.Death dead) {
        processes++;
      }
      over = Journal.over(Journal.read(rescue.journals().getFirst()));
    }

    assertTrue(processes > 10, "processes " + processes);
    assertEquals(1, rescue.journals().size());
    assertTrue(raft.nodes().stream().allMatch(node -> node.serves(raft.old())));
  }

  @Test
  void a_node_that_does_not_come_back_is_named_and_the_same_command_gets_it_later()
      throws Exception {
    Rescue rescue = left(true, 3, 1);
    raft.node(3).fault(Fault.START_FAILS);
    Report first = quorum(rescue.again());
    assertEquals(Set.of("node-3"), first.missing().keySet());

    raft.node(3).heal();
    Report second = quorum(rescue.again());

    assertTrue(second.whole(), second.missing().toString());
  }

  @Test
  void one_that_does_not_lead_alone_is_said() throws IOException {
    Rescue rescue = left(true, 3, 1).bound(Duration.ofSeconds(1));
    // Its server takes no notice of peers.json.
    Path raftFolder = raft.node(1).storage().resolve("raft");
    NodeConfig node = raft.node(1).config();
    List<String> start = new ArrayList<>(List.of("sh", "-c", "rm -f \"$0\"; exec \"$@\""));
    start.add(raftFolder.resolve("peers.json").toString());
    start.addAll(node.start());
    List<NodeConfig> nodes = new ArrayList<>(raft.configs());
    nodes.set(
        0,
        new NodeConfig(
            node.id(),
            node.address(),
            node.clusterAddress(),
            node.storage(),
            start,
            node.stop(),
            node.running(),
            node.machine()));
    var _ = rescue.nodes(nodes);

    String refusal = Rescue.refusal(() -> quorum(rescue));

    assertTrue(refusal.startsWith("FAILED node-1 is open and does not lead after 1 s"), refusal);
  }
}
