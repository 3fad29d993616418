package dev.lifeboat.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.backup.Manifest.Peer;
import dev.lifeboat.machine.MachineConfig;
import dev.lifeboat.restore.FakeRaftNode.Fault;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.SealStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is looked at before a backup is brought back, and what is refused.
class ClusterPlanTest {
  @TempDir Path folder;
  private FakeRaft raft = FakeRaft.of(Path.of(System.getProperty("java.io.tmpdir")), true, 0);
  private Rescue rescue = new Rescue(raft);

  @BeforeEach
  void one_node() {
    raft = FakeRaft.of(folder, true, 1);
    rescue = new Rescue(raft);
  }

  @AfterEach
  void close() {
    raft.close();
  }

  private String refusal() {
    return Rescue.refusal(() -> rescue.clusterPlan(rescue.order()));
  }

  private static ServerSocket listening(String address) throws IOException {
    return new ServerSocket(0, 50, InetAddress.getByName(address));
  }

  private static Peer peer(String cluster, String api) {
    return new Peer("old-1", cluster, Optional.of(api).filter(text -> !text.isEmpty()), true);
  }

  @Test
  void an_old_cluster_that_can_be_reached_is_refused_and_nothing_is_begun() throws Exception {
    try (ServerSocket api = listening("127.0.0.1");
        ServerSocket cluster = listening("127.0.0.1")) {
      String apiAddress = "127.0.0.1:" + api.getLocalPort();
      String clusterAddress = "127.0.0.1:" + cluster.getLocalPort();
      var _ = rescue.peers(peer(clusterAddress, "http://" + apiAddress));

      String refusal = Rescue.refusal(rescue::cluster);

      assertTrue(
          refusal.startsWith("REFUSED the cluster that was backed up can still be"), refusal);
      for (String contact :
          List.of(
              "the API of old-1 at %s, from here".formatted(apiAddress),
              "the API of old-1 at %s, from node-1".formatted(apiAddress),
              "the cluster port of old-1 at %s, from here".formatted(clusterAddress),
              "the cluster port of old-1 at %s, from node-1".formatted(clusterAddress))) {
        assertTrue(refusal.contains(contact), refusal);
      }
      assertEquals(List.of(), rescue.journals());
      assertFalse(raft.node(1).runs());
    }
  }

  @Test
  void whoever_accepts_it_may_go_on() throws Exception {
    try (ServerSocket cluster = listening("127.0.0.1")) {
      var _ = rescue.peers(peer("127.0.0.1:" + cluster.getLocalPort(), ""));
      ClusterOrder order = rescue.order();

      Report report =
          rescue.cluster(
              new ClusterOrder(
                  order.source(),
                  order.force(),
                  true,
                  Optional.empty(),
                  order.shares(),
                  order.canary()));

      assertTrue(report.whole(), report.missing().toString());
    }
  }

  /// It is looked for once more just before the snapshot is submitted.
  @Test
  void an_old_cluster_that_comes_back_meanwhile_is_refused_as_well() throws Exception {
    ServerSocket taken = listening("127.0.0.1");
    int port = taken.getLocalPort();
    taken.close();
    var _ = rescue.peers(peer("127.0.0.1:" + port, ""));
    List<ServerSocket> back = new ArrayList<>();

    String refusal =
        Rescue.refusal(
            () ->
                rescue.cluster(
                    rescue.order(),
                    line -> {
                      if (line == 5) {
                        back.add(reopened(port));
                      }
                    }));
    back.getFirst().close();

    assertTrue(refusal.startsWith("REFUSED the cluster that was backed up can still be"), refusal);
    assertEquals(List.of(), raft.submittedTo());
  }

