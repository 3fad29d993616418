package dev.lifeboat.status;

import static dev.lifeboat.status.Status.Severity.CRITICAL;
import static dev.lifeboat.status.Status.Severity.WARNING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.status.Status.Trouble;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.NodeStates;
import dev.lifeboat.watch.Reading;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TroublesTest {
  private static final Duration DAILY = Duration.ofDays(1);

  @Test
  void a_healthy_node_has_none() {
    assertEquals(List.of(), Statuses.healthy().problems());
    assertEquals(List.of(), Statuses.standby().problems());
    assertEquals(List.of(), of(NodeStates.perfStandby()));
    assertEquals(List.of(), of(NodeStates.drSecondary()));
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void a_node_without_an_answer_has_one_that_says_why(Reason reason) {
    List<Trouble> troubles = of(NodeStates.unreachable(reason));

    assertEquals(1, troubles.size());
    assertEquals(CRITICAL, troubles.getFirst().severity());
    assertTrue(troubles.getFirst().text().contains("vault-a (https://10.0.0.1:8200)"));
  }

  @Test
  void the_reasons_of_silence_are_told_apart() {
    Set<String> texts = new HashSet<>();
    for (Reason reason :
        List.of(
            Reason.UNREACHABLE, Reason.TIMEOUT, Reason.TRUNCATED, Reason.NOT_JSON, Reason.TLS)) {
      texts.add(of(NodeStates.unreachable(reason)).getFirst().text());
    }

    assertEquals(5, texts.size());
  }

  @Test
  void a_node_of_tls_that_is_asked_without_is_told_what_to_write() {
    NodeState tls = NodeStates.unreachable(Reason.TLS);
    NodeState plain =
        new NodeState(
            tls.at(),
            URI.create("http://10.0.0.1:8200"),
            tls.polls(),
            tls.product(),
            tls.health(),
            tls.sealStatus(),
            tls.leader(),
            tls.raftConfiguration(),
            tls.autopilot(),
            tls.haStatus());

    assertEquals(
        List.of(
            new Trouble(
                CRITICAL,
                "vault-a (http://10.0.0.1:8200) speaks TLS and was asked without.",
                "Write https:// in vault.address.")),
        of(plain));
  }

  @Test
  void a_sealed_node_says_how_far_and_what_is_left() {
    assertEquals(
        new Trouble(
            CRITICAL,
            "vault-a is sealed: 1 of 3 unseal shares given.",
            "Complete it with 'lifeboat unseal --add': 2 more shares are needed; without --add it"
                + " begins anew."),
        of(NodeStates.sealed("shamir", 1)).getFirst());
    assertEquals(
        "Complete it with 'lifeboat unseal --add': 1 more share is needed; without --add it begins"
            + " anew.",
        of(NodeStates.sealed("shamir", 2)).getFirst().hint());
    assertEquals(
        "Open it with 'lifeboat unseal': 3 shares are needed.",
        of(NodeStates.sealed("shamir", 0)).getFirst().hint());
  }

  @Test
  void a_seal_that_should_open_by_itself_is_told_so() {
    Trouble byFile = of(NodeStates.sealed("static", 0)).getFirst();
    Trouble byService = of(NodeStates.sealed("awskms", 0)).getFirst();

    assertTrue(byFile.text().contains("static seal opens by itself"), byFile.text());
    assertTrue(byFile.hint().contains("key could not be read"), byFile.hint());
    assertTrue(byService.hint().contains("awskms key service"), byService.hint());
  }

  @Test
  void a_sealed_node_is_not_also_blamed_for_what_the_seal_explains() {
    NodeState state = NodeStates.sealed("shamir", 0);
    NodeState refusing = with(state, state.health(), NodeStates.failed(Reason.SEALED));

    assertEquals(1, of(state).size());
    assertEquals(1, of(refusing).size());
  }

  @Test
  void other_roles_are_told_with_their_way_out() {
    assertTrue(of(NodeStates.uninitialized()).getFirst().text().contains("not initialised"));
    assertTrue(of(NodeStates.removed()).getFirst().text().contains("removed from its cluster"));
    assertEquals(1, of(NodeStates.uninitialized()).size());
    assertEquals(1, of(NodeStates.removed()).size());
  }

  @Test
  void a_standby_without_a_leader_says_that_nobody_leads() {
    NodeState state = NodeStates.standby();
    Reading<Leader> nobody = NodeStates.known(NodeStates.leaderless());

    Trouble trouble = of(with(state, state.health(), nobody)).getFirst();

    assertEquals(CRITICAL, trouble.severity());
    assertTrue(trouble.text().contains("knows of no leader"), trouble.text());
  }

  @Test
  void a_standby_cut_off_from_the_active_node_says_so() {
    NodeState state = NodeStates.standby();
    Reading<Health> cut = NodeStates.known(NodeStates.health(474, false, true));

    Trouble trouble = of(with(state, cut, state.leader())).getFirst();

    assertTrue(trouble.text().contains("cannot reach the active node"), trouble.text());
  }

  @Test
  void a_clock_that_is_off_says_which_way() {
    NodeState state = NodeStates.standby();
    Reading<Health> ahead =
        new Reading.Known<>(
            NodeStates.health(429, false, true),
            NodeStates.NOW.minusSeconds(31),
            Duration.ofMillis(2));
    Reading<Health> near =
        new Reading.Known<>(
            NodeStates.health(429, false, true),
            NodeStates.NOW.plusSeconds(4),
            Duration.ofMillis(2));

    Trouble trouble = of(with(state, ahead, state.leader())).getFirst();

    assertEquals(WARNING, trouble.severity());
    assertEquals("The clock of vault-a is 30 seconds ahead of ours.", trouble.text());
    assertEquals(List.of(), of(with(state, near, state.leader())));
  }

  @Test
  void a_failed_part_is_a_warning_of_its_own() {
    NodeState state = NodeStates.standby();

    Trouble trouble = of(with(state, state.health(), NodeStates.failed(Reason.TIMEOUT))).getFirst();

    assertEquals(WARNING, trouble.severity());
    assertEquals("sys/leader could not be read from vault-a (timeout).", trouble.text());
  }

  @Test
  void before_the_first_poll_nothing_is_wrong_yet() {
    assertEquals(WARNING, of(NodeStates.beforeFirstPoll()).getFirst().severity());
  }

  @Test
  void a_poll_loop_that_stands_still_is_ours_to_own() {
    NodeState initial = NodeStates.beforeFirstPoll();
    NodeState stuck =
        new NodeState(
            initial.at(),
            initial.address(),
            12,
            Product.OPENBAO,
            initial.health(),
            initial.sealStatus(),
            initial.leader(),
            initial.raftConfiguration(),
            initial.autopilot(),
            initial.haStatus());

    assertEquals(CRITICAL, of(stuck).getFirst().severity());
  }

  @Test
  void a_cluster_at_its_limit_is_critical_and_the_ill_peer_is_named() {
    List<Trouble> troubles = Statuses.troubled().problems();

    assertEquals(
        "The cluster stops if one more voter is lost (failure tolerance 0).",
        troubles.getFirst().text());
    assertTrue(
        texts(troubles)
            .contains(
                "Peer bao-3 is unhealthy: last heard of 42 seconds ago, 1,610 entries behind the"
                    + " leader."),
        texts(troubles).toString());
    assertTrue(
        texts(troubles)
            .contains("The cluster is not fully known: sys/ha-status could not be read (denied)."),
        texts(troubles).toString());
  }

  @Test
  void an_active_node_that_fails_at_everything_is_critical_and_said_once() {
    List<Trouble> troubles =
        of(
            NodeStates.state(
                    Product.OPENBAO,
                    NodeStates.health(200, false, false),
                    NodeStates.seal("static", false, 0),
                    NodeStates.leads())
                .withCluster(
                    NodeStates.failed(Reason.SERVER_ERROR),
                    NodeStates.failed(Reason.SERVER_ERROR),
                    NodeStates.failed(Reason.SERVER_ERROR))
                .build());

    assertEquals(1, troubles.size(), () -> texts(troubles).toString());
    assertEquals(CRITICAL, troubles.getFirst().severity());
    assertEquals(
        "The node is active and fails at what it is asked with a token (server_error).",
        troubles.getFirst().text());
    assertTrue(troubles.getFirst().hint().contains("audit"), troubles.getFirst().hint());
  }

  @Test
  void problems_are_worst_first() {
    List<Status.Severity> severities =
        Statuses.troubled().problems().stream().map(Trouble::severity).toList();

    assertEquals(severities.stream().sorted().toList(), severities);
    assertEquals(Optional.of(CRITICAL), Statuses.troubled().worst());
  }

  @Test
  void missing_and_surplus_peers_are_counted() {
    assertTrue(texts(cluster(2, 3, true, 4711)).contains("The cluster has 2 of 3 peers."));
    assertTrue(
        texts(cluster(3, 1, true, 4711)).contains("The cluster has 3 peers where 1 are expected."));
    assertEquals(List.of(), cluster(2, 0, true, 4711));
  }

  @Test
  void a_peer_that_lags_is_told_before_it_is_ill() {
    assertEquals(
        List.of("Peer bao-3 is 1,001 entries behind the leader."),
        texts(cluster(3, 3, true, 4711 - 1001)));
    assertEquals(List.of(), cluster(3, 3, true, 4711 - 1000));
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void every_reason_of_a_cluster_not_known_has_a_hint(Reason reason) {
    NodeState state =
        active()
            .withCluster(
                NodeStates.failed(reason), NodeStates.failed(reason), NodeStates.failed(reason))
            .build();

    List<Trouble> troubles = of(state);

    assertEquals(1, troubles.size());
    assertFalse(troubles.getFirst().hint().isBlank());
  }

  @Test
  void no_backup_and_an_old_one_are_critical() {
    Status.Backups old =
        new Status.Backups(
            List.of(Statuses.backup("20261121T030000Z-00000000", 31, Optional.empty())),
            1,
            false,
            Optional.empty(),
            Optional.empty());

    assertEquals(
        List.of("There is no backup."), texts(backups(Statuses.none(), NodeStates.active())));
    assertEquals(
        List.of("The newest backup is 31 hours old; one is due every 24 hours."),
        texts(backups(old, NodeStates.active())));
    assertEquals(
        List.of(),
        texts(
            Status.of(
                    NodeStates.active(),
                    "vault-a",
                    3,
                    Optional.of(old),
                    Duration.ZERO,
                    Statuses.NOW)
                .problems()));
  }

  @Test
  void stores_that_were_not_read_are_not_called_empty() {
    var soon =
        new Status.Backups(
            Status.Stores.NOT_YET, List.of(), 0, false, Optional.empty(), Optional.empty());
    var broken =
        new Status.Backups(
            Status.Stores.UNREADABLE, List.of(), 0, false, Optional.empty(), Optional.empty());

    assertEquals(
        List.of("The stores have not been read yet."), texts(backups(soon, NodeStates.active())));
    assertEquals(
        List.of("The stores cannot be read: which backups there are is not known."),
        texts(backups(broken, NodeStates.active())));
    assertEquals(List.of(), backups(soon, NodeStates.standby()));
    Status status = Statuses.of(NodeStates.active(), Optional.of(soon));
    assertTrue(StatusText.render(status).contains("  stored    not read yet\n"));
    assertTrue(StatusHtml.render(status).contains("<dt>Stored</dt><dd>not read yet</dd>"));
    assertTrue(StatusJson.render(status).contains("\"total\" : null"));
    assertTrue(StatusJson.render(status).contains("\"stores\" : \"not_yet\""));
  }

  @Test
  void a_store_that_is_away_is_named_and_the_backups_of_the_others_are_shown() {
    Status.Backup old = Statuses.backup("20261121T030000Z-00000000", 31, Optional.empty());
    Status.Backups partly =
        new Status.Backups(
                Status.Stores.PARTLY, List.of(old), 7, false, Optional.empty(), Optional.empty())
            .withUnreadable(
                List.of(
                    new Status.Unreadable("near", true, "connection refused"),
                    new Status.Unreadable("far", false, "timed out")));
    Status status = Statuses.of(NodeStates.active(), Optional.of(partly));

    assertEquals(
        List.of(
            "The newest backup in the stores that can be read is 31 hours old; one is due every"
                + " 24 hours.",
            "The store near cannot be read: connection refused.",
            "The store far cannot be read: timed out."),
        texts(status.problems()));
    assertEquals(
        List.of(CRITICAL, CRITICAL, WARNING),
        status.problems().stream().map(Trouble::severity).toList());
    assertTrue(
        StatusText.render(status).contains("  stored    7 in the stores that can be read\n"));
    assertTrue(StatusText.render(status).contains(old.id()));
    assertTrue(StatusHtml.render(status).contains(old.id()));
    String json = StatusJson.render(status);
    assertTrue(json.contains("\"total\" : 7"), json);
    assertTrue(json.contains("\"stores\" : \"partly\""), json);
    assertTrue(json.contains("\"store\" : \"near\""), json);
  }

  @Test
  void where_not_every_store_can_be_read_none_is_not_said_of_all() {
    Status.Backups partly =
        new Status.Backups(
            Status.Stores.PARTLY, List.of(), 0, false, Optional.empty(), Optional.empty());

    assertEquals(
        List.of("There is no backup in the stores that can be read."),
        texts(backups(partly, NodeStates.active())));
  }

  @Test
  void backups_that_are_missing_are_told_on_every_node() {
    String sentence = "In the store far 300 backups are missing.";
    Status.Backups backups = Statuses.none().withMissing(List.of(sentence));

    assertTrue(texts(backups(backups, NodeStates.standby())).contains(sentence));
    assertTrue(
        StatusJson.render(Statuses.of(NodeStates.active(), Optional.of(backups)))
            .contains("\"missing\" : [ \"" + sentence + "\" ]"));
  }

  @Test
  void a_backup_up_to_a_quarter_late_is_no_problem() {
    Status.Backups late =
        new Status.Backups(
            List.of(Statuses.backup("20261121T040000Z-00000000", 30, Optional.empty())),
            1,
            false,
            Optional.empty(),
            Optional.empty());

    assertEquals(List.of(), backups(late, NodeStates.active()));
  }

  @Test
  void what_somebody_did_to_stored_objects_is_told_on_every_node() {
    String sentence = "In the store far 2 objects were deleted or overwritten, the first: x.";

    assertTrue(
        texts(backups(Statuses.none().withTampered(List.of(sentence)), NodeStates.standby()))
            .contains(sentence));
  }

  @Test
  void a_backup_that_was_found_wrong_is_told_on_every_node() {
    String sentence = "The backup x in the store far is not what was written: x.data: missing.";
    Status.Backups backups = Statuses.none().withTampered(List.of()).withWrong(List.of(sentence));

    assertTrue(texts(backups(backups, NodeStates.standby())).contains(sentence));
    assertTrue(
        StatusJson.render(Statuses.of(NodeStates.active(), Optional.of(backups)))
            .contains("\"wrong\" : [ \"" + sentence + "\" ]"));
  }

  @Test
  void a_standby_leaves_the_age_of_backups_to_the_active_node() {
    assertEquals(List.of(), backups(Statuses.none(), NodeStates.standby()));
    assertEquals(2, backups(Statuses.none(), NodeStates.sealed()).size());
  }

  @Test
  void a_backup_that_cannot_be_trusted_counts_for_none() {
    Status.Backup good = Statuses.backup("20261122T090000Z-00000000", 1, Optional.empty());
    Status.Backup forged =
        new Status.Backup(
            good.id(),
            good.takenAt(),
            good.node(),
            good.raftIndex(),
            good.plainBytes(),
            good.storedBytes(),
            good.stores(),
            Optional.empty(),
            Optional.of("its manifest is not signed"));
    Status.Backups backups =
        new Status.Backups(List.of(forged), 1, false, Optional.empty(), Optional.empty());

    assertEquals(
        List.of(
            "There is no backup that can be trusted.",
            "The newest backup, 20261122T090000Z-00000000, cannot be trusted: its manifest is not"
                + " signed."),
        texts(backups(backups, NodeStates.active())));
  }

  private static List<Trouble> of(NodeState state) {
    return Status.of(state, "vault-a", 0, Optional.empty(), Duration.ZERO, Statuses.NOW).problems();
  }

  private static List<Trouble> backups(Status.Backups backups, NodeState state) {
    return Status.of(state, "vault-a", 3, Optional.of(backups), DAILY, Statuses.NOW).problems();
  }

  private static List<Trouble> cluster(int peers, int expected, boolean healthy, long thirdIndex) {
    NodeState state =
        active()
            .withCluster(
                NodeStates.raft(peers),
                NodeStates.autopilot(1, healthy, thirdIndex),
                NodeStates.haStatus())
            .build();
    return Status.of(state, "vault-a", expected, Optional.empty(), Duration.ZERO, Statuses.NOW)
        .problems();
  }

  private static NodeStates.Builder active() {
    return NodeStates.state(
        Product.OPENBAO,
        NodeStates.health(200, false, false),
        NodeStates.seal("static", false, 0),
        NodeStates.leads());
  }

  private static NodeState with(NodeState state, Reading<Health> health, Reading<Leader> leader) {
    return new NodeState(
        state.at(),
        state.address(),
        state.polls(),
        state.product(),
        health,
        state.sealStatus(),
        leader,
        state.raftConfiguration(),
        state.autopilot(),
        state.haStatus());
  }

  private static List<String> texts(List<Trouble> troubles) {
    return troubles.stream().map(Trouble::text).toList();
  }
}
