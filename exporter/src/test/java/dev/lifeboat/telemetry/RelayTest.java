package dev.lifeboat.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.vault.NativeMetrics;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.NodeStates;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class RelayTest {
  private final AtomicReference<NodeState> state = new AtomicReference<>(NodeStates.active());
  private final AtomicReference<Supplier<String>> answer = new AtomicReference<>(() -> "");
  private final AtomicLong seconds = new AtomicLong();
  private final List<Boolean> asked = new ArrayList<>();

  @Test
  void what_the_node_says_is_passed_on_and_counted() {
    Relay relay = relay(false);
    answer.set(() -> Texts.of("openbao-active"));

    relay.look();

    assertEquals(Optional.of(true), relay.facts().up());
    assertTrue(Texts.lines(Texts.text(relay)).contains("vault_core_active{cluster=\"lab\"} 1"));
    assertEquals(
        relay.facts().series(),
        Texts.lines(Texts.text(relay)).stream().filter(line -> !line.startsWith("#")).count());
    assertEquals(List.of(), relay.problems());
  }

  @Test
  void before_the_first_fetch_and_of_a_node_that_is_down_nothing_is_said() {
    Relay relay = relay(false);
    assertEquals(Optional.empty(), relay.facts().up());

    state.set(NodeStates.unreachable());
    relay.look();

    assertEquals(Optional.empty(), relay.facts().up());
    assertEquals(List.of(), asked);
  }

  @Test
  void a_failure_is_a_problem_and_leaves_no_old_figure() {
    Relay relay = relay(true);
    answer.set(() -> Texts.of("openbao-active"));
    relay.look();
    answer.set(
        () -> {
          throw new VaultException(Reason.DENIED, "permission denied");
        });

    relay.look();

    assertEquals(Optional.of(false), relay.facts().up());
    assertEquals(List.of("permission denied"), relay.problems());
    assertEquals(0, Texts.text(relay).length);
    byte[] page = {'#'};
    assertEquals(page, relay.appendedTo(page, page, true));
  }

  @Test
  void an_answer_of_another_node_is_refused() {
    Relay relay = relay(true);
    state.set(NodeStates.standby());
    answer.set(() -> Texts.of("openbao-active"));

    relay.look();

    assertEquals(
        List.of("the telemetry is that of an active node, and this node is not active"),
        relay.problems());
    assertEquals(0, Texts.text(relay).length);
  }

  @Test
  void with_a_step_down_everything_is_gone_until_the_next_fetch() {
    Relay relay = relay(false);
    answer.set(() -> Texts.of("openbao-active"));
    relay.look();

    state.set(NodeStates.standby());

    assertEquals(0, Texts.text(relay).length);
    answer.set(() -> Texts.of("openbao-former-leader"));
    relay.look();
    assertTrue(Texts.text(relay).length > 0);
  }

  @Test
  void what_is_older_than_three_intervals_is_gone() {
    Relay relay = relay(false);
    answer.set(() -> Texts.of("openbao-active"));
    relay.look();

    seconds.set(30);
    assertTrue(Texts.text(relay).length > 0);
    seconds.set(31);
    assertEquals(0, Texts.text(relay).length);
    assertEquals(Optional.empty(), relay.facts().up());
  }

  @Test
  void with_a_token_a_sealed_node_and_a_standby_of_vault_are_not_asked() {
    Relay relay = relay(true);
    for (NodeState each : List.of(NodeStates.sealed(), NodeStates.perfStandby())) {
      state.set(each);
      relay.look();
    }
    assertEquals(List.of(), asked);

    state.set(NodeStates.standby());
    answer.set(() -> Texts.of("openbao-standby"));
    relay.look();
    assertEquals(List.of(true), asked);
  }

  @Test
  void without_a_token_a_sealed_node_is_asked_too() {
    Relay relay = relay(false);
    state.set(NodeStates.sealed());
    answer.set(() -> Texts.of("openbao-restarted-sealed"));

    relay.look();

    assertEquals(List.of(false), asked);
    assertTrue(Texts.lines(Texts.text(relay)).contains("vault_core_unsealed{cluster=\"lab\"} 0"));
  }

  private Relay relay(boolean login) {
    var config =
        new TelemetryConfig(
            true, login, Duration.ofSeconds(10), List.of("vault_*", "go_goroutines"), 10_000);
    return new Relay(
        config,
        withLogin -> {
          asked.add(withLogin);
          return new NativeMetrics(answer.get().get());
        },
        state::get,
        () -> TimeUnit.SECONDS.toNanos(seconds.get()));
  }
}
