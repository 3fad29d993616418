package dev.lifeboat.rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.rekey.Bench.Drawer;
import dev.lifeboat.rekey.Bench.Notes;
import dev.lifeboat.rekey.Confirmation.Result;
import dev.lifeboat.rekey.Confirmation.Run;
import dev.lifeboat.rekey.Confirmation.State;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.VaultClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConfirmationTest {
  private static final Shape SHAPE = new Shape(4, 3);

  private final FakeRekey server = new FakeRekey(true);
  private final VaultClient client = Bench.client(server);
  private final Drawer drawer = new Drawer();
  private final Notes notes = new Notes();

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private Result give(List<Share> shares) throws InterruptedException {
    return new Confirmation(client, Bench::token, Target.UNSEAL_KEY).give(shares, 3, run());
  }

  private Run run() {
    return new Run(notes.all(), SHAPE, notes::add);
  }

  /// New shares wait for their custodians.
  private List<Share> waiting() {
    drawer.readable = false;
    Exchange exchange =
        new Exchange(
            client,
            Bench::token,
            server::current,
            drawer,
            new Exchange.Plan("r", Target.UNSEAL_KEY, SHAPE, "c1", 2),
            Duration.ofMillis(1));
    assertThrows(CustodiansDue.class, () -> exchange.run(notes));
    return drawer.shares(Exchange.place(notes.all()));
  }

  @Test
  void one_custodian_after_the_other_puts_them_in_force() throws Exception {
    List<Share> fresh = waiting();

    assertEquals(new Result(State.COUNTED, 2, 3, ""), give(fresh.subList(0, 2)));
    Result last = give(fresh.subList(3, 4));
    assertEquals(new Result(State.IN_FORCE, 3, 3, "n1"), last);
    assertFalse(Exchange.verification(notes.all(), "n2").containsKey("verified"));
    assertEquals("by custodians", Exchange.verification(notes.all(), "n1").get("verified"));

    assertEquals(fresh, server.current());
  }

  @Test
  void wrong_ones_put_nothing_in_force() throws Exception {
    List<Share> old = server.current();
    List<Share> _ = waiting();

    assertEquals(State.NOT_IN_FORCE, give(old.subList(0, 3)).state());

    assertEquals(old, server.current());
  }

  @Test
  void when_none_wait_enough_of_them_are_tried() throws Exception {
    assertEquals(State.FIT, give(server.current()).state());
    assertEquals(
        State.NOT_IN_FORCE,
        give(FakeRekey.shares(55, 3).stream().map(FakeRekey::share).toList()).state());
    assertEquals(State.NOTHING_WAITS, give(server.current().subList(0, 1)).state());
    assertEquals(false, server.started());
  }

  @Test
  void somebody_who_disturbs_the_trial_is_told() {
    server.beforeUpdate = () -> server.give("another");

    assertThrows(RekeyException.class, () -> give(server.current()));
  }

  /// As when a change of leader has dropped the new ones, and the sources still name the old ones.
  @Test
  void a_trial_is_no_verification() throws Exception {
    List<Share> _ = waiting();
    server.drop();

    Result result = give(server.current());

    assertEquals(new Result(State.FIT, 4, 3, ""), result);
    assertFalse(Exchange.verified(notes.all()));
    assertEquals(Recognised.State.OTHERS, Recognised.of(notes.all(), server.current(), 3).state());
  }

  /// Its own nonce is noted, so that the next process knows whose it is.
  @Test
  void a_trial_that_a_process_died_in_is_cancelled_by_the_next() throws Exception {
    for (String at : List.of("begun", "given")) {
      List<Share> _ = waiting();
      server.drop();
      AtomicBoolean dead = new AtomicBoolean();
      Runnable die = () -> dead.set(true);
      if (at.equals("given")) {
        server.beforeUpdate = die;
      } else {
        notes.at(facts -> dead.compareAndSet(false, !facts.getOrDefault("nonce", "").isEmpty()));
      }
      Confirmation dying =
          new Confirmation(
              client,
              () -> {
                if (dead.get()) {
                  throw new Death();
                }
                return Bench.token();
              },
              Target.UNSEAL_KEY);
      assertThrows(Death.class, () -> dying.give(server.current(), 3, run()), at);
      assertTrue(server.started(), at);
      server.beforeUpdate = () -> {};
      notes.at(_ -> {});

      assertEquals(State.FIT, give(server.current()).state(), at);
      assertFalse(server.started(), at);
      notes.add(Map.of("kept", ""));
    }
  }

  private static final class Death extends Error {}

  @Test
  void a_rekey_of_another_is_given_nothing_for_a_trial() throws Exception {
    List<Share> fresh = waiting();

    Result result =
        new Confirmation(client, Bench::token, Target.UNSEAL_KEY).tried(fresh, 3, Run.none(SHAPE));

    assertEquals(State.NOTHING_WAITS, result.state());
    assertEquals(new Result(State.IN_FORCE, 3, 3, "n1"), give(fresh));
  }
}
