package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.journal.Journal;
import dev.lifeboat.machine.MachineException;
import dev.lifeboat.restore.FakeRaftNode.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// From a backup to every node proven.
class ClusterRestoreTest {
  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);

  private Rescue rescue(boolean shamir, int nodes) {
    raft = FakeRaft.of(folder, shamir, nodes);
    return new Rescue(raft);
  }

  @AfterEach
  void close() {
    raft.close();
  }

  @ParameterizedTest
  @CsvSource({"true, 1", "true, 3", "false, 1", "false, 3"})
  void a_backup_becomes_a_cluster_of_which_each_node_is_proven(boolean shamir, int nodes)
      throws Exception {
    Rescue rescue = rescue(shamir, nodes);

    Report report = rescue.cluster();

    assertTrue(report.whole(), report.missing().toString());
    assertEquals(raft.nodes().stream().map(FakeRaftNode::id).toList(), report.proven());
    assertEquals(1, raft.submittedTo().size());
    assertTrue(raft.nodes().stream().allMatch(node -> node.serves(raft.old())));
    assertEquals(List.of(), rescue.kept(), "the decrypted snapshot is gone");
    assertTrue(Journal.over(Journal.read(rescue.journals().getFirst())));
    assertEquals(List.of(), Restoring.unfinished(rescue.config()));
    for (FakeRaftNode node : raft.nodes()) {
      assertFalse(Files.exists(node.storage().resolve("lifeboat-restore.lock")));
    }
  }

  @Test
  void every_step_is_said_beforehand_and_then_done_in_its_order() throws Exception {
    Rescue rescue = rescue(true, 2).after("true");
    List<String> plan = rescue.clusterPlan(rescue.order());

    Report report = rescue.cluster();

    List<String> steps =
        List.of(
            "fetch the backup",
            "take the nodes",
            "save what is there",
            "stop node-1",
            "stop node-2",
            "empty node-1",
            "empty node-2",
            "restore into node-1",
            "join node-2",
            "restart node-2",
            "prove node-1",
            "prove node-2",
            "give the nodes back",
            "tell");
    assertEquals(steps, rescue.heard());
    assertEquals(steps.size(), plan.size(), plan.toString());
    assertEquals("tell true that all is back", plan.getLast());
    assertTrue(plan.get(7).contains("by force, open it with 2 old shares"), plan.get(7));
    // What tells cannot tell of itself being done.
    assertEquals(steps, report.phases().stream().map(Report.Phase::step).toList());
  }

  @Test
  void a_node_that_serves_is_saved_before_it_is_stopped_and_moved_away() throws Exception {
    Rescue rescue = rescue(true, 3);
    raft.serving();

    Report report = rescue.cluster();

    assertTrue(report.whole(), report.missing().toString());
    assertEquals(List.of(journal(rescue) + ".before.snap"), rescue.kept());
    for (FakeRaftNode node : raft.nodes()) {
      Path moved = node.storage().resolve("lifeboat-quarantine-" + journal(rescue));
      assertEquals(FakeRaft.OLD, Files.readString(moved.resolve("cluster-id")));
    }
  }

  private static String journal(Rescue rescue) {
    return Journal.run(rescue.journals().getFirst());
  }

  /// The login was made while the old data served; in the restored data its token is not known.
  @Test
  void a_login_of_before_is_not_what_the_restored_nodes_are_asked_with() throws Exception {
    Rescue rescue = rescue(true, 1).byAppRole();
    raft.serving();

    Report report = rescue.cluster();

    assertTrue(report.whole(), report.missing().toString());
  }

  @Test
  void what_does_not_let_itself_be_saved_is_said_and_kept_as_files() throws Exception {
    Rescue rescue = rescue(true, 1);
    raft.serving();
    raft.old().tokens().clear();

    Report report = rescue.cluster();

    String saved = report.phases().get(2).facts().getOrDefault("saved", "");
    assertTrue(saved.startsWith("nothing: "), saved);
    assertTrue(saved.endsWith("; their folders are kept"), saved);
    assertTrue(report.whole(), report.missing().toString());
  }

  @Test
  void a_node_that_does_not_come_back_is_named_and_the_others_are_proven() throws Exception {
    Rescue rescue = rescue(true, 3);
    raft.node(2).fault(Fault.START_FAILS);
    rescue.again();

    Report first = rescue.cluster();

    assertEquals(List.of("node-1", "node-3"), first.proven());
    assertEquals(Set.of("node-2"), first.missing().keySet());
    assertTrue(
        first
            .missing()
            .getOrDefault("node-2", "")
            .startsWith("node-2 does not start: no (exit 3)"));
    assertEquals(1, Restoring.unfinished(rescue.config()).size());
    assertTrue(Files.exists(raft.node(1).storage().resolve("lifeboat-restore.lock")));

    raft.node(2).heal();
    Report second = rescue.again().cluster();

    assertTrue(second.whole(), second.missing().toString());
    assertEquals(first.run(), second.run());
    assertEquals(List.of("node-1", "node-2", "node-3"), second.proven());
    assertEquals(1, raft.submittedTo().size());
    assertEquals(List.of(), Restoring.unfinished(rescue.config()));
  }

  @Test
  void a_node_that_joins_nobody_is_named() throws Exception {
    Rescue rescue = rescue(true, 2).bound(Duration.ofSeconds(1));
    raft.node(2).fault(Fault.LONELY);

    Report report = rescue.cluster();

    assertEquals(List.of("node-1"), report.proven());
    String why = report.missing().getOrDefault("node-2", "");
    assertTrue(why.startsWith("node-2 does not join node-1: "), why);
  }

  /// A cluster of two of which one was just restarted has no leader for a moment.
  @Test
  void a_node_that_finds_no_leader_at_first_is_told_again_whom_to_join() throws Exception {
    Rescue rescue = rescue(true, 3);
    raft.node(3).fault(Fault.HASTY);

    Report report = rescue.cluster();

    assertTrue(report.whole(), report.missing().toString());
  }

  @Test
  void a_node_that_was_opened_by_other_shares_has_joined_another_cluster() throws Exception {
    Rescue rescue = rescue(true, 2);
    // It holds data of a cluster that this run knows nothing of.
    raft.node(2).fault(Fault.START_FAILS);
    var _ = rescue.again().cluster();
    raft.node(2).heal().keeps(raft.initialised(2, 3), 1, 1);

    Report report = rescue.again().cluster();

    String why = report.missing().getOrDefault("node-2", "");
    assertTrue(why.startsWith("node-2 is not opened by the shares that opened node-1"), why);
  }

  @Test
  void whoever_is_to_be_told_reads_how_it_went() throws Exception {
    Path told = folder.resolve("told");
    Rescue rescue = rescue(false, 1).after("sh", "-c", "cat > \"$0\"", told.toString());

    Report report = rescue.cluster();

    JsonNode json = JsonMapper.shared().readTree(Files.readString(told));
    assertEquals(report.run(), json.path("run").asString());
    assertTrue(json.path("whole").asBoolean());
    assertEquals("node-1", json.path("proven").path(0).asString());
    assertEquals("fetch the backup", json.path("steps").path(0).path("step").asString());
    assertEquals(
        "1", step(json, "restore into node-1").path("facts").path("submissions").asString());
    assertTrue(step(json, "prove node-1").path("facts").path("seconds").isMissingNode());
  }

  private static JsonNode step(JsonNode json, String name) {
    return json.path("steps")
        .valueStream()
        .filter(step -> step.path("step").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whoever_is_not_told_is_told_by_the_same_command() throws Exception {
    Rescue rescue = rescue(false, 1).after("false");
    assertEquals(
        MachineException.class, assertThrows(RuntimeException.class, rescue::cluster).getClass());

    Report report = rescue.after("true").cluster();

    assertTrue(report.whole());
    assertEquals("tell", rescue.heard().getLast());
    assertEquals(1, rescue.journals().size());
  }

  @Test
  void nodes_of_another_run_are_left_alone() throws Exception {
    Rescue rescue = rescue(true, 1);
    raft.serving();
    Files.writeString(raft.node(1).storage().resolve("lifeboat-restore.lock"), "run-0\nsomebody\n");

    String refusal = Rescue.refusal(rescue::cluster);

    assertTrue(
        refusal.startsWith("BUSY node-1 is being restored by another run: run-0, "), refusal);
    assertTrue(raft.node(1).serves(raft.old()));
  }

  @Test
  void a_server_that_does_not_stop_is_not_emptied() throws Exception {
    Rescue rescue = rescue(true, 1).bound(Duration.ofSeconds(1));
    raft.serving();
    raft.node(1).fault(Fault.IMMORTAL);
    String lives = Rescue.refusal(rescue.again()::cluster);
    assertTrue(lives.startsWith("FAILED node-1 was stopped, and its server runs still"), lives);

    raft.node(1).heal().fault(Fault.STOP_FAILS);
    String refuses = Rescue.refusal(rescue.again()::cluster);
    assertTrue(refuses.startsWith("FAILED node-1 does not stop: the command failed"), refuses);
    assertTrue(raft.node(1).serves(raft.old()));
  }

  @Test
  void a_run_that_is_given_up_leaves_the_nodes_and_no_plain_snapshot() throws Exception {
    Rescue rescue = rescue(true, 2);
    raft.node(1).next(FakeRaftNode.Submission.REFUSED);
    assertTrue(Rescue.refusal(rescue::cluster).startsWith("FAILED node-1 refuses the snapshot"));
    assertEquals(List.of(journal(rescue) + ".snapshot"), rescue.kept());

    var kept = rescue.run("restore-cluster", _ -> {}, Restoring::abandon);

    assertEquals(Map.of(), kept);
    assertEquals(List.of(), rescue.kept());
    assertEquals(List.of(), Restoring.unfinished(rescue.config()));
    assertFalse(Files.exists(raft.node(1).storage().resolve("lifeboat-restore.lock")));
    Report another = rescue.cluster();
    assertTrue(another.whole(), another.missing().toString());
    assertEquals(2, rescue.journals().size());
  }

  @Test
  void a_node_that_cannot_be_given_back_is_named() throws Exception {
    Rescue rescue = rescue(true, 2);
    raft.node(1).next(FakeRaftNode.Submission.REFUSED);
    assertTrue(Rescue.refusal(rescue::cluster).startsWith("FAILED node-1 refuses the snapshot"));
    Files.move(raft.node(2).storage(), folder.resolve("elsewhere"));

    var kept = rescue.run("restore-cluster", _ -> {}, Restoring::abandon);

    assertEquals(Set.of("node-2"), kept.keySet());
  }
}
