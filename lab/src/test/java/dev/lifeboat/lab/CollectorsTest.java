package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/// What the agents of a real cluster see besides the nodes' state: telemetry, audit files, disks,
/// certificates, the front door.
@ParameterizedClass(name = "{0}")
@BothProducts
@TestMethodOrder(OrderAnnotation.class)
@SuppressWarnings("NullAway.Init") // Set before each invocation of the class.
class CollectorsTest {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final String ACTIVE = "vault_core_active{cluster=\"lab\"}";
  private static final String FOUND = "vault_node_audit_file_request_found{device=\"file\"}";

  @TempDir static Path base;
  private static Cluster cluster;
  private static AgentFleet fleet;
  private static Path audit;

  private final Product product;

  CollectorsTest(Product product) {
    this.product = product;
  }

  @BeforeParameterizedClassInvocation
  static void start(Product product) throws IOException {
    Path folder = Folders.create(base.resolve(product.name()));
    var plan =
        ClusterPlan.of(TestClusters.binary(product), 3).shamir(1, 1).audited().withOpenTelemetry();
    cluster = Cluster.create(plan, folder.resolve("cluster"));
    Provisioning.install(cluster.root());
    audit = Cluster.auditFile(folder.resolve("cluster"));
    AgentFleet.makeKeys(folder.resolve("agents"), 3);
    fleet = AgentFleet.equip(cluster, folder.resolve("agents"));
    for (LabAgent agent : fleet.agents()) {
      Files.writeString(
          agent.configFile(),
          """
          collectors {
            certificates.interval = 1s
            storage.raft-folder = "%s"
            audit.files { file = "%s" }
            telemetry { enabled = true, interval = 1s }
            probe { address = "%s", interval = 500ms }
          }
          """
              .formatted(
                  agent.node().config().raftFolder(), audit, cluster.nodes().getFirst().address()),
          StandardOpenOption.APPEND);
    }
    fleet.start();
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    fleet.close();
    cluster.close();
  }

  @Test
  @Order(1)
  void telemetry_comes_with_the_page_and_every_collector_is_content() {
    LabAgent active = fleet.beside(cluster.awaitLeader(BOUND));
    LabAgent standby = fleet.beside(cluster.standbys().getFirst());

    active.awaitSample(ACTIVE, 1, BOUND);
    standby.awaitSample(ACTIVE, 0, BOUND);
    active.awaitSample("vault_exporter_telemetry_up", 1, BOUND);
    for (LabAgent agent : List.of(active, standby)) {
      for (String collector :
          List.of("certificates", "replication", "storage", "audit", "telemetry", "probe")) {
        agent.awaitSample(
            "vault_exporter_collector_success{collector=\"" + collector + "\"}", 1, BOUND);
      }
    }
    assertTrue(active.get("/metrics").contains("# TYPE vault_core_active gauge\n"));
    assertEquals(OptionalDouble.empty(), standby.sample("vault_raft_peers"));
  }

  @Test
  @Order(2)
  void the_node_s_answer_to_our_own_request_is_in_its_audit_file() {
    LabAgent active = fleet.beside(cluster.awaitLeader(BOUND));

    active.awaitSample(FOUND, 1, BOUND);
    assertEquals(OptionalDouble.empty(), fleet.beside(cluster.standbys().getFirst()).sample(FOUND));
    active.awaitSample("vault_node_audit_file_exists{device=\"file\"}", 1, BOUND);
    double written =
        active
            .sample("vault_node_audit_file_last_write_timestamp_seconds{device=\"file\"}")
            .orElseThrow();
    assertTrue(Math.abs(written - Instant.now().getEpochSecond()) < 60, "written " + written);
  }

  @Test
  @Order(3)
  void databases_and_disk_are_those_of_the_node() throws IOException {
    ClusterNode leader = cluster.awaitLeader(BOUND);
    Path raft = leader.config().raftFolder();

    fleet
        .beside(leader)
        .awaitSample(
            "vault_storage_database_size_bytes{database=\"vault.db\"}",
            (double) Files.size(raft.resolve("vault.db")),
            BOUND);
    assertEquals(
        OptionalDouble.of((double) Files.getFileStore(raft).getTotalSpace()),
        fleet
            .beside(leader)
            .sample("vault_storage_filesystem_size_bytes{path=\"%s\"}".formatted(raft)));
  }

