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
    notes.add(Exchange.verification());
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

    assertTrue(Exchange.withdraw(client, Bench::token, Target.UNSEAL_KEY, notes.all()));
    String _ = server.begin();
    assertFalse(Exchange.withdraw(client, Bench::token, Target.UNSEAL_KEY, notes.all()));
    assertTrue(server.started());
  }
}
