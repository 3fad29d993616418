package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.FakeVault;
import dev.lifeboat.vault.FakeVault.Reply;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What clients find behind the name, which may lead astray in every way.
class FrontDoorTest {
  private static final String OTHER = "b5b1c2d3";

  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);
  private FakeVault elsewhere = FakeVault.open();

  @BeforeEach
  void a_node_that_serves() {
    raft = FakeRaft.of(folder, true, 1).serving();
  }

  @AfterEach
  void close() {
    raft.close();
    elsewhere.close();
  }

  private Map<String, String> asked(
      URI address, String cluster, Optional<CanaryConfig> canary, Duration bound)
      throws InterruptedException {
    return new FrontDoor(address, Rescue.vault(), cluster, here(), canary)
        .proven(new Secret(FakeRaft.TOKEN), bound);
  }

  private String refusal(URI address, String cluster) {
    return Rescue.refusal(() -> asked(address, cluster, Optional.of(Rescue.CANARY), Duration.ZERO));
  }

  private URI here() {
    return raft.node(1).address();
  }

  /// @param clusters whose member answers, in turn
  private URI turning(List<String> clusters) {
    AtomicInteger times = new AtomicInteger();
    elsewhere.script("sys/leader", _ -> leader(here()));
    elsewhere.script(
        "sys/seal-status",
        _ -> status(clusters.get(Math.min(times.getAndIncrement(), clusters.size() - 1))));
    return elsewhere.address();
  }

  private static Reply leader(URI address) {
    return Reply.json(
        200,
        "{\"ha_enabled\":true,\"is_self\":false,\"leader_address\":\"%s\"}".formatted(address));
  }

  /// A restore keeps the id: the cluster of before has the same.
  @Test
  void a_door_to_the_cluster_of_before_is_not_ours_and_is_not_shown_the_token() {
    var _ = turning(List.of(FakeRaft.OLD));
    elsewhere.script("sys/leader", _ -> leader(URI.create("http://10.0.0.1:8200")));

    String refusal = refusal(elsewhere.address(), FakeRaft.OLD);

    assertTrue(refusal.contains("what answers follows http://10.0.0.1:8200, and "), refusal);
    assertTrue(elsewhere.requests().stream().allMatch(each -> each.token().isEmpty()));
  }

  private static Reply status(String cluster) {
    return Reply.json(
        200,
        """
        {"type":"shamir","initialized":true,"sealed":false,"t":2,"n":3,"progress":0,"nonce":"",\
        "version":"2.7.2","migration":false,"recovery_seal":false,"storage_type":"raft",\
        "cluster_name":"lab","cluster_id":"%s"}\
        """
            .formatted(cluster));
  }

  @Test
  void a_door_that_leads_here_is_written_and_read_through() throws Exception {
    assertEquals(
        Map.of("asked", "10 times, what was written through it was read each time"),
        asked(here(), FakeRaft.OLD, Optional.of(Rescue.CANARY), Duration.ZERO));
    assertEquals(1, raft.old().version());
    assertEquals(
        Map.of("asked", "10 times, the cluster's id each time"),
        asked(here(), FakeRaft.OLD, Optional.empty(), Duration.ZERO));
  }

  @Test
  void another_cluster_is_neither_written_into_nor_shown_the_token() {
    String refusal = refusal(turning(List.of(OTHER)), FakeRaft.OLD);

    assertEquals(
        "FAILED %s does not lead to the restored cluster after 0 s: the cluster %s answers\n%s"
            .formatted(
                elsewhere.address(),
                OTHER,
                "hint: see what the name answers here, and what stands between; the same command"
                    + " looks again"),
        refusal);
    assertEquals(List.of(""), elsewhere.requests().stream().map(each -> each.token()).toList());
  }

  @Test
  void a_sealed_one_is_nobody_to_lead_clients_to() {
    raft.node(1).dies();
    raft.node(1).starts();

    String refusal = refusal(here(), FakeRaft.OLD);

    assertTrue(refusal.contains("after 0 s: what answers is sealed\n"), refusal);
  }

  @Test
  void one_where_nobody_answers_is_said() {
    raft.node(1).dies();

    String refusal = refusal(here(), FakeRaft.OLD);

    assertTrue(refusal.startsWith("FAILED %s does not lead to".formatted(here())), refusal);
  }

  @Test
  void one_that_knows_our_cluster_and_not_our_login_is_not_proven() {
    raft.old().tokens().clear();

    String refusal = refusal(here(), FakeRaft.OLD);

    assertTrue(refusal.contains("permission denied"), refusal);
  }

  @Test
  void a_door_that_leads_to_two_clusters_in_turn_is_refused() {
    URI door = turning(List.of(FakeRaft.OLD, FakeRaft.OLD, FakeRaft.OLD, OTHER));

    String refusal =
        Rescue.refusal(() -> asked(door, FakeRaft.OLD, Optional.empty(), Duration.ZERO));

    assertTrue(refusal.contains("the cluster %s answers".formatted(OTHER)), refusal);
  }

  /// As it is until the old answer has left the caches.
  @Test
  void one_that_leads_here_a_moment_later_is_waited_for() throws Exception {
    URI door = turning(List.of(OTHER, FakeRaft.OLD));

    assertEquals(
        "10 times, the cluster's id each time",
        asked(door, FakeRaft.OLD, Optional.empty(), Duration.ofSeconds(20)).get("asked"));
  }
}
