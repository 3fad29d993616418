package dev.lifeboat.unseal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.unseal.Opening.Result;
import dev.lifeboat.unseal.Share.Kind;
import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnsealingTest {
  private static final Set<String> RIGHT = Set.of("a", "b", "c", "d", "e");

  private final FakeSeal seal = new FakeSeal(3, RIGHT);
  private final List<AutoCloseable> open = new ArrayList<>(List.of(seal.vault()));

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private Unsealing unsealing(FakeVault vault) {
    VaultClient client =
        VaultClient.open(
            new VaultConfig(
                vault.address(),
                List.of(),
                0,
                Optional.of("team-a/"),
                VaultConfig.Tls.DEFAULT,
                new VaultConfig.Auth.None(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5)),
            RequestObserver.NONE);
    open.addFirst(client);
    return new Unsealing(client.own());
  }

  private static List<Share> shares(String... hex) {
    return Stream.of(hex).map(each -> share(each, Kind.UNNAMED)).toList();
  }

  private static Share share(String hex, Kind kind) {
    return new Share(new Secret(hex), "custodian " + hex, kind);
  }

  private Opening open(String... hex) throws InterruptedException {
    return unsealing(seal.vault()).open(shares(hex), false);
  }

  @Test
  void what_others_gave_is_forgotten_first() throws Exception {
    seal.foreign("stale");

    Opening opening = open("a", "b", "c", "d");

    assertEquals(Result.OPENED, opening.result());
    assertTrue(seal.open());
    assertEquals("opened with custodian a, custodian b, custodian c", opening.text());
  }

  @Test
  void no_token_and_no_namespace_go_with_a_share() throws Exception {
    var _ = open("a", "b", "c");

    for (FakeVault.Request request : seal.vault().requests("sys/unseal")) {
      assertEquals("", request.token());
      assertEquals("", request.namespace());
    }
  }

  @Test
  void an_open_node_is_left_alone() throws Exception {
    var _ = open("a", "b", "c");
    seal.vault().forget();

    assertEquals(Result.OPEN, open("a", "b", "c").result());
    assertEquals(List.of(), seal.vault().requests("sys/unseal"));
  }

  @Test
  void too_few_are_not_sent_and_the_same_one_twice_counts_once() throws Exception {
    Opening opening = open("a", "b", "b");

    assertEquals(Result.TOO_FEW, opening.result());
    assertEquals("needs 3 shares, and there are 2", opening.text());
    assertEquals("the same share was given more than once", opening.hint());
    assertEquals(List.of(), seal.vault().requests("sys/unseal"));
  }

  @Test
  void those_that_fit_are_found_among_more() throws Exception {
    Opening opening = open("wrong", "a", "b", "typo", "c");

    assertEquals(Result.OPENED, opening.result());
    assertEquals(List.of("custodian a", "custodian b", "custodian c"), names(opening));
  }

  private static List<String> names(Opening opening) {
    return opening.used().stream().map(Share::from).toList();
  }

  @Test
  void wrong_ones_leave_it_sealed_and_are_named() throws Exception {
    Opening opening = open("a", "b", "wrong");

    assertEquals(Result.WRONG_SHARES, opening.result());
    assertEquals("custodian a, custodian b, custodian wrong do not open it", opening.text());
    assertTrue(opening.hint().contains("before the last rekey"), opening.hint());
    assertFalse(seal.open());
  }

  @Test
  void a_share_of_somebody_else_between_ours_is_noticed_and_the_attempt_begun_anew()
      throws Exception {
    var once = new AtomicInteger();
    seal.before(
        had -> {
          if (had == 1 && once.getAndIncrement() == 0) {
            seal.foreign("stale");
          }
        });

    assertEquals(Result.OPENED, open("a", "b", "c").result());
    assertEquals(2, resets());
  }

  @Test
  void one_that_completes_ours_before_the_last_and_spoils_it_is_noticed_too() throws Exception {
    var once = new AtomicInteger();
    seal.before(
        had -> {
          if (had == 2 && once.getAndIncrement() == 0) {
            seal.foreign("stale");
          }
        });

    assertEquals(Result.OPENED, open("a", "b", "c").result());
    assertEquals(2, resets());
  }

  @Test
  void somebody_who_never_stops_is_told_of_and_not_fought_for_ever() throws Exception {
    seal.before(
        had -> {
          if (had == 1) {
            seal.foreign("stale");
          }
        });

    Opening opening = open("a", "b", "c");

    assertEquals(Result.FOREIGN_SHARES, opening.result());
    assertTrue(opening.text().startsWith("somebody else gives it shares"), opening.text());
    assertEquals(3, resets());
  }

  private long resets() {
    return seal.vault().requests("sys/unseal").stream()
        .filter(request -> request.body().contains("\"reset\":true"))
        .count();
  }

  @Test
  void custodians_at_their_own_machines_add_to_what_the_others_gave() throws Exception {
    Opening first = unsealing(seal.vault()).add(shares("a"), false);
    Opening second = unsealing(seal.vault()).add(shares("b"), false);
    Opening third = unsealing(seal.vault()).add(shares("c"), false);

    assertEquals("has 1 of 3 shares", first.text());
    assertEquals(Result.TAKEN, second.result());
    assertEquals("1 more to come: the next custodian runs lifeboat unseal --add", second.hint());
    assertEquals(Result.OPENED, third.result());
    assertEquals(0, resets());
  }

  @Test
  void a_share_added_twice_does_not_count() throws Exception {
    var _ = unsealing(seal.vault()).add(shares("a"), false);

    Opening again = unsealing(seal.vault()).add(shares("a"), false);

    assertEquals(Result.REFUSED, again.result());
    assertEquals("custodian a did not count: the node has 1 of 3 shares", again.text());
  }

  @Test
  void wrong_ones_together_with_those_of_others_are_all_forgotten() throws Exception {
    seal.foreign("a");

    Opening opening = unsealing(seal.vault()).add(shares("b", "wrong"), false);

    assertEquals(Result.WRONG_SHARES, opening.result());
    assertEquals(List.of(), seal.given());
  }

  @Test
  void recovery_keys_are_not_taken_for_unseal_keys() throws Exception {
    List<Share> recovery =
        Stream.of("a", "b", "c").map(each -> share(each, Kind.RECOVERY)).toList();

    Opening opening = unsealing(seal.vault()).open(recovery, false);

    assertEquals(Result.TOO_FEW, opening.result());
    assertTrue(opening.hint().startsWith("recovery keys open no node"), opening.hint());
  }

  @Test
  void recovery_keys_are_not_added_either_they_would_spoil_what_others_gave() throws Exception {
    seal.foreign("a");

    Opening opening = unsealing(seal.vault()).add(List.of(share("b", Kind.RECOVERY)), false);

    assertEquals(Result.TOO_FEW, opening.result());
    assertEquals(List.of("a"), seal.given());
  }

  @Test
  void nothing_to_add_is_no_success() throws Exception {
    assertEquals(Result.TOO_FEW, unsealing(seal.vault()).add(List.of(), false).result());
  }

  @Test
  void one_that_somebody_else_has_just_opened_is_not_claimed() throws Exception {
    seal.before(
        had -> {
          seal.foreign("d");
          seal.foreign("e");
        });

    Opening opening = open("a", "b", "c");

    assertEquals(Result.OPENED, opening.result());
    assertEquals(List.of(), opening.used());
    assertEquals("opened, with a share of somebody else's among ours", opening.text());
  }

  /// Their reset comes just before our last share, and two of theirs, of which one is wrong.
  @Test
  void right_ones_are_not_called_wrong_after_one_disturbance() throws Exception {
    var once = new AtomicInteger();
    seal.before(
        had -> {
          if (had == 2 && once.getAndIncrement() == 0) {
            seal.forget();
            seal.foreign("stale");
            seal.foreign("d");
          }
        });

    assertEquals(Result.OPENED, open("a", "b", "c").result());
  }

  @Test
  void a_look_gives_nothing_and_says_what_has_changed() throws Exception {
    Opening opening = unsealing(seal.vault()).look(false);

    assertTrue(opening.text().startsWith("is sealed now, and was not"), opening.text());
    assertEquals(List.of(), seal.vault().requests("sys/unseal"));
  }

  @Test
  void an_answer_that_is_no_json_is_told_as_such() throws Exception {
    seal.vault().script("sys/unseal", _ -> Reply.html(200));

    Opening opening = open("a", "b", "c");

    assertEquals(Result.UNREACHABLE, opening.result());
    assertTrue(opening.text().endsWith("is no JSON"), opening.text());
  }

  @Test
  void a_shamir_node_takes_no_recovery_keys() throws Exception {
    Opening opening = unsealing(seal.vault()).open(shares("a", "b", "c"), true);

    assertEquals(Result.REFUSED, opening.result());
    assertEquals(List.of(), seal.vault().requests("sys/unseal"));
  }

  private Opening of(String sealStatus) throws InterruptedException {
    FakeVault vault = FakeVault.open().on("sys/seal-status", Reply.json(200, sealStatus));
    open.add(vault);
    return unsealing(vault).open(shares("a", "b", "c"), false);
  }

  @Test
  void a_node_that_opens_itself_is_given_nothing() throws Exception {
    Opening opening = of("{\"type\":\"awskms\",\"initialized\":true,\"sealed\":true,\"t\":3}");

    assertEquals(Result.AUTO_UNSEAL, opening.result());
    assertEquals("opens itself with awskms, and has not", opening.text());
  }

  @Test
  void a_node_without_data_and_one_that_changes_its_seal_are_given_nothing() throws Exception {
    Opening empty = of("{\"type\":\"shamir\",\"initialized\":false,\"sealed\":true}");
    Opening changing =
        of("{\"type\":\"shamir\",\"initialized\":true,\"sealed\":true,\"migration\":true}");

    assertEquals(Result.UNINITIALIZED, empty.result());
    assertEquals(Result.REFUSED, changing.result());
    assertTrue(changing.hint().contains("-migrate"), changing.hint());
  }

  @Test
  void a_node_that_does_not_answer_says_so() throws Exception {
    FakeVault gone = FakeVault.open();
    gone.close();

    Opening opening = unsealing(gone).open(shares("a", "b", "c"), false);

    assertEquals(Result.UNREACHABLE, opening.result());
    assertTrue(opening.text().contains("cannot be reached"), opening.text());
  }

  @Test
  void an_answer_that_is_lost_is_no_wrong_share() throws Exception {
    seal.vault().script("sys/unseal", _ -> Reply.html(502));

    Opening opening = open("a", "b", "c");

    assertFalse(opening.result().open());
    assertFalse(opening.result() == Result.WRONG_SHARES, opening.text());
  }
}