  private static ServerSocket reopened(int port) {
    try {
      return new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void a_rebuild_at_the_same_addresses_does_not_find_itself(String host) throws Exception {
    try (ServerSocket cluster = listening(host)) {
      String authority = (host.contains(":") ? "[" + host + "]" : host);
      String address = authority + ":" + cluster.getLocalPort();
      var _ =
          rescue
              .nodes(List.of(raft.node(1).config(Optional.of(address))))
              .peers(peer(address, raft.node(1).address().toString()));

      assertFalse(rescue.clusterPlan(rescue.order()).isEmpty());
    }
  }

  @Test
  void an_old_cluster_is_found_at_addresses_of_ipv6_too() throws Exception {
    try (ServerSocket cluster = listening("::1");
        ServerSocket api = listening("::1")) {
      var _ =
          rescue.peers(
              peer("[::1]:" + cluster.getLocalPort(), "https://[::1]:" + api.getLocalPort()));

      String refusal = refusal();

      for (String contact :
          List.of(
              "the API of old-1 at [::1]:%d, from here".formatted(api.getLocalPort()),
              "the API of old-1 at [::1]:%d, from node-1".formatted(api.getLocalPort()),
              "the cluster port of old-1 at [::1]:%d, from here".formatted(cluster.getLocalPort()),
              "the cluster port of old-1 at [::1]:%d, from node-1"
                  .formatted(cluster.getLocalPort()))) {
        assertTrue(refusal.contains(contact), refusal);
      }
    }
  }

  @Test
  void addresses_that_are_none_and_machines_that_are_silent_hinder_nobody() throws Exception {
    raft.node(1).fault(Fault.NO_MACHINE);
    var _ =
        rescue
            .again()
            .peers(peer("nowhere", "not an address"), peer("x:y", "mailto:me"), peer(":1", ""));

    assertFalse(rescue.clusterPlan(rescue.order()).isEmpty());
  }

  @Test
  void a_backup_that_shares_open_needs_force() {
    ClusterOrder order = rescue.order();

    String refusal =
        Rescue.refusal(
            () ->
                rescue.clusterPlan(
                    new ClusterOrder(
                        order.source(),
                        false,
                        false,
                        Optional.empty(),
                        order.shares(),
                        order.canary())));

    assertTrue(refusal.startsWith("REFUSED backup 20261122T020001Z-0000000a was sealed"), refusal);
  }

  @Test
  void the_dump_of_a_database_is_no_snapshot() {
    Manifest dump = rescue.manifest("static", Optional.empty());
    ClusterOrder order = rescue.order();

    String refusal =
        Rescue.refusal(
            () ->
                rescue.clusterPlan(
                    new ClusterOrder(
                        Rescue.source(dump),
                        true,
                        false,
                        Optional.empty(),
                        order.shares(),
                        order.canary())));

    assertTrue(refusal.contains("is the dump of a database"), refusal);
  }

  @Test
  void nodes_of_another_cluster_are_taken_only_by_its_name() throws Exception {
    raft.serving();
    ClusterOrder order = rescue.order();
    Manifest other = rescue.manifestOf("another");

    String refusal =
        Rescue.refusal(() -> rescue.clusterPlan(replacing(order, other, Optional.empty())));

    assertTrue(refusal.startsWith("REFUSED node-1 serves another cluster, 'lab'"), refusal);
    assertFalse(rescue.clusterPlan(replacing(order, other, Optional.of("lab"))).isEmpty());
  }

  private static ClusterOrder replacing(
      ClusterOrder order, Manifest manifest, Optional<String> name) {
    return new ClusterOrder(
        Rescue.source(manifest), true, false, name, order.shares(), order.canary());
  }

  @Test
  void without_nodes_there_is_nothing_to_restore_into() {
    var _ = rescue.nodes(List.of());

    assertTrue(refusal().startsWith("REFUSED restore.nodes names no node"));
    assertTrue(
        Rescue.refusal(() -> rescue.config().node("node-1")).contains("add a block for each node"));
    assertTrue(
        Rescue.refusal(() -> rescue.again().config().node("node-9")).endsWith("there is node-1"));
  }

  @Test
  void a_server_that_runs_is_looked_at_before_anything_is_stopped() {
    raft.node(1).is("2.6.9", "raft").starts();

    assertTrue(
        refusal().startsWith("REFUSED node-1 runs version 2.6.9, and the backup is of 2.7.2"));
  }

  private SealStatus server(String type, String version, String storage, Product product) {
    return new SealStatus(
        type,
        false,
        true,
        0,
        0,
        0,
        version,
        false,
        false,
        storage,
        Optional.empty(),
        Optional.empty(),
        product);
  }

  @ParameterizedTest
  @CsvSource({
    "shamir, 2.7.2, raft, VAULT, neither reads the other's snapshots",
    "shamir, 2.7.1, raft, OPENBAO, an older server does not understand it",
    "static, 2.7.2, raft, OPENBAO, it would not open",
    "shamir, 2.7.2, postgresql, OPENBAO, a snapshot goes into raft"
  })
  void a_server_that_cannot_take_a_backup_is_refused(
      String type, String version, String storage, Product product, String why) {
    SealStatus server = server(type, version, storage, product);

    RestoreException refused =
        assertThrows(
            RestoreException.class, () -> ServerCheck.require("node-1", server, rescue.manifest()));

    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.getMessage());
    ServerCheck.require(
        "node-1", server("shamir", "2.10.0", "raft", Product.OPENBAO), rescue.manifest());
  }

  @ParameterizedTest
  @CsvSource({
    "2.7.2, 2.7.2, false",
    "2.7.10, 2.7.9, false",
    "2.7.9, 2.7.10, true",
    "1.21.0, 2.0.0, true",
    "v2.7.2+ent, 2.7.2, false",
    "2.7, 2.7.1, true",
    "'', 0.0.0, false"
  })
  void versions_are_compared_by_their_first_three_numbers(
      String version, String than, boolean older) {
    assertEquals(older, ServerCheck.older(version, than));
  }

  @Test
  void a_node_is_described_as_it_is() {
    Optional<SealStatus> empty = Optional.of(server("shamir", "2.7.2", "raft", Product.OPENBAO));

    assertEquals("runs, holds no data", words(Optional.of(true), empty, -1, false));
    assertEquals("runs, is sealed", words(Optional.of(true), status(true), -1, false));
    assertEquals("leads, raft index 7", words(Optional.of(true), status(false), 7, true));
    assertEquals("is open, does not lead", words(Optional.of(true), status(false), -1, false));
    assertEquals("does not run", words(Optional.of(false), Optional.empty(), -1, false));
    assertEquals("runs and does not answer", words(Optional.of(true), Optional.empty(), -1, false));
    assertEquals(
        "runs, is sealed, though its machine knows nothing",
        words(Optional.of(false), status(true), -1, false));
    assertEquals(
        "does not answer, and its machine cannot be asked",
        words(Optional.empty(), Optional.empty(), -1, false));
    assertEquals(
        "leads, raft index 7, and its machine cannot be asked",
        words(Optional.empty(), status(false), 7, true));
  }

  private static Optional<SealStatus> status(boolean sealed) {
    return Optional.of(
        new SealStatus(
            "shamir",
            true,
            sealed,
            2,
            3,
            0,
            "2.7.2",
            false,
            false,
            "raft",
            Optional.empty(),
            Optional.empty()));
  }

  private static NodeConfig node(String address) {
    return new NodeConfig(
        "node-1",
        URI.create(address),
        Optional.empty(),
        Path.of("/data"),
        List.of("true"),
        List.of("true"),
        List.of("true"),
        new MachineConfig(Optional.empty(), List.of()));
  }

  private static String words(
      Optional<Boolean> runs, Optional<SealStatus> status, long index, boolean leads) {
    return new Seen(
            node("http://127.0.0.1"),
            "this machine",
            runs,
            status,
            index < 0 ? OptionalLong.empty() : OptionalLong.of(index),
            leads)
        .words();
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1, 127.0.0.1:80, 127.0.0.1:81",
    "https://bao.example, bao.example:443, bao.example:444",
    "https://10.0.0.1:8200, 10.0.0.1:8200, 10.0.0.1:8201"
  })
  void a_port_that_is_not_written_is_the_usual_one(String address, String api, String cluster) {
    NodeConfig node = node(address);

    assertEquals(api, node.apiAuthority());
    assertEquals(cluster, node.raftAddress());
  }
}
