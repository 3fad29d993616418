package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.restore.FakeRaftNode.Fault;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is seen of damage, node by node.
class DiagnosingTest {
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

  private Diagnosis look() throws InterruptedException {
    return look(rescue.auth(), List.of());
  }

  private Diagnosis look(Auth auth, List<String> paths) throws InterruptedException {
    return look(rescue.again().config(), auth, paths);
  }

  private static Diagnosis look(RestoreConfig config, Auth auth, List<String> paths)
      throws InterruptedException {
    try (Diagnosing diagnosing =
        Diagnosing.open(
            config, Rescue.vault(), auth, InstantSource.fixed(Rescue.NOW), Duration.ofMillis(10))) {
      return diagnosing.look(Optional.of(Rescue.CANARY), paths);
    }
  }

  private static void assertFound(
      Diagnosis found, int number, Verdict verdict, String why, String next) {
    Diagnosis.OfNode node = found.nodes().get(number - 1);
    assertEquals(verdict, node.verdict(), node.why());
    assertTrue(node.why().contains(why), node.why());
    assertTrue(node.next().orElse("").contains(next), node.next().toString());
    assertFalse(found.sound());
  }

  @Test
  void nothing_is_seen_against_sound_nodes() throws Exception {
    Diagnosis found = look();

    assertTrue(found.sound(), found.toJson().toString());
    assertEquals(Optional.of("node-1"), found.leader());
    assertEquals(List.of(), found.unknown());
    assertEquals(Optional.empty(), found.next());
    assertEquals(1, found.nodes().getLast().reads());
    assertTrue(found.toJson().at("/nodes/2/autopilot/healthy").asBoolean(false));
  }

  @Test
  void a_node_that_does_not_read_what_the_others_read_is_damaged() throws Exception {
    raft.node(3).fault(Fault.ROTTEN);

    Diagnosis found = look();

    assertFound(
        found, 3, Verdict.DAMAGED, "it does not read secret/data/canary", "restore node node-3");
    assertTrue(found.nodes().get(2).why().endsWith("cipher: message authentication failed"));
    assertEquals(Verdict.SOUND, found.nodes().get(1).verdict());
  }

  @Test
  void a_leader_can_be_the_damaged_one() throws Exception {
    raft.node(1).fault(Fault.ROTTEN);

    assertFound(look(), 1, Verdict.DAMAGED, "and others do", "lifeboat restore node node-1");
  }

  @Test
  void what_no_node_reads_is_wrong_itself() throws Exception {
    raft.nodes().forEach(node -> node.fault(Fault.ROTTEN));

    Diagnosis found = look();

    assertFalse(found.sound());
    assertEquals(1, found.wrong().size());
    assertTrue(found.next().orElse("").contains("lifeboat restore bisect"));
    assertFalse(found.has(Verdict.DAMAGED));
  }

  @Test
  void a_node_that_reads_another_value_is_damaged() throws Exception {
    raft.node(2).fault(Fault.BEHIND);

    assertFound(look(), 2, Verdict.DAMAGED, "reads another value", "restore node node-2");
  }

  @Test
  void one_whose_index_does_not_move_is_stuck() throws Exception {
    raft.node(2).fault(Fault.SLOW);

    assertFound(
        look(), 2, Verdict.DAMAGED, "stuck at raft index 1, where node-1 was at 120", "node-2");
  }

  @Test
  void one_that_says_its_index_once_is_not_called_stuck() throws Exception {
    raft.node(2).fault(Fault.FADING);
    raft.node(3).fault(Fault.WAKING);

    Diagnosis found = look();

    assertFound(found, 2, Verdict.UNKNOWN, "does not say any more how far", "see its log");
    assertFound(found, 3, Verdict.UNKNOWN, "said its raft index only once", "see its log");
  }

  @Test
  void a_canary_that_a_backup_writes_meanwhile_is_no_damage() throws Exception {
    raft.node(1).fault(Fault.WRITTEN);

    Diagnosis found = look();

    assertTrue(found.sound(), found.toJson().toString());
    assertEquals(1, found.nodes().get(1).reads());
  }

  @Test
  void of_a_value_that_is_written_all_the_time_nothing_is_said() throws Exception {
    raft.node(1).fault(Fault.RESTLESS);

    Diagnosis found = look();

    assertFalse(found.has(Verdict.DAMAGED));
    assertEquals(2, found.unknown().size(), found.unknown().toString());
    assertTrue(found.unknown().getFirst().endsWith("written all the time"), found.toString());
  }

  @Test
  void a_leader_that_is_asked_too_much_blames_nobody() throws Exception {
    raft.node(1).fault(Fault.LIMITED);
    raft.node(3).fault(Fault.ROTTEN);

    Diagnosis found = look();

    assertFalse(found.has(Verdict.DAMAGED));
    assertEquals(2, found.unknown().size(), found.unknown().toString());
    assertTrue(found.unknown().getLast().contains("429"), found.unknown().toString());
  }

  @Test
  void autopilot_and_a_leader_of_its_own_are_told() throws Exception {
    raft.node(2).fault(Fault.UNHEALTHY);
    raft.node(3).fault(Fault.ASTRAY);

    Diagnosis found = look();

    assertFound(found, 2, Verdict.UNKNOWN, "autopilot calls it unhealthy: last contact 1500", "");
    assertFound(found, 3, Verdict.UNKNOWN, "it follows https://10.0.0.1:8200", "see its log");
  }

