package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.NodeStates;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ClusterCollectorTest {
  @Test
  void the_family_is_gone_at_step_down() {
    var state = new AtomicReference<>(NodeStates.active());
    ClusterCollector collector = new ClusterCollector(state::get, 3);

    int leading = collector.collect().size();
    state.set(NodeStates.standby());
    int following = collector.collect().size();

    assertTrue(leading > 10);
    assertEquals(0, following);
  }

  @Test
  void readings_left_over_on_a_standby_are_not_published() {
    NodeState confused =
        NodeStates.state(
                Product.OPENBAO,
                NodeStates.health(429, false, true),
                NodeStates.seal("static", false, 0),
                NodeStates.follows(4709))
            .withCluster(
                NodeStates.raft(3), NodeStates.autopilot(1, true, 4711), NodeStates.haStatus())
            .build();

    assertEquals(0, new ClusterCollector(() -> confused, 3).collect().size());
  }

  @Test
  void lag_is_never_negative() {
    Map<String, Double> lag =
        points(leading(NodeStates.autopilot(1, false, 11)), "vault_cluster_peer_index_lag");

    assertEquals(Map.of("bao-1", 0.0, "bao-2", 0.0, "bao-3", 4700.0), lag);
  }

  @Test
  void one_failed_reading_leaves_the_others() {
    NodeState state =
        NodeStates.state(
                Product.OPENBAO,
                NodeStates.health(200, false, false),
                NodeStates.seal("static", false, 0),
                NodeStates.leads())
            .withCluster(
                NodeStates.known(NodeStates.raft(3)),
                NodeStates.failed(Reason.DENIED),
                NodeStates.failed(Reason.TIMEOUT))
            .build();

    List<String> names =
        new ClusterCollector(() -> state, 0)
            .collect().stream().map(each -> each.getMetadata().getPrometheusName()).toList();

    assertTrue(names.contains("vault_cluster_peers"), names.toString());
    assertTrue(!names.contains("vault_cluster_autopilot_healthy"), names.toString());
    assertTrue(!names.contains("vault_cluster_expected_peers"), names.toString());
  }

  private static NodeState leading(dev.lifeboat.vault.AutopilotState autopilot) {
    return NodeStates.state(
            Product.OPENBAO,
            NodeStates.health(200, false, false),
            NodeStates.seal("static", false, 0),
            NodeStates.leads())
        .withCluster(NodeStates.raft(3), autopilot, NodeStates.haStatus())
        .build();
  }

  private static Map<String, Double> points(NodeState state, String name) {
    MetricSnapshot snapshot =
        new ClusterCollector(() -> state, 3)
            .collect().stream()
                .filter(each -> each.getMetadata().getPrometheusName().equals(name))
                .findFirst()
                .orElseThrow();
    return ((GaugeSnapshot) snapshot)
        .getDataPoints().stream()
            .collect(
                Collectors.toMap(
                    point -> point.getLabels().get("node_id"), point -> point.getValue()));
  }
}
