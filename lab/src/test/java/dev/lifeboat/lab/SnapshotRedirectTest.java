package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.vault.VaultNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/// A snapshot asked of a real standby: Vault sends us to the leader (307). OpenBao 2.7.2 serves it
/// itself (200), except with a token so new that it has not heard of it yet: then it answers 307
/// like Vault.
@ParameterizedClass(name = "{0}")
@BothProducts
@SuppressWarnings("NullAway.Init") // Set before each invocation of the class.
class SnapshotRedirectTest {
  private static final Duration STALL = Duration.ofSeconds(10);
  private static final Duration ELECTION = Duration.ofSeconds(30);
  private static final Duration REPLICATION = Duration.ofSeconds(10);

  @TempDir static Path base;
  private static Cluster cluster;
  private static VaultConfig.Auth login;

  private final Product product;

  SnapshotRedirectTest(Product product) {
    this.product = product;
  }

  @BeforeParameterizedClassInvocation
  static void start(Product product) {
    var folder = Folders.create(base.resolve(product.name()));
    cluster = TestClusters.start(product, 3, folder);
    var credentials = Provisioning.credentials(cluster.root(), Role.BACKUP, folder);
    login = Watcher.approle(credentials);
    for (ClusterNode standby : cluster.standbys()) {
      // A secret id so new that a standby has not heard of it is an invalid one there (400).
      Await.until("its secret id on " + standby, REPLICATION, () -> takes(standby, credentials));
    }
  }

  private static boolean takes(ClusterNode node, Provisioning.Credentials credentials) {
    try {
      var body =
          Map.of(
              "role_id", Files.readString(credentials.roleIdFile()).strip(),
              "secret_id", Files.readString(credentials.secretIdFile()).strip());
      return node.api().post("auth/approle/login", body).good();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    cluster.close();
  }

  @Test
  void a_standby_leads_to_a_snapshot_when_the_leader_is_a_known_peer() {
    var leader = cluster.awaitLeader(ELECTION);
    var standby = cluster.standbys().getFirst();
    try (var client = client(standby, cluster.nodes().stream().map(ClusterNode::address).toList());
        var keeper = TokenKeeper.open(client, login, InstantSource.system())) {
      var from = product == Product.VAULT ? leader : standby;
      Secret token = keeper.token();
      Await.until(
          "a snapshot from " + from,
          REPLICATION,
          () -> served(client.own(), token).equals(from.address()));
    }
  }

  /// Takes the whole snapshot.
  private static URI served(VaultNode node, Secret token) {
    try (var snapshot = node.snapshot(token, STALL)) {
      assertTrue(new GZIPInputStream(snapshot.body()).readAllBytes().length > 10_000);
      return snapshot.node();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_leader_that_is_no_known_peer_is_never_shown_the_token() {
    var leader = cluster.awaitLeader(ELECTION);
    var standby = cluster.standbys().getFirst();
    try (var client = client(standby, List.of());
        var keeper = TokenKeeper.open(client, login, InstantSource.system())) {
      Secret token = keeper.token();
      switch (product) {
        case VAULT -> {
          var refused =
              assertThrows(VaultException.class, () -> client.own().snapshot(token, STALL));
          assertEquals(Reason.REDIRECT_REFUSED, refused.reason());
          var said = String.valueOf(refused.getMessage());
          assertTrue(said.contains(leader.address().getAuthority()), said);
          assertTrue(said.contains("\nhint: ") && said.contains("vault.peers"), said);
        }
        case OPENBAO, UNKNOWN ->
            Await.until(
                "the standby to know the token",
                REPLICATION,
                () -> servedUnlessRefused(client.own(), token));
      }
      var active = assertThrows(VaultException.class, client::active);
      assertEquals(Reason.REDIRECT_REFUSED, active.reason());
    }
  }

  private static boolean servedUnlessRefused(VaultNode standby, Secret token) {
    try {
      return served(standby, token).equals(standby.address());
    } catch (VaultException refused) {
      assertEquals(Reason.REDIRECT_REFUSED, refused.reason());
      return false;
    }
  }

  @Test
  void the_active_node_is_found_from_any_node() {
    var leader = cluster.awaitLeader(ELECTION);
    var addresses = cluster.nodes().stream().map(ClusterNode::address).toList();
    for (var node : cluster.nodes()) {
      try (var client = client(node, addresses)) {
        assertEquals(leader.address(), client.active().address());
      }
    }
  }

  private static VaultClient client(ClusterNode own, List<URI> peers) {
    return VaultClient.open(Watcher.config(own.address(), peers, login), RequestObserver.NONE);
  }
}
