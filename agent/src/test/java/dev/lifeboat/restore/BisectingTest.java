package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Entry;
import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.restore.Rescue.Death;
import dev.lifeboat.restore.Restoring.Run;
import java.io.ByteArrayOutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The newest good backup of a row, by a scratch node.
class BisectingTest {
  private static final InstantSource CLOCK = InstantSource.fixed(Rescue.NOW);

  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);
  private Rescue rescue = new Rescue(raft);
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private List<NodeConfig> living = List.of();
  private OptionalInt good = OptionalInt.empty();
  private OptionalInt bad = OptionalInt.empty();

  @BeforeEach
  void a_scratch_node() {
    scratch(folder);
  }

  private void scratch(Path where) {
    raft = FakeRaft.of(where, true, 1);
    rescue = new Rescue(raft);
  }

  @AfterEach
  void close() {
    raft.close();
  }

  private static Instant at(int number) {
    return Rescue.NOW.minus(Duration.ofDays(1)).plusSeconds(number);
  }

  private static String id(int number) {
    return "20261129T1200%02dZ-0000000a".formatted(number);
  }

  private List<Source> row(int count) {
    List<Source> row = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      row.add(Rescue.source(rescue.manifest(id(i), at(i))));
    }
    return row;
  }

  /// Up to that number all are good.
  private CheckProgram upTo(int number, String... codes) {
    StringBuilder cases = new StringBuilder("echo $LIFEBOAT_BACKUP\n");
    for (int i = 0; i < 20; i++) {
      String code = i <= number ? "0" : "1";
      for (String each : codes) {
        code = each.startsWith(i + "=") ? each.substring(each.indexOf('=') + 1) : code;
      }
      cases.append("[ $LIFEBOAT_BACKUP != ").append(id(i)).append(" ] || exit ").append(code);
      cases.append('\n');
    }
    return new CheckProgram(
        List.of("sh", "-c", cases.toString()), Map.of("PATH", "/usr/bin:/bin"), said);
  }

  private BisectOrder order(int count, CheckProgram check) {
    return new BisectOrder(
        row(count),
        good,
        bad,
        Optional.empty(),
        rescue.shares(),
        Optional.of(Rescue.CANARY),
        living,
        check);
  }

  private RestoreConfig config() {
    return new RestoreConfig(
        folder.resolve("runs"),
        Optional.empty(),
        Duration.ofSeconds(20),
        List.of("false"),
        living,
        RegionsConfig.NONE,
        Optional.empty(),
        Optional.of(raft.node(1).config()));
  }

  private interface Act<T> {
    T with(Bisecting bisecting) throws InterruptedException;
  }

  private <T> T run(IntConsumer journalled, Act<T> act) throws InterruptedException {
    Run run = Restoring.find(config(), Bisecting.KIND, CLOCK);
    Restoring.Surroundings around = new Restoring.Surroundings(CLOCK, "ops", journalled);
    try (Bisecting bisecting =
        Bisecting.open(config(), Rescue.vault(), rescue.auth(), around, run)) {
      return act.with(bisecting);
    }
  }

  private Bisected find(BisectOrder order) throws InterruptedException {
    return find(order, _ -> {});
  }

  private Bisected find(BisectOrder order, IntConsumer journalled) throws InterruptedException {
    return run(
        journalled,
        bisecting -> {
          var _ = bisecting.plan(order);
          return bisecting.find(order, Course.Listener.NONE);
        });
  }

  private static String id(Optional<Bisected.Backup> backup) {
    return backup.map(Bisected.Backup::id).orElse("none");
  }

  private List<Entry> journal() {
    return Journal.read(Journal.runs(folder.resolve("runs")).getLast());
  }

  private long done(String step) {
    return journal().stream()
        .filter(each -> each.event() == Event.DONE && each.step().startsWith(step))
        .count();
  }

  @Test
  void the_newest_good_one_is_found_and_the_scratch_node_left_empty() throws Exception {
    Bisected found = find(order(8, upTo(4)));

    assertEquals(id(4), id(found.newestGood()));
    assertEquals(id(5), id(found.oldestBad()));
    assertEquals(3, found.asked().size());
    assertEquals(3, done("restore into"));
    assertEquals(List.of(), found.skipped());
    assertEquals(id(3) + "\n" + id(5) + "\n" + id(4) + "\n", said.toString(StandardCharsets.UTF_8));
    assertFalse(raft.node(1).runs());
    assertFalse(Files.exists(raft.node(1).storage().resolve("vault.db")));
    assertFalse(Files.exists(raft.node(1).storage().resolve("lifeboat-restore.lock")));
    assertEquals(id(4), found.toJson().at("/newestGood/id").asString());
    String journal = journal().toString();
    assertFalse(journal.contains(FakeRaft.TOKEN), journal);
  }

  @Test
  void all_can_be_bad_and_all_can_be_good() throws Exception {
    Bisected none = find(order(2, upTo(-1)));
    assertEquals("none " + id(0), id(none.newestGood()) + " " + id(none.oldestBad()));

    Bisected all = find(order(2, upTo(1)));
    assertEquals(id(1) + " none", id(all.newestGood()) + " " + id(all.oldestBad()));
  }

  @Test
  void one_that_cannot_be_told_is_passed_over_and_said() throws Exception {
    Bisected found = find(order(3, upTo(0, "1=125")));

    assertEquals(id(0) + " " + id(2), id(found.newestGood()) + " " + id(found.oldestBad()));
    assertEquals(List.of(id(1)), found.skipped().stream().map(Bisected.Backup::id).toList());
    assertEquals("skip", found.asked().getFirst().said());
  }

  @Test
  void killed_anywhere_the_same_command_goes_on_and_asks_nothing_twice() throws Exception {
    for (int line = 2; line < 43; line += 5) {
      raft.close();
      scratch(Files.createDirectory(folder.resolve("at-" + line)));
      int death = line;
      BisectOrder order = order(3, upTo(1));

      assertThrows(Death.class, () -> find(order, Rescue.deathAt(death)), "line " + line);
      raft.node(1).dies();
      Bisected found = find(order);

      assertEquals(id(1), id(found.newestGood()), "line " + line);
      assertEquals(
          found.asked().size(),
          new HashSet<>(found.asked().stream().map(each -> each.backup().id()).toList()).size());
      assertEquals(2, done("restore into"), "line " + line);
    }
  }

  @Test
  void what_was_taken_since_is_left_out() throws Exception {
    BisectOrder order = order(3, upTo(1));
    assertThrows(Death.class, () -> find(order, Rescue.deathAt(20)));
    Run run = Restoring.find(config(), Bisecting.KIND, CLOCK);

    assertEquals(3, Bisecting.begunWith(config(), run, row(7)).size());
    Run fresh = Restoring.fresh(Bisecting.KIND, CLOCK);
    assertEquals(7, Bisecting.begunWith(config(), fresh, row(7)).size());
  }

  @Test
  void answers_to_another_question_do_not_count() throws Exception {
    assertThrows(Death.class, () -> find(order(3, upTo(1)), Rescue.deathAt(20)));

    String other = Rescue.refusal(() -> find(order(3, upTo(2))));
    assertTrue(other.contains("was begun with another check command"), other);
    bad = OptionalInt.of(2);
    String edge = Rescue.refusal(() -> find(order(3, upTo(1))));
    assertTrue(edge.contains("was begun with another --bad, none"), edge);
  }

  @Test
  void a_check_that_says_neither_ends_it_and_is_asked_again() throws Exception {
    Path broken = Files.createFile(folder.resolve("broken"));
    CheckProgram check =
        new CheckProgram(
            List.of("sh", "-c", "[ ! -e \"$0\" ] || exit 200", broken.toString()),
            Map.of("PATH", "/usr/bin:/bin"),
            said);

    String said200 = Rescue.refusal(() -> find(order(1, check)));
    assertTrue(said200.contains("ended with code 200 for backup " + id(0)), said200);
    assertTrue(raft.node(1).runs());
    Files.delete(broken);

    assertEquals(id(0), id(find(order(1, check)).newestGood()));
    assertEquals(1, done("restore into"));
  }

  /// `bao` ends with 2 when nobody answers, as it does for whatever else.
  @Test
  void a_bad_answer_does_not_count_when_the_copy_does_not_serve() throws Exception {
    Path deadly = Files.createFile(folder.resolve("deadly"));
    String running = raft.node(1).config().stop().getLast();
    CheckProgram check =
        new CheckProgram(
            List.of(
                "sh",
                "-c",
                "[ ! -e \"$0\" ] || { rm \"$1\"; exit 2; }",
                deadly.toString(),
                running),
            Map.of("PATH", "/usr/bin:/bin"),
            said);

    String refused = Rescue.refusal(() -> find(order(1, check)));
    assertTrue(refused.contains("calls backup " + id(0) + " bad, and node-1 does not"), refused);
    assertEquals(0, done("check "));
    Files.delete(deadly);

    assertEquals(id(0), id(find(order(1, check)).newestGood()));
    assertEquals(1, done("restore into"));
  }

  private Map<String, String> abandon() throws InterruptedException {
    Run run = Restoring.find(config(), Bisecting.KIND, CLOCK);
    try (Restoring restoring =
        Restoring.open(
            Bisecting.nodes(config(), run),
            Rescue.vault(),
            rescue.auth(),
            new Restoring.Surroundings(CLOCK, "ops", _ -> {}),
            run)) {
      return restoring.abandon();
    }
  }

  private void leaveCopyOpen() {
    String refused = Rescue.refusal(() -> find(order(1, upTo(0, "0=200"))));
    assertTrue(refused.contains("ended with code 200"), refused);
    assertTrue(raft.node(1).runs());
  }

  private Path lock() {
    return raft.node(1).storage().resolve("lifeboat-restore.lock");
  }

  @Test
  void a_run_that_is_given_up_leaves_no_open_copy() throws Exception {
    leaveCopyOpen();

    assertEquals(Map.of(), abandon());

    assertFalse(raft.node(1).runs());
    assertFalse(Files.exists(lock()));
    assertEquals(Event.ABANDONED, journal().getLast().event());
  }

  @Test
  void a_copy_that_cannot_be_stopped_is_said_to_run_perhaps() throws Exception {
    leaveCopyOpen();
    raft.node(1).fault(FakeRaftNode.Fault.NO_MACHINE);

    String kept = abandon().toString();

    assertTrue(kept.startsWith("{node-1=may run still, with an open copy: "), kept);
    assertFalse(Files.exists(lock()));
  }

  @Test
  void what_another_run_has_in_the_scratch_node_is_not_stopped() throws Exception {
    leaveCopyOpen();
    Files.writeString(lock(), "run-0\nsomebody\n");

    assertEquals(Map.of(), abandon());

    assertTrue(raft.node(1).runs());
    assertTrue(Files.exists(lock()));
  }

  @Test
  void a_run_that_has_stopped_nothing_yet_has_no_copy_to_stop() throws Exception {
    assertThrows(Death.class, () -> find(order(1, upTo(0)), Rescue.deathAt(2)));
    raft.node(1).starts();

    assertEquals(Map.of(), abandon());

    assertTrue(raft.node(1).runs());
  }

  @Test
  void an_edge_that_is_wrong_ends_the_run() throws Exception {
    bad = OptionalInt.of(3);
    good = OptionalInt.of(0);

    String wrongBad = Rescue.refusal(() -> find(order(4, upTo(9))));
    assertTrue(wrongBad.contains(id(3)), wrongBad);
    assertTrue(wrongBad.contains("was said to be bad, and the check says good"), wrongBad);
    assertEquals(Event.ENDED, journal().getLast().event());
    String wrongGood = Rescue.refusal(() -> find(order(4, upTo(-1))));
    assertTrue(wrongGood.contains("was said to be good, and the check says bad"), wrongGood);
    assertEquals(id(1), id(find(order(4, upTo(1))).newestGood()));
  }

  @Test
  void a_living_cluster_that_the_scratch_node_reaches_is_refused() throws Exception {
    try (ServerSocket production = new ServerSocket(0)) {
      URI address = URI.create("http://127.0.0.1:" + production.getLocalPort());
      living =
          List.of(
              new NodeConfig(
                  "prod-1",
                  address,
                  Optional.of("127.0.0.1:1"),
                  Path.of("/srv/prod"),
                  List.of("true"),
                  List.of("true"),
                  List.of("true"),
                  raft.node(1).config().machine()));

      String refused = Rescue.refusal(() -> find(order(1, upTo(0))));

      assertTrue(refused.contains("the API of prod-1 at 127.0.0.1:"), refused);
      assertTrue(refused.contains("from node-1"), refused);
      assertFalse(refused.contains("--accept-writes"), refused);
      assertFalse(Files.exists(folder.resolve("runs")));
    }
  }

  @Test
  void a_node_of_the_cluster_is_no_scratch_node() throws Exception {
    rescue.peers(
        new Manifest.Peer(
            "node-1",
            raft.node(1).clusterAddress(),
            Optional.of(raft.node(1).address().toString()),
            true));

    String own = Rescue.refusal(() -> find(order(1, upTo(0))));
    assertTrue(own.contains("is one of the nodes that were backed up"), own);
  }

  @Test
  void one_that_follows_another_is_no_scratch_node() throws Exception {
    raft.serving();
    raft.node(1).fault(FakeRaftNode.Fault.ASTRAY);

    String follower = Rescue.refusal(() -> find(order(1, upTo(0))));
    assertTrue(follower.contains("follows https://10.0.0.1:8200"), follower);
  }

  @Test
  void without_a_scratch_node_it_says_what_is_missing() {
    RestoreConfig none =
        new RestoreConfig(
            folder, Optional.empty(), Duration.ofSeconds(1), List.of(), raft.configs());
    Run run = Restoring.fresh(Bisecting.KIND, CLOCK);

    String refused = Rescue.refusal(() -> Bisecting.nodes(none, run));
    assertTrue(refused.contains("restore.scratch is not set"), refused);
    assertEquals(none, Bisecting.nodes(none, Restoring.fresh("restore-cluster", CLOCK)));
  }

  @Test
  void the_plan_says_how_many_and_how_long_the_last_took() throws Exception {
    assertEquals(Optional.empty(), Bisecting.lastTook(config()));
    List<String> plan = run(_ -> {}, bisecting -> bisecting.plan(order(8, upTo(4))));

    assertTrue(
        plan.getFirst().startsWith("of 8 backups restore at most 4 into node-1"), plan.get(0));
    assertTrue(plan.getFirst().endsWith(id(3) + " first"), plan.getFirst());
    var _ = find(order(2, upTo(0)));
    assertTrue(Bisecting.lastTook(config()).isPresent());
  }
}