  /// The server makes it for thirty years (`262980h`).
  @Test
  @Order(4)
  void the_certificate_of_the_cluster_port_is_seen_on_the_active_node_alone() {
    String name = "vault_certificate_not_after_timestamp_seconds{certificate=\"cluster\"}";
    LabAgent active = fleet.beside(cluster.awaitLeader(BOUND));

    Await.until("the certificate", BOUND, () -> active.sample(name).isPresent());

    double years =
        (active.sample(name).orElseThrow() - Instant.now().getEpochSecond()) / (365.25 * 86400);
    assertTrue(years > 29 && years < 31, years + " years");
    assertEquals(OptionalDouble.empty(), fleet.beside(cluster.standbys().getFirst()).sample(name));
  }

  @Test
  @Order(5)
  void a_node_that_is_sealed_fails_the_probe_through_it_and_still_gives_its_telemetry() {
    ClusterNode door = cluster.nodes().getFirst();
    LabAgent agent = fleet.beside(door);
    agent.awaitSample("vault_probe_success", 1, BOUND);

    cluster.seal(door);

    agent.awaitSample("vault_probe_success", 0, BOUND);
    assertTrue(
        agent.sample("vault_probe_failures_total{reason=\"sealed\"}").orElseThrow() > 0,
        agent.get("/metrics"));
    agent.awaitSample("vault_core_unsealed{cluster=\"lab\"}", 0, BOUND);
    cluster.restart(door);
    agent.awaitSample("vault_probe_success", 1, BOUND);
  }

  @Test
  @Order(6)
  void an_audit_file_that_is_gone_is_told_by_every_agent_and_a_new_one_believed()
      throws IOException {
    Files.move(audit, audit.resolveSibling("audit.log.1"));
    for (LabAgent agent : fleet.agents()) {
      agent.awaitSample("vault_node_audit_file_exists{device=\"file\"}", 0, BOUND);
    }
    // The server goes on writing into the one it has open: what it says is in no file of this name.
    Files.createFile(audit);

    LabAgent active = fleet.beside(cluster.awaitLeader(BOUND));
    active.awaitSample(FOUND, 0, BOUND);
  }

  /// With a token, on servers as they are by default.
  @Test
  @Order(7)
  void a_standby_answers_for_itself_or_not_at_all() throws IOException {
    Path folder = Folders.create(base.resolve(product.name() + "-closed"));
    try (Cluster closed =
        Cluster.create(
            ClusterPlan.of(TestClusters.binary(product), 3), folder.resolve("cluster"))) {
      VaultApi root = closed.root();
      root.put(
              "sys/policies/acl/telemetry",
              Map.of(
                  "policy",
                  Files.readString(Checkout.root().resolve("docs/policies/telemetry.hcl"))))
          .require();
      Secret token =
          new Secret(
              root.post(
                      "auth/token/create",
                      Map.of("policies", List.of("telemetry"), "no_default_policy", true))
                  .require()
                  .text("auth.client_token"));
      ClusterNode leader = closed.awaitLeader(BOUND);

      assertTrue(metrics(leader, Optional.of(token)).contains("\n" + ACTIVE + " 1\n"));
      assertEquals(Reason.DENIED, refusal(leader, Optional.empty()));
      for (ClusterNode standby : closed.standbys()) {
        if (product == Product.OPENBAO) {
          // With a token so new that it has not heard of it, it refuses (400).
          Await.until("an answer of " + standby, BOUND, () -> answers(standby, token));
          String own = metrics(standby, Optional.of(token));
          assertTrue(own.contains("\n" + ACTIVE + " 0\n"), own);
        } else {
          assertEquals(Reason.REDIRECT_REFUSED, refusal(standby, Optional.of(token)));
        }
      }
    }
  }

  private static boolean answers(ClusterNode node, Secret token) {
    try {
      return !metrics(node, Optional.of(token)).isEmpty();
    } catch (VaultException e) {
      return false;
    }
  }

  private static Reason refusal(ClusterNode node, Optional<Secret> token) {
    try {
      String answer = metrics(node, token);
      throw new LabException(node.name() + " answered: " + answer.substring(0, 80));
    } catch (VaultException e) {
      return e.reason();
    }
  }

  private static String metrics(ClusterNode node, Optional<Secret> token) {
    var config =
        new VaultConfig(
            node.address(),
            List.of(),
            0,
            Optional.empty(),
            VaultConfig.Tls.DEFAULT,
            new VaultConfig.Auth.None(),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5));
    try (VaultClient client = VaultClient.open(config, RequestObserver.NONE)) {
      return client.own().metrics(token).text();
    }
  }
}
