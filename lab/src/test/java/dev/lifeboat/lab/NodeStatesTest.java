package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.vault.Product;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/// Three real nodes, each watched with the watch role: active, standby and sealed tell what they
/// know, and nothing of what they no longer know.
@ParameterizedClass(name = "{0}")
@BothProducts
@SuppressWarnings("NullAway.Init") // Set before each invocation of the class.
class NodeStatesTest {
  private static final Duration ELECTION = Duration.ofSeconds(30);
  private static final double CLOCK_GRAIN_SECONDS = 1.5;

  @TempDir static Path folder;
  private static Cluster cluster;
  private static final Map<ClusterNode, Watcher> watchers = new LinkedHashMap<>();

  private final Product product;

  NodeStatesTest(Product product) {
    this.product = product;
  }

  @BeforeParameterizedClassInvocation
  static void start(Product product) {
    var own = Folders.create(folder.resolve(product.name()));
    cluster = TestClusters.start(product, 3, own);
    var login = Watcher.approle(Provisioning.credentials(cluster.root(), Role.WATCH, own));
    for (var node : cluster.nodes()) {
      watchers.put(node, Watcher.open(Watcher.beside(node, cluster, login)));
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    watchers.values().forEach(Watcher::close);
    watchers.clear();
    cluster.close();
  }

  @BeforeEach
  void whole() {
    cluster.awaitWhole();
  }

  @Test
  void the_active_node_tells_of_itself_and_of_the_cluster() {
    var scrape = active().await("vault_cluster_peers", 3).lint();

    expectState(scrape, "active")
        .expect("vault_node_up", 1)
        .expect("vault_node_initialized", 1)
        .expect("vault_node_sealed", 0)
        .expect("vault_node_active", 1)
        .expect("vault_node_performance_standby", 0)
        .expect("vault_node_health_status_code", 200)
        .expect("vault_node_leader_known", 1)
        .expect("vault_node_leader_self", 1)
        .expect("vault_cluster_voters", 3)
        .expect("vault_cluster_expected_peers", 3)
        .expect("vault_cluster_autopilot_healthy", 1)
        .expect("vault_cluster_failure_tolerance", 1);
    for (var node : cluster.nodes()) {
      scrape.expect("vault_cluster_peer_voter{node_id=\"" + node.name() + "\"}", 1);
      scrape.expect("vault_cluster_peer_healthy{node_id=\"" + node.name() + "\"}", 1);
    }
    assertTrue(scrape.value("vault_node_raft_applied_index").orElseThrow() > 0);
    assertTrue(scrape.text().contains("vault_cluster_peer_version_info{"));
  }

  @Test
  void a_standby_says_0_of_what_it_is_not_and_nothing_of_the_cluster() {
    var scrape = standby().await("vault_node_leader_known", 1).lint();

    expectState(scrape, "standby")
        .expect("vault_node_up", 1)
        .expect("vault_node_initialized", 1)
        .expect("vault_node_sealed", 0)
        .expect("vault_node_active", 0)
        .expect("vault_node_performance_standby", 0)
        .expect("vault_node_health_status_code", 429)
        .expect("vault_node_leader_self", 0)
        .expectNone("vault_node_active_since")
        .expectNone("vault_cluster_");
    assertTrue(scrape.value("vault_node_raft_applied_index").orElseThrow() > 0);
    for (String cluster : Set.of("sys_ha_status", "raft_configuration")) {
      assertEquals(0, requests(scrape, cluster, 200));
      assertFalse(scrape.text().contains("poll_success{endpoint=\"" + cluster + "\"}"));
    }
  }

  @Test
  void active_and_standby_differ_by_the_cluster_and_by_since_when() {
    var active = active().await("vault_cluster_failure_tolerance", 1);
    var standby = standby().await("vault_node_leader_known", 1);

    var more = new TreeSet<>(active.families());
    more.removeAll(standby.families());
    assertTrue(more.remove("vault_node_active_since_timestamp_seconds"));
    // Known as soon as somebody has logged in, which the active node's agent may do first.
    more.remove("vault_exporter_token_expiry_timestamp_seconds");
    assertEquals(active.families("vault_cluster_"), more);
    assertTrue(active.families().containsAll(standby.families()));
  }

  @Test
  void every_request_is_counted_under_its_own_name() {
    var scrape = active().await("vault_cluster_failure_tolerance", 1);

    for (String endpoint :
        Set.of(
            "sys_health",
            "sys_seal_status",
            "sys_leader",
            "raft_configuration",
            "raft_autopilot_state",
            "sys_ha_status")) {
      assertTrue(requests(scrape, endpoint, 200) > 0, endpoint);
    }
    assertEquals(0, requests(scrape, "other", 200), scrape.text());
  }

  @Test
  void product_version_seal_and_clock_are_right() {
    var scrape = active().await("vault_node_up", 1);

    var binary = TestClusters.binary(product);
    assertEquals(product.name().toLowerCase(Locale.ROOT), label(scrape, "product"));
    assertEquals(binary.version(), label(scrape, "version"));
    assertEquals(product == Product.OPENBAO ? "static" : "shamir", label(scrape, "seal_type"));
    assertEquals("raft", label(scrape, "storage_type"));
    assertEquals(cluster.plan().name(), label(scrape, "cluster_name"));
    var skew = scrape.value("vault_node_clock_skew_seconds").orElseThrow();
    assertTrue(Math.abs(skew) < CLOCK_GRAIN_SECONDS, "skew " + skew);
  }

  @Test
  void after_a_step_down_the_cluster_is_told_of_by_the_new_active_node_only() {
    var before = cluster.awaitLeader(ELECTION);
    watcher(before).await("vault_cluster_peers", 3);

    cluster.root().put("sys/step-down", Map.of()).require();

    watcher(before)
        .await("vault_node_active", 0)
        .expectNone("vault_cluster_")
        .expectNone("vault_node_active_since");
    var after = Await.until("another leader", ELECTION, () -> otherLeader(before));
    watcher(after).await("vault_cluster_peers", 3).expect("vault_node_active", 1);
    watcher(before).scrape().lint().expectNone("vault_cluster_");
  }

  @Test
  void a_sealed_node_keeps_answering_and_has_no_frozen_raft_index() {
    var node = cluster.awaitLeader(ELECTION);
    watcher(node).await("vault_cluster_peers", 3);

    cluster.seal(node);

    var scrape = watcher(node).await("vault_node_sealed", 1).lint();
    expectState(scrape, "sealed")
        .expect("vault_node_up", 1)
        .expect("vault_node_initialized", 1)
        .expect("vault_node_active", 0)
        .expect("vault_node_health_status_code", 503)
        .expect("vault_node_unseal_progress", 0)
        .expectNone("vault_node_raft_")
        .expectNone("vault_node_leader_")
        .expectNone("vault_node_active_since")
        .expectNone("vault_cluster_");
    assertEquals(TestClusters.binary(product).version(), label(scrape, "version"));
    assertEquals("", label(scrape, "cluster_name"));
    var after = Await.until("another leader", ELECTION, () -> otherLeader(node));
    watcher(after).await("vault_cluster_peers", 3);
    cluster.restart(node);
    watcher(node).await("vault_node_sealed", 0).expect("vault_node_up", 1);
  }

  private static Optional<ClusterNode> otherLeader(ClusterNode former) {
    return cluster.leader().filter(node -> node != former);
  }

  private static Watcher active() {
    return watcher(cluster.awaitLeader(ELECTION));
  }

  private static Watcher standby() {
    return watcher(cluster.standbys().getFirst());
  }

  private static Watcher watcher(ClusterNode node) {
    return Objects.requireNonNull(watchers.get(node));
  }

  private static String label(Scrape scrape, String label) {
    return scrape.label("vault_node_info", label).orElseThrow();
  }

  private static double requests(Scrape scrape, String endpoint, int code) {
    return scrape
        .value(
            "vault_exporter_api_requests_total{code=\"%d\",endpoint=\"%s\"}"
                .formatted(code, endpoint))
        .orElse(0);
  }

  /// Exactly this state is 1, each other one 0.
  private static Scrape expectState(Scrape scrape, String state) {
    Stream.of(dev.lifeboat.watch.Role.values())
        .map(dev.lifeboat.watch.Role::label)
        .forEach(
            each ->
                scrape.expect(
                    "vault_node_state{state=\"" + each + "\"}", each.equals(state) ? 1 : 0));
    return scrape;
  }
}
