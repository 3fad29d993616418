package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.backup.Manifest.Mount;
import dev.lifeboat.canary.Canary;
import dev.lifeboat.canary.CanaryException;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.RaftConfiguration.Server;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/// That a node is back: not what it was told, but what it does.
///
/// It is open, of the right cluster, follows the leader that says so itself, votes under its own
/// address, has all data, knows the mounts, and a value written through it is read at every other.
///
/// @param index how far the data of each must go at least; empty without raft, where all have one
///   database and none has a vote
/// @param clusterId empty where it is not known beforehand
/// @param mounts that must be there
/// @param canary where a value may be written; empty when nothing can
record Proof(
    OptionalLong index,
    Optional<String> clusterId,
    List<Mount> mounts,
    Optional<CanaryConfig> canary) {
  private static final Duration POLL = Duration.ofMillis(200);

  Proof {
    mounts = List.copyOf(mounts);
  }

  /// What is proven, for the plan.
  String words() {
    return "leader, %smounts, a value written through it read at the others"
        .formatted(index.isPresent() ? "vote, raft index, " : "cluster, ");
  }

  /// Waits for what takes its time, and throws a [RestoreException] for what does not come true.
  ///
  /// @param witnesses the other nodes that are back, the leader among them unless it is this one
  Map<String, String> of(Node node, Node leader, List<Node> witnesses, Secret token)
      throws InterruptedException {
    Map<String, String> facts = new LinkedHashMap<>();
    SealStatus status = node.api().sealStatus();
    require(!status.sealed(), "%s is sealed".formatted(node), "lifeboat unseal");
    clusterId.ifPresent(
        id ->
            require(
                status.clusterId().filter(id::equals).isPresent(),
                "%s is of the cluster %s, not of %s"
                    .formatted(node, status.clusterId().orElse("?"), id),
                "what answers at %s?".formatted(node.config().address())));
    facts.put("follows", follows(node, leader).toString());
    if (index.isPresent()) {
      facts.put("index", String.valueOf(awaitIndex(node, index.getAsLong())));
      facts.put("raft", awaitVote(node, leader, token));
    }
    facts.put("mounts", String.valueOf(knowsMounts(node, token)));
    facts.put(
        "canary",
        canary.isPresent()
            ? writes(node, witnesses, canary.get(), token)
            : "none is configured, so writing was not tried");
    return facts;
  }

  private static URI follows(Node node, Node leader) throws InterruptedException {
    return Wait.until(
        node.bound(),
        POLL,
        () -> {
          Leader itself = leader.api().leader();
          return node.api()
              .leader()
              .address()
              .filter(seen -> itself.self() && itself.address().filter(seen::equals).isPresent());
        },
        () ->
            failed(
                "%s follows %s, and %s leads"
                    .formatted(
                        node, node.namedLeader().map(URI::toString).orElse("nobody"), leader),
                "it may speak for another cluster: do not let clients in; see its log"));
  }

  private static long awaitIndex(Node node, long index) throws InterruptedException {
    return Wait.until(
        node.bound(),
        POLL,
        () -> Optional.of(node.appliedIndex()).filter(found -> found >= index),
        () ->
            RestoreException.failed(
                "%s has data up to raft index %d, and %d is expected\nhint: %s"
                    .formatted(
                        node,
                        node.appliedIndex(),
                        index,
                        "see its log: it may not reach the leader's cluster port")));
  }

  private static String awaitVote(Node node, Node leader, Secret token)
      throws InterruptedException {
    return Wait.until(
        node.bound(),
        POLL,
        () -> peer(node, leader, token).filter(Server::voter).map(Server::address),
        () ->
            failed(
                peer(node, leader, token).isPresent()
                    ? "%s does not vote after %d s".formatted(node, node.bound().toSeconds())
                    : "raft does not know %s".formatted(node),
                "lifeboat status on the leader shows the peers; autopilot lets one vote that is"
                    + " steady"));
  }

  private static Optional<Server> peer(Node node, Node leader, Secret token) {
    Optional<Server> peer =
        leader.api().raftConfiguration(token).servers().stream()
            .filter(each -> each.nodeId().equals(node.id()))
            .findFirst();
    peer.map(Server::address)
        .ifPresent(
            address ->
                require(
                    node.config().clusterAddress().filter(own -> !own.equals(address)).isEmpty(),
                    "raft knows %s at %s, and restore.nodes at %s"
                        .formatted(node, address, node.config().clusterAddress().orElse("")),
                    "see cluster_addr in the server's configuration"));
    return peer;
  }

  private int knowsMounts(Node node, Secret token) throws InterruptedException {
    if (mounts.isEmpty()) {
      return 0;
    }
    JsonNode found = settled(node, () -> node.api().read("sys/mounts", token)).path("data");
    for (Mount mount : mounts) {
      String type = found.path(mount.path()).path("type").asString("");
      require(
          type.equals(mount.type()),
          "%s has no mount %s of type %s".formatted(node, mount.path(), mount.type()),
          "a standby that was up during a restore keeps stale routes until it is restarted");
    }
    return mounts.size();
  }

  private static String writes(Node node, List<Node> witnesses, CanaryConfig canary, Secret token)
      throws InterruptedException {
    Canary.Written written =
        settled(
            node, () -> Canary.writeThrough(node.api(), token, canary.path(), canary.transitKey()));
    List<Node> readers = new ArrayList<>(witnesses);
    readers.add(node);
    for (Node witness : readers) {
      try {
        boolean _ =
            settled(
                witness,
                () -> {
                  Canary.read(witness.api(), token, written);
                  return true;
                });
      } catch (CanaryException | VaultException e) {
        throw RestoreException.failed(
            "what was written through %s is not read at %s: %s\nhint: %s"
                .formatted(
                    node,
                    witness,
                    RestoreException.sentence(e),
                    "one of the two speaks for another cluster, or is stale: do not let clients"
                        + " in"));
      }
    }
    return "written, read at %s".formatted(ClusterRestore.names(readers));
  }

  /// A standby that answers by itself knows a login, a mount or a value a moment later than the
  /// leader does. What it says when the time is up is thrown.
  private static <T> T settled(Node node, Supplier<T> asking) throws InterruptedException {
    long deadline = System.nanoTime() + node.bound().toNanos();
    while (true) {
      try {
        return asking.get();
      } catch (CanaryException | VaultException e) {
        if (System.nanoTime() >= deadline) {
          throw e;
        }
      }
      Thread.sleep(POLL);
    }
  }

  private static void require(boolean holds, String what, String hint) {
    if (!holds) {
      throw failed(what, hint);
    }
  }

  private static RestoreException failed(String what, String hint) {
    return RestoreException.failed(what + "\nhint: " + hint);
  }
}