  @Test
  void one_that_does_not_run_is_damaged_if_its_log_says_so() throws Exception {
    raft.node(2).fault(Fault.LOGS_DAMAGE).dies();
    raft.node(3).fault(Fault.LOGS_DAMAGE);

    Diagnosis found = look();

    assertFound(found, 2, Verdict.DAMAGED, "does not run; its log says: failed to", "node node-2");
    assertFound(found, 3, Verdict.DAMAGED, "its log says: failed to open", "node node-3");
    assertEquals(1, found.nodes().get(1).log().size());
  }

  @Test
  void one_that_does_not_run_else_is_to_be_started() throws Exception {
    raft.node(2).dies();
    raft.node(3).fault(Fault.MUTE);

    Diagnosis found = look();

    assertFound(found, 2, Verdict.STOPPED, "its log says nothing of its storage", "on this");
    assertFound(found, 3, Verdict.UNKNOWN, "runs and does not answer", "see its log");
    assertEquals(Optional.empty(), found.leader());
  }

  @Test
  void sealed_and_empty_ones_are_told_apart() throws Exception {
    raft.node(2).starts();
    Files.delete(raft.node(3).storage().resolve("cluster-id"));

    Diagnosis found = look();

    assertFound(found, 2, Verdict.SEALED, "it is sealed", "lifeboat unseal --node http://");
    assertEquals(Verdict.EMPTY, found.nodes().get(2).verdict());
  }

  @Test
  void a_machine_that_says_nothing_is_not_known() throws Exception {
    raft.node(2).fault(Fault.NO_MACHINE).fault(Fault.MUTE);

    assertFound(look(), 2, Verdict.UNKNOWN, "its machine cannot be asked", "see its log");
  }

  @Test
  void where_nobody_leads_no_node_is_rebuilt_from_the_others() throws Exception {
    raft.node(1).fault(Fault.LOGS_DAMAGE).dies();
    raft.node(2).fault(Fault.LOGS_DAMAGE).dies();

    Diagnosis most = look();
    assertEquals(Optional.of("lifeboat restore quorum"), most.next());
    assertEquals(Optional.empty(), most.nodes().getFirst().next());
    raft.node(3).fault(Fault.LOGS_DAMAGE).dies();
    assertEquals(Optional.of("lifeboat restore cluster"), look().next());
    raft.heal();
    assertTrue(look().next().orElse("").startsWith("start and open the others"));
  }

  @Test
  void machines_that_say_nothing_count_as_lost_where_nobody_leads() throws Exception {
    raft.node(1).fault(Fault.NO_MACHINE).dies();
    raft.node(2).fault(Fault.LOGS_DAMAGE).dies();
    assertEquals(
        Optional.of("lifeboat restore quorum --dead node-1, when node-1 is gone for good"),
        look().next());

    raft.node(2).fault(Fault.NO_MACHINE);
    assertEquals(
        Optional.of(
            "lifeboat restore quorum --dead node-1 --dead node-2, when node-1, node-2 are gone for"
                + " good"),
        look().next());

    raft.node(3).fault(Fault.NO_MACHINE).dies();
    assertEquals(
        Optional.of("lifeboat restore cluster, when node-1, node-2, node-3 are gone for good"),
        look().next());
  }

  private RestoreConfig ofDatabase(String... logs) {
    List<NodeConfig> nodes = new ArrayList<>();
    for (int i = 1; i <= logs.length; i++) {
      NodeConfig node = raft.node(i).config();
      nodes.add(
          new NodeConfig(
              node.id(),
              node.address(),
              node.clusterAddress(),
              Optional.<Path>empty(),
              node.start(),
              node.stop(),
              node.running(),
              List.of("echo", logs[i - 1]),
              node.machine()));
    }
    return rescue.nodes(nodes).config();
  }

  @Test
  void nodes_of_a_database_have_no_folder_to_look_at_or_to_rebuild() throws Exception {
    raft.node(2).dies();
    String corrupt = "stored keys: message authentication failed";

    Diagnosis found =
        look(ofDatabase("", "no space left on device", corrupt), rescue.auth(), List.of());

    assertFound(found, 2, Verdict.DISK, "no space left", "df -h on this machine; when");
    assertFound(found, 3, Verdict.DAMAGED, "message auth", "see docs/postgresql.md");
    raft.node(1).dies();
    raft.node(3).dies();
    Diagnosis most = look(ofDatabase("", corrupt, corrupt), rescue.auth(), List.of());
    assertTrue(most.next().orElse("").startsWith("start and open the others"));
    Diagnosis all = look(ofDatabase(corrupt, corrupt, corrupt), rescue.auth(), List.of());
    assertEquals(Optional.of("see docs/postgresql.md"), all.next());
  }

  @Test
  void without_a_right_it_says_what_it_does_not_know() throws Exception {
    Diagnosis none = look(new Auth.None(), List.of());
    assertTrue(none.unknown().getFirst().startsWith("autopilot, and what"), none.toString());

    Diagnosis missing = look(rescue.auth(), List.of("secret/data/none"));
    assertTrue(missing.unknown().getFirst().contains("secret/data/none"), missing.toString());
    assertTrue(missing.sound());
  }
}
