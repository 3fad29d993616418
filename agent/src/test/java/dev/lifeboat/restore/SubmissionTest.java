package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.restore.FakeRaftNode.Fault;
import dev.lifeboat.restore.FakeRaftNode.Submission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of the one snapshot that is submitted, whoever dies meanwhile.
class SubmissionTest {
  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);

  private Rescue rescue(Path where, boolean shamir, int nodes) {
    raft.close();
    raft = FakeRaft.of(where, shamir, nodes);
    return new Rescue(raft);
  }

  private Rescue rescue() {
    return rescue(folder, true, 1);
  }

  private FakeRaftNode first() {
    return raft.node(1);
  }

  @AfterEach
  void close() {
    raft.close();
  }

  /// The one rule: no storage is ever given a snapshot twice.
  private void assertSubmitted(int times) {
    List<String> to = raft.submittedTo();
    assertEquals(new HashSet<>(to).size(), to.size(), to.toString());
    assertEquals(times, to.size(), to.toString());
  }

  private static void assertWhole(Report report) {
    assertTrue(report.whole(), report.missing().toString());
  }

  private static List<Entry> entries(Rescue rescue) {
    return Journal.read(rescue.journals().getFirst());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_run_that_dies_at_any_line_goes_on_and_never_submits_to_one_storage_twice(boolean shamir)
      throws Exception {
    int line = 1;
    boolean died = true;
    while (died) {
      Path where = Files.createDirectory(folder.resolve("line-" + line));
      Rescue rescue = rescue(where, shamir, 1).bound(Duration.ofSeconds(3));
      died = dies(rescue, line);
      boolean over = rescue.journals().stream().anyMatch(run -> Journal.over(Journal.read(run)));

      if (!over) {
        assertWhole(rescue.cluster());
      }

      List<String> to = raft.submittedTo();
      assertEquals(1, new HashSet<>(to).size(), "died at line " + line + ": " + to);
      assertEquals(1, to.size(), "died at line " + line);
      assertTrue(first().serves(raft.old()), "died at line " + line);
      assertFalse(Files.exists(first().storage().resolve("lifeboat-restore.lock")));
      line++;
    }
    assertTrue(line > 15, "there were more lines than " + line);
  }

  private static boolean dies(Rescue rescue, int line) throws InterruptedException {
    try {
      assertWhole(rescue.cluster(rescue.order(), Rescue.deathAt(line)));
      return false;
    } catch (Rescue.Death dead) {
      return true;
    }
  }

  @Test
  void a_run_whose_every_process_dies_comes_to_its_end_all_the_same() throws Exception {
    Rescue rescue = rescue(folder, true, 2);
    int processes = 0;
    boolean over = false;
    while (!over) {
      int lines = rescue.journals().isEmpty() ? 0 : entries(rescue).size();
      var _ = dies(rescue, lines + 4);
      over = Journal.over(entries(rescue));
      processes++;
    }

    assertTrue(processes > 5, "processes " + processes);
    assertSubmitted(1);
    assertEquals(Event.ENDED, entries(rescue).getLast().event());
    assertTrue(raft.node(2).serves(raft.old()));
  }

  @Test
  void an_answer_that_is_lost_is_looked_for_in_what_the_node_holds() throws Exception {
    Rescue rescue = rescue();
    first().next(Submission.LOST_AND_APPLIED);

    assertWhole(rescue.cluster());

    assertSubmitted(1);
    assertTrue(
        entries(rescue).stream()
            .anyMatch(entry -> entry.fact("answer").filter("lost"::equals).isPresent()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_server_that_dies_of_it_is_started_and_has_it(boolean shamir) throws Exception {
    Rescue rescue = rescue(folder, shamir, 1);
    first().next(Submission.DEADLY);

    assertWhole(rescue.cluster());

    assertSubmitted(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOST", "IGNORED"})
  void a_snapshot_that_takes_no_effect_is_said_and_submitted_anew_into_an_emptied_node(
      Submission what) throws Exception {
    Rescue rescue = rescue().bound(Duration.ofSeconds(2));
    first().next(what);

    String refusal = Rescue.refusal(rescue::cluster);
    assertTrue(
        refusal.startsWith("FAILED node-1 has answered to the snapshot and still holds"), refusal);
    assertWhole(rescue.cluster());

    assertSubmitted(2);
    Path moved =
        first().storage().resolve("lifeboat-quarantine-" + Journal.run(journal(rescue)) + "-2");
    assertEquals("throwaway-1", Files.readString(moved.resolve("cluster-id")));
  }

  private static Path journal(Rescue rescue) {
    return rescue.journals().getFirst();
  }

  @Test
  void a_snapshot_that_is_refused_is_not_looked_for_and_submitted_anew() throws Exception {
    Rescue rescue = rescue();
    first().next(Submission.REFUSED);

    String refusal = Rescue.refusal(rescue::cluster);
    assertTrue(refusal.startsWith("FAILED node-1 refuses the snapshot: "), refusal);
    assertTrue(refusal.contains("could not verify hash file"), refusal);
    assertWhole(rescue.cluster());

    assertSubmitted(2);
  }

  @Test
  void without_force_a_refusal_names_it() {
    Rescue rescue = rescue(folder, false, 1);
    first().next(Submission.REFUSED);

    String refusal = Rescue.refusal(rescue::cluster);

    assertTrue(refusal.endsWith("takes it only with --force"), refusal);
  }

  @Test
  void wrong_shares_are_said_and_the_right_ones_open_what_is_there() throws Exception {
    Rescue rescue = rescue();

    String refusal = Rescue.refusal(() -> rescue.cluster(rescue.order().with(Rescue.shares(8, 9))));
    assertTrue(
        refusal.startsWith("FAILED the snapshot is in node-1, and these shares do not open it"),
        refusal);
    assertWhole(rescue.cluster());

    assertSubmitted(1);
  }

  @Test
  void wrong_shares_twice_and_then_the_right_ones_open_it_as_well() throws Exception {
    Rescue rescue = rescue();
    for (int i = 0; i < 2; i++) {
      assertTrue(
          Rescue.refusal(() -> rescue.cluster(rescue.order().with(Rescue.shares(8, 9))))
              .startsWith("FAILED the snapshot is in node-1"));
    }

    assertWhole(rescue.cluster());

    assertSubmitted(1);
  }

  @Test
  void a_node_that_keeps_the_seal_of_the_moment_is_restarted_once() throws Exception {
    Rescue rescue = rescue();
    first().fault(Fault.STICKY);
    var _ = rescue.again();

    assertWhole(rescue.cluster());

    assertSubmitted(1);
    // Started for the throw-away, and once more for the old seal.
    assertEquals(2, first().started());
  }

  @Test
  void too_few_shares_end_it_before_any_is_given() throws Exception {
    Rescue rescue = rescue();

    String refusal = Rescue.refusal(() -> rescue.cluster(rescue.order().with(Rescue.shares(1))));
    assertTrue(refusal.startsWith("FAILED node-1 is not opened: it needs 2 shares"), refusal);
    assertWhole(rescue.cluster());

    assertSubmitted(1);
  }

  @Test
  void a_node_that_has_data_again_after_it_was_emptied_is_not_touched() {
    Rescue rescue = rescue();
    NodeConfig node = first().config();
    String id = first().storage().resolve("cluster-id").toString();
    List<String> start =
        new ArrayList<>(
            List.of("sh", "-c", "printf %s > \"$0\"; exec \"$@\"".formatted(FakeRaft.OLD), id));
    start.addAll(node.start());
    var _ =
        rescue.nodes(
            List.of(
                new NodeConfig(
                    node.id(),
                    node.address(),
                    node.clusterAddress(),
                    node.storage(),
                    start,
                    node.stop(),
                    node.running(),
                    node.machine())));

    String refusal = Rescue.refusal(rescue::cluster);

    assertTrue(refusal.startsWith("FAILED node-1 was emptied, and has data again"), refusal);
    assertSubmitted(0);
  }

  @Test
  void a_node_that_never_answers_is_said() {
    Rescue rescue = rescue().bound(Duration.ofSeconds(1));
    first().fault(Fault.MUTE);

    String refusal = Rescue.refusal(rescue::cluster);

    assertTrue(
        refusal.startsWith("FAILED node-1 was started and does not answer at " + first().address()),
        refusal);
    assertSubmitted(0);
  }

  /// Whoever may write to the folder may have changed what lies there.
  @Test
  void a_decrypted_snapshot_of_before_is_proven_anew() throws Exception {
    Rescue rescue = rescue();
    first().next(Submission.REFUSED);
    assertTrue(Rescue.refusal(rescue::cluster).startsWith("FAILED"));
    Path plain = rescue.folder().resolve(rescue.kept().getFirst());
    String right = Files.readString(plain);
    Files.writeString(plain, "something else");
    raft.node(1).next(Submission.REFUSED);
    assertTrue(Rescue.refusal(rescue::cluster).startsWith("FAILED"));

    assertEquals(right, Files.readString(plain));
  }

  @Test
  void a_folder_without_room_is_said() throws Exception {
    Rescue rescue = rescue();
    first().next(Submission.REFUSED);
    assertTrue(Rescue.refusal(rescue::cluster).startsWith("FAILED"));
    String name = rescue.kept().getFirst();
    Files.delete(rescue.folder().resolve(name));
    // What stands in its way there cannot be replaced.
    Files.createDirectories(rescue.folder().resolve("." + name + ".partial/x"));

    String refusal = Rescue.refusal(rescue::cluster);

    assertTrue(refusal.contains("restore.folder needs room for a whole snapshot"), refusal);
  }

  @Test
  void a_server_that_cannot_take_it_is_refused_when_it_is_started() {
    Rescue rescue = rescue();
    var _ = first().is("2.6.0", "raft");

    String refusal = Rescue.refusal(rescue::cluster);

    assertTrue(refusal.startsWith("REFUSED node-1 runs version 2.6.0"), refusal);
    assertSubmitted(0);
  }

  @Test
  void an_interrupt_is_obeyed() {
    Rescue rescue = rescue();

    assertThrows(
        InterruptedException.class,
        () ->
            rescue.cluster(
                rescue.order(),
                line -> {
                  if (line == 5) {
                    Thread.currentThread().interrupt();
                  }
                }));
    assertEquals(Optional.empty(), first().data().map(FakeRaft.Data::id));
  }
}
