package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.restore.FakeRaftNode.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that keeps its data in the database of before is seen, and does not go on serving it.
class ConnectingTest {
  /// Of the journal, when both nodes are started.
  private static final int STARTED = 16;

  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);
  private FakeTarget database = new FakeTarget(raft);
  private Rescue rescue = new Rescue(raft);

  private void site(boolean shamir) {
    raft = FakeRaft.of(folder, shamir, 2);
    database = new FakeTarget(raft);
    rescue = new Rescue(raft).on(database).bound(Duration.ofSeconds(2));
  }

  @BeforeEach
  void two_nodes() {
    site(true);
  }

  @AfterEach
  void close() {
    raft.close();
  }

  private Report restore() throws InterruptedException {
    return restore(_ -> {});
  }

  private Report restore(IntConsumer journalled) throws InterruptedException {
    return rescue.postgresql(rescue.postgresqlOrder(), journalled);
  }

  /// The same command, when the configuration of all nodes names the new database.
  private void corrected() throws InterruptedException {
    var _ = database.elsewhere();
    raft.nodes().stream()
        .filter(node -> !node.runs())
        .forEach(node -> node.heal().keeps(raft.old(), 1, 1));
    Report report = rescue.again().postgresql(rescue.postgresqlOrder(), _ -> {});
    assertTrue(report.whole(), report.missing().toString());
    assertEquals(1, database.restored());
  }

  /// @param why node-2 is not back, and how its hint begins
  private void onlyTheFirstIsBack(Report report, String why) {
    assertEquals(List.of("node-1"), report.proven());
    assertEquals(Set.of("node-2"), report.missing().keySet());
    String said = String.valueOf(report.missing().get("node-2"));
    assertTrue(said.startsWith(why), said);
    assertFalse(raft.node(2).runs());
    assertTrue(raft.node(1).serves(raft.old()));
  }

  private boolean wasServed() {
    return !raft.before().peers().isEmpty();
  }

  @Test
  void one_that_is_not_connected_is_stopped_before_it_is_opened() throws Exception {
    var _ = database.elsewhere(2);

    Report report = restore();

    onlyTheFirstIsBack(
        report,
        "node-2 runs, and has not connected to this database: it keeps its data elsewhere than in"
            + " 127.0.0.1:5432/restored\nhint: it is stopped: let connection_url in its");
    assertFalse(wasServed(), "the database of before");
    corrected();
  }

  @Test
  void the_others_are_not_proven_by_one_that_is_elsewhere() throws Exception {
    var _ = database.elsewhere(1);

    Report report = restore();

    assertEquals(List.of("node-2"), report.proven());
    assertEquals(Set.of("node-1"), report.missing().keySet());
    assertFalse(raft.node(1).runs());
    assertFalse(wasServed(), "the database of before");
    corrected();
  }

  @Test
  void one_that_opens_itself_is_stopped_as_well() throws Exception {
    raft.close();
    site(false);
    var _ = database.elsewhere(2);

    onlyTheFirstIsBack(restore(), "node-2 runs, and has not connected to this database: ");

    corrected();
  }

  @Test
  void one_that_seems_connected_is_seen_when_two_lead() throws Exception {
    var _ = database.deceptive().elsewhere(2);

    onlyTheFirstIsBack(restore(), "node-2 leads, and so does node-1: it keeps its data elsewhere");

    assertTrue(wasServed());
    corrected();
  }

  @Test
  void one_that_follows_somebody_else_is_stopped() throws Exception {
    raft.node(2).fault(Fault.ASTRAY);

    onlyTheFirstIsBack(
        restore(), "node-2 follows https://10.0.0.1:8200, and node-1 leads: it keeps its data");

    corrected();
  }

  @Test
  void one_that_nobody_leads_is_stopped() {
    raft.nodes().forEach(node -> node.fault(Fault.ASTRAY));

    String refusal = Rescue.refusal(this::restore);

    assertTrue(
        refusal.startsWith(
            "FAILED node-1 follows https://10.0.0.1:8200, and none of these nodes leads: "),
        refusal);
    assertTrue(raft.nodes().stream().noneMatch(FakeRaftNode::runs));
  }

  @Test
  void one_that_cannot_be_stopped_is_said() throws Exception {
    var _ = database.elsewhere(2);
    raft.node(2).fault(Fault.IMMORTAL);

    Report report = rescue.again().postgresql(rescue.postgresqlOrder(), _ -> {});

    String said = String.valueOf(report.missing().get("node-2"));
    assertTrue(said.startsWith("node-2 runs on, and may serve another database: "), said);
    assertTrue(said.contains("\nhint: stop it at once. Before that: node-2 runs, and has"), said);
  }

  @Test
  void one_that_goes_astray_later_is_stopped_when_it_is_to_be_proven() throws Exception {
    Report report =
        restore(
            line -> {
              if (line == STARTED) {
                raft.node(2).fault(Fault.ASTRAY);
              }
            });

    onlyTheFirstIsBack(report, "node-2 follows https://10.0.0.1:8200, and node-1 leads: ");
    corrected();
  }

  /// Which of the two is elsewhere is not seen while both are open.
  @Test
  void when_two_lead_later_each_is_started_anew() throws Exception {
    Report report =
        restore(
            line -> {
              if (line == STARTED) {
                raft.node(2).dies();
                var _ = raft.node(2).keeps(raft.before(), 1, 1);
                raft.before().peers().add("node-2");
                raft.node(2).starts();
                raft.node(2).opens();
              }
            });

    onlyTheFirstIsBack(report, "node-2 runs, and has not connected to this database: ");
    assertEquals(2, raft.node(1).started());
    corrected();
  }

  @Test
  void one_that_was_restarted_meanwhile_is_opened_again() throws Exception {
    Report report =
        restore(
            line -> {
              if (line == STARTED) {
                raft.node(2).dies();
              }
            });

    assertTrue(report.whole(), report.missing().toString());
    assertEquals(2, raft.node(2).started());
  }
}
