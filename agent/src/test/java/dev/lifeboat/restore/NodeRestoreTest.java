package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.journal.Journal;
import dev.lifeboat.restore.FakeRaftNode.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One node out of the others.
class NodeRestoreTest {
  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);
  private Rescue rescue = new Rescue(raft);

  @BeforeEach
  void three_nodes_that_serve() {
    raft = FakeRaft.of(folder, true, 3).serving();
    rescue = new Rescue(raft);
  }

  @AfterEach
  void close() {
    raft.close();
  }

  private Report node(String id) throws InterruptedException {
    return rescue.node(id, _ -> {});
  }

  private String fact(Report report, String step, String fact) {
    return report.phases().stream()
        .filter(phase -> phase.step().equals(step))
        .findFirst()
        .orElseThrow()
        .facts()
        .getOrDefault(fact, "");
  }

  @Test
  void a_node_that_lost_its_disk_joins_anew_and_is_proven() throws Exception {
    raft.node(3).dies();
    Files.delete(raft.node(3).storage().resolve("cluster-id"));

    Report report = node("node-3");

    assertTrue(report.whole());
    assertEquals(List.of("node-3"), report.proven());
    assertEquals("by node-1", fact(report, "remove node-3", "removed"));
    assertTrue(raft.node(3).serves(raft.old()));
    String moved = "lifeboat-quarantine-" + report.run() + "/vault.db";
    assertTrue(Files.exists(raft.node(3).storage().resolve(moved)));
    assertFalse(Files.exists(raft.node(3).storage().resolve("lifeboat-restore.lock")));
    assertEquals(List.of(), Restoring.unfinished(rescue.config()));
    assertEquals(1, raft.node(1).started(), "the others are left alone");
  }

  @Test
  void the_leader_itself_can_be_rebuilt() throws Exception {
    Report report = node("node-1");

    assertEquals("by node-2", fact(report, "remove node-1", "removed"));
    assertTrue(raft.node(1).serves(raft.old()));
    assertEquals("node-2", fact(report, "join node-1", "leader"));
  }

  @Test
  void one_that_raft_does_not_know_is_not_removed() throws Exception {
    raft.node(3).dies();
    raft.old().peers().remove("node-3");

    Report report = node("node-3");

    assertEquals("it was not in it", fact(report, "remove node-3", "removed"));
    assertEquals(List.of(), raft.node(1).seal().vault().requests("sys/storage/raft/remove-peer"));
  }

  @Test
  void it_is_refused_where_the_others_are_too_few() {
    raft.node(3).dies();

    String refusal = Rescue.refusal(() -> node("node-2"));

    assertTrue(
        refusal.startsWith("REFUSED of 3 voters 1 are open besides node-2, and 2 are needed"),
        refusal);
    assertEquals(List.of(), rescue.journals());
    assertTrue(raft.node(2).serves(raft.old()));
  }

  @Test
  void without_a_leader_nothing_is_begun() {
    raft.node(2).dies();
    raft.node(3).dies();
    var _ = rescue.bound(Duration.ofSeconds(1));

    assertTrue(Rescue.refusal(() -> node("node-3")).startsWith("FAILED no node leads"));
    assertEquals(List.of(), rescue.journals());
  }

  @Test
  void a_name_that_is_none_is_refused() {
    String refusal = Rescue.refusal(() -> node("node-9"));

    assertTrue(refusal.startsWith("REFUSED restore.nodes has no node 'node-9'"), refusal);
    assertTrue(refusal.endsWith("there is node-1, node-2, node-3"), refusal);
  }

  @Test
  void a_peer_that_stays_is_said() {
    raft.node(1).fault(Fault.KEEPS_PEERS);
    var _ = rescue.bound(Duration.ofSeconds(1));

    String refusal = Rescue.refusal(() -> node("node-3"));

    assertTrue(refusal.startsWith("FAILED node-3 is still in the raft configuration"), refusal);
    assertTrue(raft.node(3).data().isPresent(), "it was not emptied");
  }

  @Test
  void a_run_whose_every_process_dies_comes_to_its_end_all_the_same() throws Exception {
    raft.node(3).dies();
    boolean over = false;
    int processes = 0;
    while (!over) {
      int lines =
          rescue.journals().isEmpty() ? 0 : Journal.read(rescue.journals().getFirst()).size();
      try {
        var _ = rescue.node("node-3", Rescue.deathAt(lines + 3));
      } catch (Rescue.Death dead) {
        processes++;
      }
      over = Journal.over(Journal.read(rescue.journals().getFirst()));
    }

    assertTrue(processes > 5, "processes " + processes);
    assertTrue(raft.node(3).serves(raft.old()));
    assertEquals(1, rescue.journals().size());
  }

  @Test
  void the_nodes_are_seen_as_they_are() throws Exception {
    raft.node(2).dies();
    raft.node(3).dies();
    raft.node(3).starts();

    List<Seen> seen = rescue.run("restore-node-node-2", _ -> {}, Restoring::look);

    // Two of three are needed to lead.
    assertEquals("is open, does not lead, raft index 120", seen.get(0).words());
    assertEquals("does not run", seen.get(1).words());
    assertEquals("runs, is sealed", seen.get(2).words());
    assertEquals("this machine", seen.get(0).machine());
  }
}
