package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.alerts.RecordedHaproxy;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/// The shipped `docs/haproxy/haproxy.cfg` in the real HAProxy before three real nodes behind TLS.
@ParameterizedClass(name = "{0}")
@BothProducts
@SuppressWarnings("NullAway.Init") // Set before each invocation of the class.
class HaproxyTest {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final int SEALED = 503;
  private static final int MANY = 50;
  private static final int FEW = 10;

  @TempDir static Path base;
  private static Cluster cluster;
  private static HttpClient client;

  private final Product product;
  private Path folder;

  HaproxyTest(Product product) {
    this.product = product;
  }

  @BeforeParameterizedClassInvocation
  static void start(Product product) {
    var folder = Folders.create(base.resolve(product.name()));
    cluster = TestClusters.start(ClusterPlan.of(TestClusters.binary(product), 3).secured(), folder);
    client = Certificates.trusting(cluster.caFile());
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    client.close();
    cluster.close();
  }

  @BeforeEach
  void whole(TestInfo test) {
    cluster.awaitWhole();
    // A standby that was just started does not know its leader yet and answers 500.
    for (var node : cluster.nodes()) {
      var api = node.api().withToken(cluster.rootToken());
      Await.until(node + " to take a write", BOUND, () -> write(api, "whole").good());
    }
    folder = base.resolve(product.name()).resolve(test.getTestMethod().orElseThrow().getName());
  }

  @Test
  void the_front_door_is_answered_by_the_active_node() {
    try (var haproxy = Haproxy.start(folder, cluster)) {
      for (int i = 0; i < MANY; i++) {
        // A client of its own has a connection of its own.
        try (var fresh = Certificates.trusting(cluster.caFile())) {
          var leader = VaultApi.of(haproxy.door(), fresh).get("sys/leader").require().body();
          assertTrue(leader.path("is_self").asBoolean(false), leader::toString);
        }
      }
    }
  }

  @Test
  void the_side_door_is_answered_by_every_node_and_takes_writes_as_well() {
    try (var haproxy = Haproxy.start(folder, cluster)) {
      var selves = new ArrayList<Boolean>();
      for (int i = 0; i < MANY; i++) {
        try (var fresh = Certificates.trusting(cluster.caFile())) {
          var side = VaultApi.of(haproxy.side(), fresh).withToken(cluster.rootToken());
          selves.add(side.get("sys/leader").require().body().path("is_self").asBoolean(false));
          write(side, "side/" + i).require();
        }
      }
      assertTrue(selves.contains(true) && selves.contains(false), selves::toString);
    }
  }

  /// It is the client's own connection: HAProxy has neither the token nor the private key.
  @Test
  void a_client_certificate_logs_in_through_the_front_door() throws IOException {
    var own = Certificates.in(folder.resolve("clients"));
    var watcher = own.client("watcher");
    try (var haproxy = Haproxy.start(folder.resolve("haproxy"), cluster);
        var identified = Certificates.trusting(cluster.caFile(), watcher)) {
      var root = root(haproxy);
      root.post("sys/auth/cert", Map.of("type", "cert")).require();
      root.post(
              "auth/cert/certs/watcher",
              Map.of("certificate", Files.readString(own.caFile()), "token_policies", "default"))
          .require();
      var login = VaultApi.of(haproxy.door(), identified).post("auth/cert/login", Map.of());
      assertEquals("watcher", login.require().text("auth.metadata.common_name"));
      assertEquals(
          400, VaultApi.of(haproxy.door(), client).post("auth/cert/login", Map.of()).status());
      root.call("DELETE", "sys/auth/cert", Map.of()).require();
    }
  }

