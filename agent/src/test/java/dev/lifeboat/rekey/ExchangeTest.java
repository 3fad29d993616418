package dev.lifeboat.rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.rekey.Bench.Drawer;
import dev.lifeboat.rekey.Bench.Notes;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.VaultClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever is lost and whenever it dies: what is in force at the end is stored, and noted.
@ParameterizedClass
@ValueSource(booleans = {true, false})
class ExchangeTest {
  private final FakeRekey server;
  private final VaultClient client;
  private final Drawer drawer = new Drawer();
  private final Notes notes = new Notes();
  private final List<Share> old;

  /// Dies, as far as a test can.
  private static final class Death extends Error {}

  ExchangeTest(boolean openbao) {
    server = new FakeRekey(openbao);
    client = Bench.client(server);
    old = server.current();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private Map<String, String> run(List<Share> shares) throws InterruptedException {
    return new Exchange(
            client,
            Bench::token,
            () -> shares,
            drawer,
            new Exchange.Plan("r", Target.UNSEAL_KEY, new Shape(4, 3), "c1", 2),
            Duration.ofMillis(1))
        .run(notes);
  }

  private void assertInForce(String place) {
    assertEquals(server.current(), drawer.shares(place));
    assertTrue(Exchange.verified(notes.all()));
    assertFalse(server.started());
  }

  @Test
  void what_is_stored_comes_into_force() throws Exception {
    Map<String, String> facts = run(old);

    assertEquals("r-1", Exchange.place(facts));
    assertInForce("r-1");
    server.vault().requests().forEach(request -> assertEquals("", request.namespace()));
    assertEquals(Exchange.place(facts), Exchange.place(run(old)));
  }

  @Test
  void a_wrong_share_among_more_is_left_out() throws Exception {
    List<Share> more =
        new ArrayList<>(List.of(FakeRekey.share(FakeRekey.shares(77, 1).getFirst())));
    more.addAll(old);

    var _ = run(more);

    assertInForce("r-1");
  }

  @Test
  void wrong_shares_and_too_few_change_nothing() {
    List<Share> wrong = FakeRekey.shares(77, 3).stream().map(FakeRekey::share).toList();

    var refused = assertThrows(RekeyException.class, () -> run(wrong));
    assertTrue(String.valueOf(refused.getMessage()).contains("not those of the unseal key"));
    var few = assertThrows(RekeyException.class, () -> run(old.subList(0, 1)));
    assertTrue(String.valueOf(few.getMessage()).contains("3 shares of the unseal key are needed"));

    assertEquals(old, server.current());
    assertFalse(server.started());
    assertEquals(Map.of(), drawer.sets);
  }

  @Test
  void somebody_elses_rekey_is_left_alone() {
    String _ = server.begin();

    var refused = assertThrows(RekeyException.class, () -> run(old));

    assertTrue(String.valueOf(refused.getMessage()).startsWith("somebody else's rekey"));
    assertTrue(server.started());
  }

  @Test
  void a_share_of_somebody_elses_in_between_begins_it_anew() throws Exception {
    server.beforeUpdate =
        () -> {
          server.beforeUpdate = () -> {};
          server.give("another");
        };

    var _ = run(old);

    assertInForce("r-2");
  }

  /// It looks as if ours were wrong.
  @Test
  void a_share_of_somebody_elses_before_the_last_is_no_wrong_share() throws Exception {
    AtomicInteger count = new AtomicInteger();
    server.beforeUpdate =
        () -> {
          if (count.incrementAndGet() == 3) {
            server.give("another");
          }
        };

    var _ = run(old.subList(0, 3));

    assertInForce("r-1");
  }

  @Test
  void a_change_of_leader_begins_it_anew() throws Exception {
    notes.at(
        facts -> {
          if (facts.containsKey("kept")) {
            notes.at(_ -> {});
            server.drop();
          }
        });

    var _ = run(old);

    assertInForce("r-2");
  }

  @Test
  void a_lost_answer_to_the_last_new_share_is_found_out() throws Exception {
    server.loseVerification = true;

    var _ = run(old);

    assertInForce("r-1");
    assertEquals("by trial", notes.all().get("verified"));
  }

  /// At every note, with the same command afterwards.
  @Test
  void one_that_dies_goes_on() throws Exception {
    for (String at : List.of("attempt", "nonce", "keeping", "kept", "verifying", "verified")) {
      Notes round = new Notes();
      round.at(
          facts -> {
            if (!facts.getOrDefault(at, "").isEmpty()) {
              round.at(_ -> {});
              throw new Death();
            }
          });
      List<Share> now = server.current();
      Drawer kept = new Drawer();
      assertThrows(Death.class, () -> run(now, kept, round), at);

      Map<String, String> facts = run(now, kept, round);

      assertEquals(server.current(), kept.shares(Exchange.place(facts)), at);
      assertFalse(server.started(), at);
    }
  }

  private Map<String, String> run(List<Share> shares, Drawer kept, Notes round)
      throws InterruptedException {
    return new Exchange(
            client,
            Bench::token,
            () -> shares,
            kept,
            new Exchange.Plan("r", Target.UNSEAL_KEY, new Shape(4, 3), "c1", 2),
            Duration.ofMillis(1))
        .run(round);
  }

  @Test
  void what_cannot_be_read_back_waits_for_custodians() throws Exception {
    drawer.readable = false;

    var due = assertThrows(CustodiansDue.class, () -> run(old));
    assertEquals(3, due.threshold());
    assertThrows(CustodiansDue.class, () -> run(old));
    server.complete();

    var unknown = assertThrows(RekeyException.class, () -> run(old));
    assertTrue(String.valueOf(unknown.getMessage()).contains("cannot be read here"));
    notes.add(Exchange.verification(notes.all(), notes.all().getOrDefault("kept_for", "")));
    assertEquals("r-1", Exchange.place(run(old)));
  }

  @Test
  void what_nobody_has_seen_comes_into_force_only_when_told_so() throws Exception {
    drawer.readable = false;
    drawer.unseen = true;

    var _ = run(old);

    assertInForce("r-1");
  }

  @Test
  void what_is_read_back_otherwise_never_comes_into_force() {
    drawer.swapped = true;

    var refused = assertThrows(RekeyException.class, () -> run(old));

    assertTrue(String.valueOf(refused.getMessage()).contains("is not what was stored there"));
    assertEquals(old, server.current());
    assertFalse(server.started());
  }

  @Test
  void a_server_that_verifies_nothing_is_refused() {
    server.verifying = false;

    var refused = assertThrows(RekeyException.class, () -> run(old));

    assertTrue(String.valueOf(refused.getMessage()).contains("does not offer to verify"));
    assertEquals(old, server.current());
  }

  @Test
  void a_node_that_is_not_ready_at_the_last_moment_keeps_the_old_shares() {
    notes.at(facts -> server.voters = facts.containsKey("kept") ? 3 : server.voters);

    var refused = assertThrows(RekeyException.class, () -> run(old));

    assertTrue(String.valueOf(refused.getMessage()).startsWith("raft has 3 voters"));
    assertEquals(old, server.current());
  }

  @Test
  void only_what_is_ours_is_withdrawn() {
    drawer.readable = false;
    assertThrows(CustodiansDue.class, () -> run(old));

    assertTrue(withdraw());
    String _ = server.begin();
    assertFalse(withdraw());
    assertTrue(server.started());
  }

  private boolean withdraw() {
    return Exchange.withdraw(client, Bench::token, Target.UNSEAL_KEY, new Shape(4, 3), notes.all());
  }

  /// Begun, and its nonce not noted yet.
  @Test
  void what_was_begun_just_before_a_death_is_withdrawn_too() {
    String _ = server.begin();
    notes.add(Map.of("attempt", "1", "nonce", ""));

    assertTrue(withdraw());

    assertFalse(server.started());
  }

  /// New shares that may be in force stay so when a trial is cancelled.
  @Test
  void to_withdraw_another_rekey_of_the_run_leaves_the_doubt() {
    drawer.readable = false;
    assertThrows(CustodiansDue.class, () -> run(old));
    server.complete();
    notes.add(Map.of("nonce", server.begin()));

    assertFalse(withdraw());

    assertFalse(server.started());
  }

  /// While it finds out whether the new shares came into force.
  @Test
  void one_that_dies_in_a_trial_goes_on() throws Exception {
    for (String begun : List.of("noted", "not noted")) {
      Notes round = new Notes();
      Drawer kept = new Drawer();
      List<Share> now = server.current();
      round.at(facts -> dieIf(!facts.getOrDefault("verifying", "").isEmpty()));
      assertThrows(Death.class, () -> run(now, kept, round));
      server.complete();
      AtomicInteger nonces = new AtomicInteger();
      // Of the rekey with the old shares: that it is about to begin, its nonce; then of the trial.
      round.at(
          facts ->
              dieIf(
                  facts.containsKey("nonce")
                      && nonces.incrementAndGet() == (begun.equals("noted") ? 4 : 3)));
      assertThrows(Death.class, () -> run(now, kept, round));
      if (begun.equals("not noted")) {
        String _ = server.begin();
      }
      assertTrue(server.started());
      round.at(_ -> {});

      Map<String, String> facts = run(now, kept, round);

      assertEquals("by trial", facts.get("verified"));
      assertEquals(server.current(), kept.shares(Exchange.place(facts)));
      assertFalse(server.started());
    }
  }

  private static void dieIf(boolean now) {
    if (now) {
      throw new Death();
    }
  }

  /// `--verify` has found that shares fit which may be the new ones.
  @Test
  void a_trial_of_custodians_counts_when_the_old_shares_are_refused() throws Exception {
    drawer.readable = false;
    assertThrows(CustodiansDue.class, () -> run(old));
    notes.add(Exchange.trial(notes.all()));
    server.drop();

    assertThrows(CustodiansDue.class, () -> run(old));
    assertEquals("r-2", notes.all().get("kept"));
    server.complete();
    assertThrows(RekeyException.class, () -> run(old));
    notes.add(Exchange.trial(notes.all()));

    assertEquals("by custodians, by trial", run(old).get("verified"));
  }

  /// Nobody here has seen the new ones, so `--verify` could not tell them from old ones.
  @Test
  void mistyped_shares_that_are_refused_say_nothing() throws Exception {
    drawer.readable = false;
    drawer.pgp = true;
    assertThrows(CustodiansDue.class, () -> run(old.subList(0, 3)));
    assertEquals("", notes.all().get("kept_digests"));
    notes.add(Exchange.trial(notes.all()));
    server.drop();
    List<Share> wrong = FakeRekey.shares(77, 3).stream().map(FakeRekey::share).toList();

    assertThrows(RekeyException.class, () -> run(wrong));
    assertFalse(Exchange.verified(notes.all()));
    server.replace();

    assertThrows(RekeyException.class, () -> run(wrong));
    assertEquals("by custodians, by trial", run(old).get("verified"));
  }

  @Test
  void no_share_is_noted() throws Exception {
    var _ = run(old);

    for (Share share : server.current()) {
      assertFalse(notes.all().toString().contains(share.hex().reveal()));
    }
    assertEquals(Recognised.State.NEW, Recognised.of(notes.all(), server.current(), 3).state());
    assertEquals(Recognised.State.OTHERS, Recognised.of(notes.all(), old, 3).state());
  }
}
