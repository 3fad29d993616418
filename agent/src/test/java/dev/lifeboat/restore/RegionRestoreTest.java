package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.restore.FakeRaftNode.Fault;
import dev.lifeboat.restore.RegionsConfig.PublicName;
import dev.lifeboat.restore.RegionsConfig.Region;
import dev.lifeboat.route53.FakeRoute53;
import dev.lifeboat.route53.RecordException;
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
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// From a region that serves, or is lost, to another one. The nodes and Route 53 are fakes; the lab
/// does the same with real servers and moto.
class RegionRestoreTest {
  private static final String NAME = "vault.example.org";
  private static final String EAST = "203.0.113.10";
  private static final String WEST = "198.51.100.7";
  private static final String LOCK = "lifeboat-restore.lock";
  private static final String SWITCH = "switch the name";

  @TempDir Path folder;
  private FakeRoute53 aws;
  private FakeRaft east = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);
  private FakeRaft west = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);
  private Rescue rescue = new Rescue(west);

  @BeforeEach
  void the_east_serves_and_the_west_is_empty() throws IOException {
    aws = FakeRoute53.open().has(NAME, "A", EAST);
    site(folder, 1);
    east.serving();
  }

  /// @param nodes of the west
  private void site(Path where, int nodes) throws IOException {
    east.close();
    west.close();
    east = FakeRaft.of(where.resolve("east"), true, 1);
    west = FakeRaft.of(where.resolve("west"), true, nodes);
    rescue = new Rescue(west);
    configured();
  }

  /// As both are configured after a change of them.
  private Rescue configured() throws IOException {
    return configured(Optional.empty());
  }

  private Rescue configured(Optional<URI> door) throws IOException {
    return rescue.regions(
        new RegionsConfig(
            List.of(region("east", east, EAST), region("west", west, WEST)),
            Optional.of(new PublicName(aws.zone(folder), NAME, "A", Duration.ofSeconds(1))),
            door));
  }

  private static Region region(String name, FakeRaft raft, String answer) {
    return new Region(
        name, Optional.empty(), List.of(), List.of(answer), Optional.empty(), raft.configs());
  }

  @AfterEach
  void close() {
    east.close();
    west.close();
    aws.close();
  }

  private FakeRaftNode there() {
    return east.node(1);
  }

  /// Its server runs and is closed, and nobody can tell its machine anything.
  private void sealed() throws IOException {
    there().dies();
    there().starts();
    there().fault(Fault.NO_MACHINE);
    configured();
  }

  private void silent() throws IOException {
    there().fault(Fault.NO_MACHINE).dies();
    configured();
  }

  private static Map<String, String> facts(Report report, String step) {
    return report.phases().stream()
        .filter(phase -> phase.step().equals(step))
        .findFirst()
        .orElseThrow()
        .facts();
  }

  private static String fact(Report report, String step, String name) {
    return facts(report, step).getOrDefault(name, "");
  }

  private String name() {
    return aws.answers(NAME, "A");
  }

  private static boolean locked(FakeRaft raft) {
    return raft.nodes().stream().anyMatch(node -> Files.exists(node.storage().resolve(LOCK)));
  }

  private static void assertWhole(Report report) {
    assertTrue(report.whole(), report.missing().toString());
  }

  private List<Entry> entries() {
    return Journal.read(rescue.journals().getLast());
  }

  /// Dies when that is the last that the journal has.
  private IntConsumer deathAt(Event event, String step) {
    return _ -> {
      Entry last = entries().getLast();
      if (last.event() == event && last.step().equals(step)) {
        throw new Rescue.Death();
      }
    };
  }

  @Test
  void the_others_are_stopped_before_and_the_name_leads_here_afterwards() throws Exception {
    configured(Optional.of(west.node(1).address()));
    List<String> plan = rescue.regionPlan("west");

    Report report = rescue.region("west");

    assertWhole(report);
    List<String> steps =
        List.of(
            "fetch the backup",
            "take the nodes",
            "save what is there",
            "stop east/node-1",
            "count what came after",
            "stop node-1",
            "empty node-1",
            "restore into node-1",
            "prove node-1",
            SWITCH,
            "ask as clients do",
            "give the others back",
            "give the nodes back");
    assertEquals(steps, rescue.heard());
    assertEquals(steps.size(), plan.size(), plan.toString());
    assertTrue(
        plan.get(9).endsWith("let A %s answer %s: now %s".formatted(NAME, WEST, EAST)),
        plan.get(9));
    assertFalse(there().runs());
    assertTrue(west.serves(1));
    assertEquals(WEST, name());
    assertEquals("stopped", fact(report, "stop east/node-1", "fenced"));
    assertEquals(
        "20 entries of raft", fact(report, "count what came after", "written after the backup"));
    assertEquals(EAST + ", ttl 300 s", fact(report, SWITCH, "before"));
    assertEquals(WEST + ", ttl 1 s", fact(report, SWITCH, "now"));
    assertEquals(
        "10 times, what was written through it was read each time",
        fact(report, "ask as clients do", "asked"));
    assertFalse(locked(east) || locked(west));
    assertEquals(List.of(), Restoring.unfinished(rescue.config()));
  }

  @Test
  void what_serves_elsewhere_is_known_and_every_node_is_looked_at() throws Exception {
    List<Seen> seen = rescue.move("west", List.of(), _ -> {}, RegionRestore::look);
    assertEquals(
        List.of("node-1", "east/node-1"), seen.stream().map(each -> each.node().id()).toList());
    assertEquals("leads, raft index 120", seen.getLast().words());
    assertEquals(Optional.of(there().address()), served());

    there().dies();
    assertEquals(Optional.empty(), served());
  }

  private Optional<URI> served() throws InterruptedException {
    return rescue.move("west", List.of(), _ -> {}, RegionRestore::servedElsewhere);
  }

  private Manifest.Peer peer() {
    return new Manifest.Peer(
        "node-1", "127.0.0.1:9", Optional.of(there().address().toString()), true);
  }

  /// It answers, at the very address that the backup records: it passes nothing on while it is so.
  @Test
  void a_sealed_node_counts_as_fenced_where_its_machine_is_silent() throws Exception {
    sealed();
    var _ = rescue.peers(peer());

    Report report = rescue.region("west");

    assertWhole(report);
    assertEquals("sealed", fact(report, "stop east/node-1", "fenced"));
    assertEquals(
        "not known: the storage there cannot be read",
        fact(report, "count what came after", "written after the backup"));
    assertTrue(there().runs());
    assertFalse(locked(east));
    assertEquals(WEST, name());
  }

  /// Its machine says that it is stopped, and something listens there all the same (the fake does).
  @Test
  void what_still_listens_where_a_node_was_stopped_is_found_before_the_snapshot() {
    var _ = rescue.peers(peer());

    String refusal = Rescue.refusal(() -> rescue.region("west"));

    assertTrue(
        refusal.startsWith(
            "REFUSED the cluster that was backed up can still be reached: the API of node-1"),
        refusal);
    assertEquals("restore into node-1", entries().getLast().step(), "the plan let it pass");
    assertEquals(List.of(), west.submittedTo());
    assertEquals(EAST, name());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void one_that_serves_and_cannot_be_stopped_keeps_its_region(boolean lost) throws Exception {
    there().fault(Fault.NO_MACHINE);
    configured();

    String refusal =
        Rescue.refusal(() -> rescue.region("west", lost ? new String[] {"east"} : new String[] {}));

    assertTrue(
        refusal.startsWith(
            "REFUSED east/node-1 serves at %s, and its machine cannot be told to stop it\n"
                .formatted(there().address())),
        refusal);
    assertEquals(List.of(), rescue.journals(), "nothing was begun");
  }

  @Test
  void a_silent_region_is_given_up_by_its_name_alone() throws Exception {
    silent();

    String refusal = Rescue.refusal(() -> rescue.region("west"));
    assertTrue(
        refusal.startsWith("REFUSED whether east/node-1 still serves is not known: "), refusal);
    assertTrue(refusal.endsWith("say so by its region's name: --lost east"), refusal);
    assertEquals(List.of(), rescue.journals(), "nothing was begun");

    Report report = rescue.region("west", "east");

    assertWhole(report);
    assertEquals("given up", fact(report, "stop east/node-1", "fenced"));
    assertEquals(WEST, name());
  }

  /// Between the plan and the step somebody may open it, or it dies for good.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"true | serves at", "false | does not answer any more, nor does its machine"})
  void what_has_changed_since_the_plan_is_seen_at_the_step(boolean opened, String why)
      throws Exception {
    sealed();

    String refusal =
        Rescue.refusal(
            () ->
                rescue.move(
                    "west",
                    List.of(),
                    _ -> {},
                    restore -> {
                      var _ = restore.plan(rescue.order());
                      if (opened) {
                        there().opens();
                      } else {
                        there().dies();
                      }
                      return restore.carryOut(rescue.order(), rescue.listener());
                    }));

    assertTrue(refusal.contains("east/node-1 " + why), refusal);
    assertEquals("stop east/node-1", entries().getLast().step());
    assertEquals(List.of(), west.submittedTo());
  }

  @Test
  void only_another_region_can_be_lost() {
    for (String name : List.of("moon", "west")) {
      assertEquals(
          "REFUSED --lost %s: that is none of the other regions\nhint: there is east"
              .formatted(name),
          Rescue.refusal(() -> rescue.regionPlan("west", name)));
    }
    assertEquals(
        "REFUSED restore.regions has no region 'moon'\nhint: there is east, west",
        Rescue.refusal(() -> rescue.regionPlan("moon")));
  }

  @Test
  void a_region_of_which_no_node_is_known_must_be_named_lost() throws Exception {
    var _ =
        rescue.regions(
            new RegionsConfig(
                List.of(region("north", FakeRaft.of(folder, true, 0), EAST), config("west")),
                Optional.empty(),
                Optional.empty()));

    String refusal = Rescue.refusal(() -> rescue.regionPlan("west"));
    assertTrue(refusal.startsWith("REFUSED whether north still serves is not known"), refusal);
    assertTrue(refusal.endsWith("--lost north"), refusal);
    assertTrue(
        Rescue.refusal(() -> rescue.regionPlan("north"))
            .startsWith("REFUSED restore.regions.north names no node"));

    Report report = rescue.region("west", "north");

    assertWhole(report);
    assertEquals(
        "not known: the storage there cannot be read",
        fact(report, "count what came after", "written after the backup"));
    assertFalse(rescue.heard().contains(SWITCH), "nobody has said what the name is");
    assertEquals(EAST, name());
  }

  private Region config(String name) {
    return rescue.config().regions().region(name);
  }

  @Test
  void a_region_that_serves_the_cluster_already_needs_none() {
    west.serving();

    String both = Rescue.refusal(() -> rescue.regionPlan("west"));
    there().dies();
    String refusal = Rescue.refusal(() -> rescue.regionPlan("west"));

    assertTrue(
        both.startsWith("REFUSED node-1 and east/node-1 both lead this cluster\nhint: stop "),
        both);
    assertTrue(
        refusal.startsWith("REFUSED west serves this cluster already: node-1 leads"), refusal);
    assertTrue(refusal.contains("hint: lifeboat restore cluster"), refusal);
  }

  @Test
  void what_the_name_answered_before_outlives_a_death_between_the_note_and_the_change()
      throws Exception {
    assertThrows(Rescue.Death.class, () -> rescue.region("west", deathAt(Event.NOTED, SWITCH)));
    assertEquals(EAST, name());
    assertEquals(0, aws.changes());

    // The change may have got through, and the process died of the answer.
    aws.has(NAME, "A", WEST);
    Report report = rescue.region("west");

    assertWhole(report);
    assertEquals(EAST + ", ttl 300 s", fact(report, SWITCH, "before"));
    assertEquals(0, aws.changes(), "it answers as it should");
  }

  /// Whatever is done already is not done again, and nothing stays taken.
  @Test
  void a_run_that_dies_at_any_line_goes_on_to_the_same_end() throws Exception {
    int line = 1;
    boolean died = true;
    while (died) {
      String at = "died at line " + line;
      site(Files.createDirectory(folder.resolve("line-" + line)), 1);
      east.serving();
      aws.has(NAME, "A", EAST);
      long changes = aws.changes();
      died = dies(line);
      if (!rescue.journals().stream().anyMatch(run -> Journal.over(Journal.read(run)))) {
        assertWhole(rescue.region("west"));
      }

      assertEquals(1, west.submittedTo().size(), at);
      assertTrue(west.serves(1), at);
      assertFalse(there().runs(), at);
      assertFalse(locked(east) || locked(west), at);
      assertEquals(WEST, name(), at);
      assertEquals(changes + 1, aws.changes(), at);
      line++;
    }
    assertTrue(line > 25, "there were more lines than " + line);
  }

  private boolean dies(int line) throws InterruptedException {
    try {
      assertWhole(rescue.region("west", Rescue.deathAt(line)));
      return false;
    } catch (Rescue.Death dead) {
      return true;
    }
  }

  /// A reboot of a region that was fenced starts its servers.
  @Test
  void what_was_started_again_meanwhile_is_stopped_again() throws Exception {
    assertThrows(
        Rescue.Death.class, () -> rescue.region("west", deathAt(Event.DONE, "stop node-1")));
    there().starts();
    there().opens();

    assertWhole(rescue.region("west"));

    assertFalse(there().runs());
    assertFalse(locked(east));
  }

  @Test
  void a_record_with_a_routing_policy_keeps_its_answer_and_not_the_cluster() throws Exception {
    aws.weighted(NAME, "blue", EAST);
    List<String> plan = rescue.regionPlan("west");
    assertTrue(
        plan.stream()
            .anyMatch(
                text ->
                    text.endsWith(
                        "now not known, A %s has a routing policy (record".formatted(NAME)
                            + " 'blue')")),
        plan.toString());

    RecordException refused = assertThrows(RecordException.class, () -> rescue.region("west"));

    assertTrue(
        String.valueOf(refused.getMessage()).contains("has a routing policy"),
        refused.getMessage());
    assertTrue(west.serves(1));
    assertEquals(0, aws.changes());

    aws.has(NAME, "A", EAST);
    assertWhole(rescue.region("west"));
    assertEquals(WEST, name());
  }

  @Test
  void a_name_that_cannot_be_asked_now_does_not_keep_the_plan_from_being_made() throws Exception {
    aws.denies(true);

    List<String> plan = rescue.regionPlan("west");

    String text =
        plan.stream().filter(each -> each.contains("answer " + WEST)).findFirst().orElse("");
    assertTrue(
        text.contains(": now not known, A %s cannot be read in zone ".formatted(NAME)), text);
    assertFalse(text.contains("\n"), text);
  }

  @Test
  void a_name_that_does_not_exist_yet_is_made() throws Exception {
    aws.close();
    aws = FakeRoute53.open();
    configured();
    List<String> plan = rescue.regionPlan("west");
    assertTrue(plan.stream().anyMatch(text -> text.endsWith(": now nothing")), plan.toString());

    Report report = rescue.region("west");

    assertEquals("no such record", fact(report, SWITCH, "before"));
    assertEquals(WEST, name());
  }

  @Test
  void a_majority_is_enough_for_the_name_and_the_rest_is_named() throws Exception {
    site(Files.createDirectory(folder.resolve("three")), 3);
    west.cannotStart(2);
    configured();

    Report first = rescue.region("west");

    assertFalse(first.whole());
    assertEquals(List.of("node-1", "node-3"), first.proven());
    assertEquals(Set.of("node-2"), first.missing().keySet());
    assertEquals(WEST, name());
    assertTrue(locked(east), "its nodes are still of this run");

    west.heal();
    configured();
    Report second = rescue.region("west");

    assertWhole(second);
    assertEquals(first.run(), second.run());
    assertTrue(rescue.heard().contains("skipped " + SWITCH));
    assertEquals(1, aws.changes());
    assertFalse(locked(east) || locked(west));
  }

  @ParameterizedTest
  @CsvSource({"2, 2", "3, 2"})
  void less_than_a_majority_is_nothing_to_lead_clients_to(int nodes, int first) throws Exception {
    site(Files.createDirectory(folder.resolve("few")), nodes);
    for (int number = first; number <= nodes; number++) {
      west.cannotStart(number);
    }
    configured();

    Report report = rescue.region("west");

    assertEquals(List.of("node-1"), report.proven());
    assertEquals(nodes - 1, report.missing().size());
    assertEquals(EAST, name());
    assertFalse(rescue.heard().contains(SWITCH));
  }

  /// It leads to the region that was left, as long as the record is in somebody's cache.
  @Test
  void a_door_that_leads_elsewhere_is_not_called_open() throws Exception {
    sealed();
    // Nobody keeps it for the 300 s of the other tests' records.
    var _ = aws.alias(NAME, "ZLB", "lb.example.org");
    configured(Optional.of(there().address())).bound(Duration.ofSeconds(1));

    String refusal = Rescue.refusal(() -> rescue.region("west"));

    assertTrue(
        refusal.startsWith(
            "FAILED %s does not lead to the restored cluster after 2 s: what answers is sealed"
                .formatted(there().address())),
        refusal);
    assertEquals(1, Restoring.unfinished(rescue.config()).size());

    configured(Optional.of(west.node(1).address()));
    assertWhole(rescue.region("west"));
    assertEquals(1, aws.changes());
  }

  @ParameterizedTest
  @CsvSource({"90, 0", "100, 0", "101, 1", "4711, 4611"})
  void what_was_written_after_the_backup_is_counted(long last, long after) throws Exception {
    there().dies();
    var _ = there().keeps(east.old(), 3, last);

    Report report = rescue.region("west");

    assertEquals(
        after + " entries of raft",
        fact(report, "count what came after", "written after the backup"));
  }

  @Test
  void a_log_that_cannot_be_read_is_not_taken_for_nothing() throws Exception {
    there().dies();
    Files.writeString(there().storage().resolve("raft/raft.db"), "no bolt file");

    Report report = rescue.region("west");

    assertWhole(report);
    assertEquals(
        "not known: the storage there cannot be read",
        fact(report, "count what came after", "written after the backup"));
  }

  @Test
  void a_run_that_is_given_up_gives_the_nodes_of_all_regions_back() throws Exception {
    west.cannotStart(1);
    configured();
    assertTrue(Rescue.refusal(() -> rescue.region("west")).startsWith("FAILED node-1 does not"));
    assertTrue(locked(east) && locked(west));

    assertEquals(Map.of(), rescue.abandonRegion("west"));

    assertFalse(locked(east) || locked(west));
    assertEquals(List.of(), Restoring.unfinished(rescue.config()));
    assertEquals(
        rescue.config(), RegionRestore.held(rescue.config(), "restore-cluster"), "of no region");
  }

  @Test
  void what_was_given_up_and_never_taken_is_not_called_still_taken() throws Exception {
    silent();
    assertThrows(
        Rescue.Death.class,
        () -> rescue.region("west", deathAt(Event.DONE, "count what came after"), "east"));

    assertEquals(Map.of(), rescue.abandonRegion("west"));

    assertFalse(locked(west));
  }

  @Test
  void a_folder_that_is_gone_keeps_nobody_from_the_end() throws Exception {
    there().dies();
    there().fault(Fault.NO_FOLDER);
    configured();

    Report report = rescue.region("west");

    assertWhole(report);
    assertEquals("east/node-1", fact(report, "give the others back", "still taken"));
    assertFalse(locked(west));
  }

  @Test
  void what_was_left_is_not_got_back_while_the_cluster_lives_elsewhere() throws Exception {
    there().dies();
    west.serving();
    var _ = rescue.nodes(east.configs());

    for (Executable act :
        List.<Executable>of(
            () -> rescue.clusterPlan(rescue.order()),
            () -> rescue.quorumPlan(),
            () -> rescue.node("node-1", _ -> {}))) {
      String refusal = Rescue.refusal(act);
      assertTrue(
          refusal.startsWith(
              "REFUSED west/node-1 leads: the cluster lives in west, and restore.nodes names"),
          refusal);
    }
  }

  /// What such a run would bring back is old by now.
  @Test
  void a_run_is_overtaken_when_the_other_region_serves_all_the_same() throws Exception {
    assertThrows(
        Rescue.Death.class, () -> rescue.region("west", deathAt(Event.DONE, "stop east/node-1")));
    assertFalse(rescue.move("west", List.of(), _ -> {}, RegionRestore::isOvertaken));

    there().starts();
    there().opens();
    assertTrue(rescue.move("west", List.of(), _ -> {}, RegionRestore::isOvertaken));
    west.serving();
    assertFalse(rescue.move("west", List.of(), _ -> {}, RegionRestore::isOvertaken));
  }

  @Test
  void where_the_name_is_switched_by_somebody_else_at_the_end_nobody_looks_through_it()
      throws Exception {
    var _ =
        rescue
            .after("true")
            .regions(
                new RegionsConfig(
                    List.of(region("east", east, EAST), region("west", west, WEST)),
                    Optional.empty(),
                    Optional.of(west.node(1).address())));

    List<String> plan = rescue.regionPlan("west");

    assertTrue(plan.stream().noneMatch(step -> step.startsWith("write and read")), plan.toString());
    assertEquals("tell true that all is back", plan.getLast());
  }

  @Test
  void nodes_of_another_run_are_not_stopped() throws Exception {
    Files.writeString(there().storage().resolve(LOCK), "run-0\nsomebody\n");

    String refusal = Rescue.refusal(() -> rescue.region("west"));

    assertTrue(refusal.startsWith("BUSY east/node-1 is being restored by another run"), refusal);
    assertTrue(east.serves(1));
  }

  @Test
  void the_way_back_is_the_same() throws Exception {
    assertWhole(rescue.region("west"));
    RegionsConfig regions = rescue.config().regions();

    Rescue home = new Rescue(east).regions(regions);
    assertWhole(home.region("east"));

    assertTrue(east.serves(1));
    assertFalse(west.node(1).runs());
    assertEquals(EAST, name());
    List<String> moved = new ArrayList<>();
    try (var files = Files.list(there().storage())) {
      files.map(file -> file.getFileName().toString()).forEach(moved::add);
    }
    assertTrue(
        moved.stream().anyMatch(name -> name.startsWith("lifeboat-quarantine-")),
        "what was there is kept: " + moved);
  }
}