  @Test
  void a_node_with_a_certificate_for_another_name_is_down() throws IOException {
    var node = cluster.standbys().getFirst();
    var tls = node.config().tls().orElseThrow();
    var good = Files.readString(tls.certificateFile());
    var goodKey = Files.readString(tls.privateKeyFile());
    // By the right authority, for the right address and the front door, but for no name of a node.
    var other =
        Certificates.again(cluster.folder().resolve("certificates"))
            .server("other", "IP:127.0.0.1,DNS:vault.example.net");
    try {
      Files.copy(
          other.certificateFile(), tls.certificateFile(), StandardCopyOption.REPLACE_EXISTING);
      Files.copy(other.privateKeyFile(), tls.privateKeyFile(), StandardCopyOption.REPLACE_EXISTING);
      cluster.restart(node);
      try (var haproxy = Haproxy.start(folder, cluster)) {
        for (var each : cluster.nodes()) {
          assertEquals(!each.equals(node), haproxy.up(Haproxy.UNSEALED, each.name()), each::name);
        }
        assertTrue(
            haproxy
                .log()
                .anyMatch(
                    line ->
                        line.contains(Haproxy.UNSEALED + "/" + node.name() + " is DOWN")
                            && line.contains("certificate different from the expected one")),
            () -> haproxy.log().toList().toString());
      }
    } finally {
      Files.writeString(tls.certificateFile(), good);
      Files.writeString(tls.privateKeyFile(), goodKey);
      cluster.restart(node);
    }
  }

  @Test
  void certificates_of_an_unknown_authority_are_refused() {
    var stranger = Certificates.in(folder.resolve("stranger"));
    try (var haproxy =
        Haproxy.start(
            folder.resolve("haproxy"), cluster, Haproxy.shippedConfig(), stranger.caFile())) {
      for (var node : cluster.nodes()) {
        assertFalse(haproxy.up(Haproxy.ACTIVE, node.name()), node::name);
        assertFalse(haproxy.up(Haproxy.UNSEALED, node.name()), node::name);
      }
      assertEquals(0, VaultApi.of(haproxy.door(), client).get("sys/health").status());
    }
  }

  @Test
  void a_killed_leader_is_replaced_and_nothing_flaps() {
    var old = cluster.awaitLeader(BOUND);
    try (var haproxy = Haproxy.start(folder, cluster)) {
      int before = haproxy.changes().size();
      cluster.kill(old);
      Await.until("a write by the front door", BOUND, () -> write(root(haproxy), "killed").good());
      cluster.restart(old);
      cluster.awaitWhole();
      awaitUp(haproxy, Haproxy.UNSEALED, old);
      var leader = cluster.awaitLeader(BOUND);

      assertEquals(
          Stream.of(
                  "vault_active/" + old.name() + " DOWN",
                  "vault_active/" + leader.name() + " UP",
                  "vault_unsealed/" + old.name() + " DOWN",
                  "vault_unsealed/" + old.name() + " UP")
              .sorted()
              .toList(),
          haproxy.changes().stream().skip(before).sorted().toList());
    }
  }

  @Test
  void a_leader_that_steps_down_is_replaced_and_nothing_flaps() {
    var old = cluster.awaitLeader(BOUND);
    try (var haproxy = Haproxy.start(folder, cluster)) {
      int before = haproxy.changes().size();
      cluster.root().put("sys/step-down", Map.of()).require();
      Await.until(
          "another leader behind the front door",
          BOUND,
          () -> haproxy.changes().size() > before && upServers(haproxy) == 1);
      var leader = cluster.awaitLeader(BOUND);
      write(root(haproxy), "stepped-down").require();

      assertEquals(
          Stream.of("vault_active/" + old.name() + " DOWN", "vault_active/" + leader.name() + " UP")
              .sorted()
              .toList(),
          haproxy.changes().stream().skip(before).sorted().toList());
    }
  }

  @Test
  void after_a_sealed_leader_is_marked_down_it_answers_nobody() {
    var old = cluster.awaitLeader(BOUND);
    try (var haproxy = Haproxy.start(folder, cluster);
        var visitor = Visitor.sending(() -> write(root(haproxy), "sealed"))) {
      awaitGood(visitor, System.nanoTime());
      cluster.seal(old);
      awaitDown(haproxy, Haproxy.ACTIVE, old);
      long down = System.nanoTime();
      awaitGood(visitor, down);

      assertEquals(List.of(), statuses(visitor, down, SEALED));
    } finally {
      cluster.restart(old);
    }
  }

