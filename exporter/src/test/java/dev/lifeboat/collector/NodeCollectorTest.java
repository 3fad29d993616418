package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.NodeStates;
import dev.lifeboat.watch.Reading;
import dev.lifeboat.watch.Role;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NodeCollectorTest {
  @Test
  void an_unreachable_node_publishes_up_and_state_alone() {
    assertEquals(Set.of("vault_node_up", "vault_node_state"), names(NodeStates.unreachable()));
  }

  @Test
  void nothing_is_published_before_the_first_poll() {
    assertEquals(Set.of(), names(NodeStates.beforeFirstPoll()));
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void no_health_answer_is_never_up(Reason reason) {
    assertEquals(0, value(NodeStates.unreachable(reason), "vault_node_up"));
  }

  @Test
  void a_failed_health_answer_does_not_hide_the_others() {
    NodeState state = NodeStates.standby();
    NodeState half =
        new NodeState(
            state.at(),
            state.address(),
            state.polls(),
            state.product(),
            NodeStates.failed(Reason.NOT_JSON),
            state.sealStatus(),
            state.leader(),
            state.raftConfiguration(),
            state.autopilot(),
            state.haStatus());

    assertEquals(0, value(half, "vault_node_up"));
    assertEquals(3, value(half, "vault_node_unseal_threshold"));
    assertEquals(4709, value(half, "vault_node_raft_applied_index"));
  }

  @Test
  void exactly_one_state_is_1_and_every_state_is_there() {
    for (NodeState state : List.of(NodeStates.active(), NodeStates.sealed())) {
      GaugeSnapshot states = gauge(state, "vault_node_state");

      assertEquals(
          Arrays.stream(Role.values()).map(Role::label).sorted().toList(),
          states.getDataPoints().stream()
              .map(point -> point.getLabels().get("state"))
              .sorted()
              .toList());
      assertEquals(
          List.of(state.role().label()),
          states.getDataPoints().stream()
              .filter(point -> point.getValue() == 1)
              .map(point -> point.getLabels().get("state"))
              .toList());
    }
  }

  @Test
  void clock_skew_is_measured_from_the_middle_of_the_request() {
    var health = NodeStates.health(200, false, false);
    NodeState state = NodeStates.active();
    NodeState slow =
        new NodeState(
            state.at(),
            state.address(),
            state.polls(),
            Product.OPENBAO,
            new Reading.Known<Health>(health, NodeStates.NOW.plusSeconds(3), Duration.ofSeconds(4)),
            state.sealStatus(),
            state.leader(),
            state.raftConfiguration(),
            state.autopilot(),
            state.haStatus());

    // Asked from 09:59:59 to 10:00:03, so at 10:00:01; the node said 09:59:59.
    assertEquals(-2, value(slow, "vault_node_clock_skew_seconds"));
  }

  @Test
  void a_node_without_high_availability_has_no_leader_to_know() {
    Leader alone =
        new Leader(
            false,
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            OptionalLong.empty());
    NodeState state =
        NodeStates.state(
                Product.VAULT,
                NodeStates.health(200, false, false),
                NodeStates.seal("shamir", false, 0),
                alone)
            .build();

    assertTrue(names(state).stream().noneMatch(name -> name.startsWith("vault_node_leader")));
    assertEquals(1, value(state, "vault_node_active"));
  }

  private static Set<String> names(NodeState state) {
    return collect(state).stream()
        .map(snapshot -> snapshot.getMetadata().getPrometheusName())
        .collect(Collectors.toSet());
  }

  private static double value(NodeState state, String name) {
    return gauge(state, name).getDataPoints().getFirst().getValue();
  }

  private static GaugeSnapshot gauge(NodeState state, String name) {
    return collect(state).stream()
        .filter(snapshot -> snapshot.getMetadata().getPrometheusName().equals(name))
        .map(GaugeSnapshot.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private static MetricSnapshots collect(NodeState state) {
    return new NodeCollector(() -> state).collect();
  }
}
