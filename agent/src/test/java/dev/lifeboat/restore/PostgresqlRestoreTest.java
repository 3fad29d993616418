package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.SecretSource;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.postgresql.PostgresqlConfig;
import dev.lifeboat.postgresql.Target;
import dev.lifeboat.restore.FakeRaftNode.Fault;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// From the dump of a database to every node proven, and what is refused.
class PostgresqlRestoreTest {
  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);
  private FakeTarget database = new FakeTarget(raft);
  private Rescue rescue = new Rescue(raft);

  private void site(boolean shamir, int nodes) {
    raft = FakeRaft.of(folder, shamir, nodes);
    database = new FakeTarget(raft);
    rescue = new Rescue(raft).on(database);
  }

  @BeforeEach
  void two_nodes() {
    site(true, 2);
  }

  @AfterEach
  void close() {
    raft.close();
  }

  private Report restore() throws InterruptedException {
    return rescue.postgresql(rescue.postgresqlOrder(), _ -> {});
  }

  private String refusal() {
    return Rescue.refusal(() -> rescue.postgresqlPlan(rescue.postgresqlOrder()));
  }

  @ParameterizedTest
  @CsvSource({"true, 3", "false, 1"})
  void a_dump_becomes_a_cluster_of_which_each_node_is_proven(boolean shamir, int nodes)
      throws Exception {
    raft.close();
    site(shamir, nodes);

    Report report = restore();

    assertTrue(report.whole(), report.missing().toString());
    assertEquals(raft.nodes().stream().map(FakeRaftNode::id).toList(), report.proven());
    assertEquals(1, database.restored());
    assertTrue(raft.nodes().stream().allMatch(node -> node.serves(raft.old())));
    assertEquals(List.of(), rescue.kept(), "the decrypted dump is gone");
    assertTrue(Journal.over(Journal.read(rescue.journals().getFirst())));
    assertTrue(database.free());
  }

  @Test
  void every_step_is_said_beforehand_and_then_done_in_its_order() throws Exception {
    var _ = rescue.after("true");
    List<String> plan = rescue.postgresqlPlan(rescue.postgresqlOrder());

    var _ = restore();

    List<String> steps =
        List.of(
            "fetch the backup",
            "take the database",
            "stop node-1",
            "stop node-2",
            "restore into the database",
            "start node-1",
            "start node-2",
            "prove node-1",
            "prove node-2",
            "give the database back",
            "tell");
    assertEquals(steps, rescue.heard());
    assertEquals(steps.size(), plan.size(), plan.toString());
    assertEquals(
        "prove node-2: leader, cluster, mounts, a value written through it read at the others",
        plan.get(8));
    assertTrue(plan.get(5).contains("open it with 2 old shares"), plan.get(5));
  }

  @Test
  void killed_after_every_line_of_the_journal_it_goes_on_and_fills_the_database_once()
      throws Exception {
    int lines = lines();
    for (int line = 1; line < lines; line++) {
      raft.close();
      raft = FakeRaft.of(folder.resolve("at-" + line), true, 2);
      database = new FakeTarget(raft);
      rescue = new Rescue(raft).on(database);
      int at = line;

      assertThrows(
          Rescue.Death.class,
          () -> rescue.postgresql(rescue.postgresqlOrder(), Rescue.deathAt(at)));
      Report report = restore();

      assertTrue(report.whole(), "line " + line + ": " + report.missing());
      assertEquals(1, database.restored(), "line " + line);
      assertTrue(database.free(), "line " + line);
    }
  }

  private int lines() throws InterruptedException {
    int[] last = {0};
    var _ = rescue.postgresql(rescue.postgresqlOrder(), line -> last[0] = line);
    return last[0];
  }

  @Test
  void killed_while_the_database_is_filled_it_waits_and_does_not_fill_it_again() throws Exception {
    var _ =
        database.whenFilled(
            () -> {
              throw new Rescue.Death();
            });
    assertThrows(Rescue.Death.class, this::restore);
    var _ = database.whenFilled(() -> {}).filling(3);

    Report report = restore();

    assertTrue(report.whole(), report.missing().toString());
    assertEquals(1, database.restored());
  }

  @Test
  void a_database_that_was_filled_by_somebody_else_is_not_taken_for_ours() throws Exception {
    assertThrows(
        Rescue.Death.class, () -> rescue.postgresql(rescue.postgresqlOrder(), Rescue.deathAt(8)));
    database.restore(Path.of("/"));

    String refusal = Rescue.refusal(this::restore);

    assertTrue(refusal.contains("is not empty: it holds public.openbao_kv_store"), refusal);
    assertEquals(1, database.restored());
  }

  @Test
  void whoever_was_started_meanwhile_is_stopped_before_the_database_is_filled() throws Exception {
    Report report =
        rescue.postgresql(
            rescue.postgresqlOrder(),
            line -> {
              if (line == 9) {
                raft.node(2).starts();
              }
            });

    assertTrue(report.whole(), report.missing().toString());
    assertEquals(2, raft.node(2).started());
  }

  @Test
  void a_snapshot_is_no_dump() {
    PostgresqlOrder order = rescue.postgresqlOrder();
    PostgresqlOrder snapshot =
        new PostgresqlOrder(
            Rescue.source(rescue.manifest()),
            false,
            Optional.empty(),
            order.shares(),
            order.canary());

    String refusal = Rescue.refusal(() -> rescue.postgresqlPlan(snapshot));

    assertTrue(refusal.contains("is a snapshot of raft, not the dump of a database"), refusal);
  }

  @Test
  void a_database_that_holds_anything_is_refused() {
    var _ = database.holds("public.a", "public.b");

    String refusal = refusal();

    assertTrue(
        refusal.startsWith(
            "REFUSED 127.0.0.1:5432/restored is not empty: it holds public.a, public.b\nhint: "),
        refusal);
    assertEquals(
        "127.0.0.1:5432/restored, PostgreSQL 15.18, holds public.a, public.b; pg_restore 15.18",
        PostgresqlRestore.words(database, database.look()));
  }

  @Test
  void what_the_database_is_like_is_said() {
    assertEquals(
        "127.0.0.1:5432/restored, PostgreSQL 15.18, empty; pg_restore 15.18",
        PostgresqlRestore.words(database, database.look()));
    database.restore(Path.of("/"));
    assertTrue(
        PostgresqlRestore.words(database, database.look()).contains("holds a server's data"));
  }

  @Test
  void a_database_that_cannot_take_it_is_refused() {
    var _ = database.ofSomebodyElse();
    assertTrue(refusal().contains("does not belong to the user"));
    database = new FakeTarget(raft).standby();
    rescue = rescue.on(database);
    assertTrue(refusal().contains("is a standby"));
    rescue = rescue.on(new FakeTarget(raft).program("14.2"));
    assertTrue(refusal().contains("is of PostgreSQL 15.18, and pg_restore of 14.2"));
    rescue = rescue.on(new FakeTarget(raft).used("psql from 10.0.0.4"));
    assertTrue(refusal().contains("is in use already, by psql from 10.0.0.4"));
    rescue = rescue.on(new FakeTarget(raft).dumpedFrom("16.1"));
    assertTrue(
        Rescue.refusal(this::restore).contains("is of PostgreSQL 15.18, and the dump of 16.1"));
    assertFalse(raft.node(1).runs());
  }

  @Test
  void two_runs_do_not_meet_in_one_database() {
    var _ = database.taken("20261130T100000Z-restore-postgresql-1, ops at other");

    String refusal = refusal();

    assertTrue(
        refusal.startsWith("BUSY 127.0.0.1:5432/restored is being filled by another run: 2026"),
        refusal);
  }

  /// The command gives it up just before it begins.
  @Test
  void a_run_of_ours_that_is_not_worth_going_on_with_hinders_no_plan() throws Exception {
    assertThrows(
        Rescue.Death.class, () -> rescue.postgresql(rescue.postgresqlOrder(), Rescue.deathAt(5)));
    assertFalse(database.free());

    try (Restoring another =
        Restoring.open(
            rescue.config(),
            Rescue.vault(),
            new Auth.None(),
            new Restoring.Surroundings(InstantSource.fixed(Rescue.NOW), "ops", _ -> {}),
            Restoring.fresh("restore-postgresql", InstantSource.fixed(Rescue.NOW)),
            Optional.of(database))) {
      assertFalse(another.postgresqlPlan(rescue.postgresqlOrder()).isEmpty());
      assertTrue(another.lookAtTarget().startsWith("127.0.0.1:5432/restored, "));
    }
  }

  @Test
  void one_that_is_taken_meanwhile_is_left_alone() {
    String refusal =
        Rescue.refusal(
            () ->
                rescue.postgresql(
                    rescue.postgresqlOrder(),
                    line -> {
                      if (line == 3) {
                        var _ = database.taken("another run, somebody");
                      }
                    }));

    assertTrue(refusal.startsWith("BUSY"), refusal);
    assertEquals(0, database.restored());
  }

  @Test
  void without_a_database_there_is_nothing_to_restore_into() {
    rescue = new Rescue(raft);

    assertTrue(refusal().startsWith("REFUSED no database is configured that takes the dump"));
  }

  @Test
  void nodes_of_another_kind_or_cluster_are_refused() {
    raft.node(1).is("2.7.2", "raft").starts();
    assertTrue(refusal().contains("the dump of a database goes into PostgreSQL"));
    raft.node(1).is("2.7.2", "postgresql").dies();
    raft.serving();
    PostgresqlOrder order = rescue.postgresqlOrder();
    PostgresqlOrder other =
        new PostgresqlOrder(
            Rescue.source(rescue.dumpOf("another")),
            false,
            Optional.empty(),
            order.shares(),
            order.canary());

    assertTrue(
        Rescue.refusal(() -> rescue.postgresqlPlan(other)).contains("serves another cluster"));
  }

  @Test
  void the_node_from_which_it_was_taken_must_not_answer_unless_it_is_one_of_these()
      throws Exception {
    try (ServerSocket old = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var _ = rescue.takenFrom(URI.create("http://127.0.0.1:" + old.getLocalPort()));
      assertTrue(refusal().startsWith("REFUSED the cluster that was backed up can still be"));
      PostgresqlOrder order = rescue.postgresqlOrder();

      PostgresqlOrder accepted =
          new PostgresqlOrder(
              order.source(), true, Optional.empty(), order.shares(), order.canary());
      assertFalse(rescue.postgresqlPlan(accepted).isEmpty());
    }
    var _ = rescue.takenFrom(raft.node(1).address());
    raft.node(1).starts();
    assertFalse(rescue.postgresqlPlan(rescue.postgresqlOrder()).isEmpty());
  }

  @Test
  void nodes_that_keep_their_data_elsewhere_are_said() {
    var _ = database.elsewhere(1, 2);

    String refusal = Rescue.refusal(this::restore);

    assertTrue(
        refusal.startsWith("FAILED node-1 runs, and has not connected to this database: "),
        refusal);
    assertTrue(refusal.contains("let connection_url in its configuration name"), refusal);
    assertTrue(raft.nodes().stream().noneMatch(FakeRaftNode::runs));
  }

  /// Somebody else's session is there while it starts, and ends.
  @Test
  void when_nobody_is_connected_any_more_the_one_that_leads_is_stopped() {
    var _ = database.deceptive().elsewhere(1, 2);

    String refusal =
        Rescue.refusal(
            () ->
                rescue.postgresql(
                    rescue.postgresqlOrder(),
                    line -> {
                      if (line == 13) {
                        var _ = database.deceptiveFor(3);
                      }
                    }));

    assertTrue(
        refusal.startsWith("FAILED node-1 leads, and nobody is connected to this database"),
        refusal);
    assertTrue(raft.nodes().stream().noneMatch(FakeRaftNode::runs));
  }

  @Test
  void a_node_without_data_keeps_it_elsewhere() {
    String refusal =
        Rescue.refusal(
            () ->
                rescue.postgresql(
                    rescue.postgresqlOrder(),
                    line -> {
                      if (line == 12) {
                        raft.nodes().forEach(FakeRaftNode::forgets);
                      }
                    }));

    assertTrue(refusal.startsWith("FAILED node-1 runs and has no data: it keeps its"), refusal);
  }

  @Test
  void a_node_of_another_cluster_keeps_it_elsewhere() {
    String refusal =
        Rescue.refusal(
            () -> rescue.postgresql(order(Rescue.source(rescue.dumpOf("another"))), _ -> {}));

    assertTrue(
        refusal.startsWith("FAILED node-1 leads the cluster 14041c9e, and the backup is of"),
        refusal);
  }

  private PostgresqlOrder order(Source source) {
    PostgresqlOrder order = rescue.postgresqlOrder();
    return new PostgresqlOrder(source, false, Optional.empty(), order.shares(), order.canary());
  }

  @Test
  void wrong_shares_end_it_and_the_right_ones_go_on_without_a_second_filling() throws Exception {
    PostgresqlOrder wrong = rescue.postgresqlOrder().with(Rescue.shares(7, 8));

    String refusal = Rescue.refusal(() -> rescue.postgresql(wrong, _ -> {}));
    Report report = restore();

    assertTrue(
        refusal.startsWith("FAILED the data is there, and these shares do not open node-1"),
        refusal);
    assertTrue(report.whole(), report.missing().toString());
    assertEquals(1, database.restored());
  }

  @Test
  void a_node_that_does_not_come_back_is_named_and_the_others_are_proven() throws Exception {
    raft.close();
    site(true, 3);
    raft.node(1).fault(Fault.START_FAILS);

    Report first =
        rescue.again().bound(Duration.ofSeconds(5)).postgresql(rescue.postgresqlOrder(), _ -> {});

    assertEquals(List.of("node-2", "node-3"), first.proven());
    assertEquals(Set.of("node-1"), first.missing().keySet());
    assertFalse(database.free());
    raft.node(1).heal();
    Report second = rescue.again().postgresql(rescue.postgresqlOrder(), _ -> {});
    assertTrue(second.whole(), second.missing().toString());
    assertEquals(1, database.restored());
  }

  @Test
  void a_run_that_is_given_up_frees_the_database() throws Exception {
    assertThrows(
        Rescue.Death.class, () -> rescue.postgresql(rescue.postgresqlOrder(), Rescue.deathAt(9)));
    assertFalse(database.free());

    assertEquals(0, rescue.run("restore-postgresql", _ -> {}, Restoring::abandon).size());

    assertTrue(database.free());
    assertEquals(List.of(), rescue.kept());
  }

  @Test
  void a_database_that_nobody_names_any_more_is_said_to_be_taken_still() throws Exception {
    assertThrows(
        Rescue.Death.class, () -> rescue.postgresql(rescue.postgresqlOrder(), Rescue.deathAt(9)));

    Rescue without = new Rescue(raft);

    assertEquals(
        Set.of("the database"),
        without.run("restore-postgresql", _ -> {}, Restoring::abandon).keySet());
  }

  @Test
  void a_database_that_is_gone_is_said_when_a_run_is_given_up() throws Exception {
    assertThrows(
        Rescue.Death.class, () -> rescue.postgresql(rescue.postgresqlOrder(), Rescue.deathAt(9)));

    String said = givenUp(rescue.on(Target.of(gone(Optional.empty()), rescue.folder())));

    assertTrue(said.startsWith("is still taken: postgresql 127.0.0.1:1/restored: "), said);
    assertTrue(Journal.over(Journal.read(rescue.journals().getFirst())));
    assertEquals(List.of(), rescue.kept());
  }

  @Test
  void a_password_that_is_gone_hinders_nobody_from_giving_up_a_run() throws Exception {
    assertThrows(
        Rescue.Death.class, () -> rescue.postgresql(rescue.postgresqlOrder(), Rescue.deathAt(9)));
    SecretSource missing = new SecretSource.FromFile(folder.resolve("missing"));

    String said = givenUp(rescue.on(Target.of(gone(Optional.of(missing)), rescue.folder())));

    assertTrue(said.contains("missing: no such file"), said);
    assertTrue(Journal.over(Journal.read(rescue.journals().getFirst())));
  }

  @Test
  void another_database_than_the_one_that_was_taken_is_said() throws Exception {
    assertThrows(
        Rescue.Death.class, () -> rescue.postgresql(rescue.postgresqlOrder(), Rescue.deathAt(9)));

    String said = givenUp(rescue.on(database.at("db.example.net:5432/another")));

    assertTrue(
        said.startsWith(
            "is still taken: 127.0.0.1:5432/restored, and restore.postgresql names"
                + " db.example.net:5432/another now\nhint: "),
        said);
  }

  private static PostgresqlConfig gone(Optional<SecretSource> password) {
    return new PostgresqlConfig(
        "127.0.0.1",
        1,
        "restored",
        "openbao",
        password,
        PostgresqlConfig.SslMode.DISABLE,
        Optional.empty(),
        Optional.empty(),
        true);
  }

  private static String givenUp(Rescue another) throws InterruptedException {
    var kept = another.run("restore-postgresql", _ -> {}, Restoring::abandon);
    assertEquals(Set.of("the database"), kept.keySet());
    return String.valueOf(kept.get("the database"));
  }

  @Test
  void nodes_without_a_storage_folder_are_for_a_database_alone() throws Exception {
    List<NodeConfig> bare =
        raft.configs().stream()
            .map(
                node ->
                    new NodeConfig(
                        node.id(),
                        node.address(),
                        node.clusterAddress(),
                        Optional.<Path>empty(),
                        node.start(),
                        node.stop(),
                        node.running(),
                        node.log(),
                        node.machine()))
            .toList();
    var _ = rescue.nodes(bare);

    assertTrue(restore().whole());
    String refusal = Rescue.refusal(() -> rescue.clusterPlan(rescue.order()));
    assertTrue(refusal.startsWith("REFUSED node-1 keeps its data in postgresql"), refusal);
    raft.nodes().forEach(FakeRaftNode::dies);
    refusal = Rescue.refusal(() -> rescue.clusterPlan(rescue.order()));
    assertTrue(refusal.startsWith("REFUSED restore.nodes.node-1 has no storage"), refusal);
  }
}
