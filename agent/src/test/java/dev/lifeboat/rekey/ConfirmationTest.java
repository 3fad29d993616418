package dev.lifeboat.rekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.rekey.Bench.Drawer;
import dev.lifeboat.rekey.Bench.Notes;
import dev.lifeboat.rekey.Confirmation.Result;
import dev.lifeboat.rekey.Confirmation.State;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.VaultClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConfirmationTest {
  private static final Shape SHAPE = new Shape(4, 3);

  private final FakeRekey server = new FakeRekey(true);
  private final VaultClient client = Bench.client(server);
  private final Drawer drawer = new Drawer();

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private Result give(List<Share> shares) throws InterruptedException {
    return new Confirmation(client, Bench::token, Target.UNSEAL_KEY).give(shares, SHAPE);
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
    assertThrows(CustodiansDue.class, () -> exchange.run(new Notes()));
    return drawer.shares("r-1");
  }

  @Test
  void one_custodian_after_the_other_puts_them_in_force() throws Exception {
    List<Share> fresh = waiting();

    assertEquals(new Result(State.COUNTED, 2, 3), give(fresh.subList(0, 2)));
    assertEquals(new Result(State.IN_FORCE, 3, 3), give(fresh.subList(3, 4)));

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
    assertEquals(State.IN_FORCE, give(server.current()).state());
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
}