  /// What `on-marked-down shutdown-sessions` is for: without it, who has a connection keeps it.
  @Test
  void without_ending_connections_a_sealed_leader_would_go_on_answering() {
    var old = cluster.awaitLeader(BOUND);
    var patient =
        Haproxy.shippedConfig().replace("default-server on-marked-down shutdown-sessions", "");
    try (var haproxy = Haproxy.start(folder, cluster, patient, cluster.caFile());
        var visitor = Visitor.sending(() -> write(root(haproxy), "sealed"))) {
      awaitGood(visitor, System.nanoTime());
      cluster.seal(old);
      awaitDown(haproxy, Haproxy.ACTIVE, old);
      long down = System.nanoTime();
      Await.until(
          "the sealed node to answer still",
          BOUND,
          () -> statuses(visitor, down, SEALED).size() > FEW);
    } finally {
      cluster.restart(old);
    }
  }

  @Test
  void the_restart_of_a_standby_is_not_noticed_by_clients() {
    var standby = cluster.standbys().getFirst();
    try (var haproxy = Haproxy.start(folder, cluster);
        var visitor = Visitor.sending(() -> write(root(haproxy), "standby"))) {
      awaitGood(visitor, System.nanoTime());
      int before = haproxy.changes().size();
      cluster.kill(standby);
      awaitDown(haproxy, Haproxy.UNSEALED, standby);
      awaitGood(visitor, System.nanoTime());
      cluster.restart(standby);
      awaitUp(haproxy, Haproxy.UNSEALED, standby);
      awaitGood(visitor, System.nanoTime());

      assertEquals(
          List.of(), visitor.visits().stream().filter(visit -> !visit.answer().good()).toList());
      assertEquals(
          List.of(),
          haproxy.changes().stream()
              .skip(before)
              .filter(change -> change.startsWith(Haproxy.ACTIVE))
              .toList());
    }
  }

  /// The alert rules are tested on what was recorded once; this is what there is now.
  @Test
  void the_metrics_are_those_that_the_alert_rules_were_written_for() {
    try (var haproxy = Haproxy.start(folder, cluster)) {
      var now = new Scrape(haproxy.metrics());
      var names = now.families();
      assertTrue(names.containsAll(RecordedHaproxy.metrics()), names::toString);
      now.expect("haproxy_backend_active_servers{proxy=\"vault_active\"}", 1)
          .expect("haproxy_backend_active_servers{proxy=\"vault_unsealed\"}", 3);
      for (var node : cluster.nodes()) {
        now.expect(
            "haproxy_server_check_up_down_total{proxy=\"vault_active\",server=\"%s\"}"
                .formatted(node.name()),
            node.equals(cluster.awaitLeader(BOUND)) ? 0 : 1);
      }
    }
  }

  private static VaultApi root(Haproxy haproxy) {
    return VaultApi.of(haproxy.door(), client).withToken(cluster.rootToken());
  }

  private static VaultApi.Answer write(VaultApi api, String name) {
    return api.post(
        "secret/data/haproxy/" + name,
        Map.of("data", Map.of("at", Long.toString(System.nanoTime()))));
  }

  private static long upServers(Haproxy haproxy) {
    return cluster.nodes().stream().filter(node -> haproxy.up(Haproxy.ACTIVE, node.name())).count();
  }

  private static void awaitUp(Haproxy haproxy, String backend, ClusterNode node) {
    Await.until(node.name() + " to be up", BOUND, () -> haproxy.up(backend, node.name()));
  }

  private static void awaitDown(Haproxy haproxy, String backend, ClusterNode node) {
    Await.until(node.name() + " to be down", BOUND, () -> !haproxy.up(backend, node.name()));
  }

  private static void awaitGood(Visitor visitor, long since) {
    Await.until(
        "a good answer",
        BOUND,
        () -> visitor.since(since).stream().anyMatch(visit -> visit.answer().good()));
  }

  private static List<Integer> statuses(Visitor visitor, long since, int status) {
    return visitor.since(since).stream()
        .map(visit -> visit.answer().status())
        .filter(each -> each == status)
        .toList();
  }
}
