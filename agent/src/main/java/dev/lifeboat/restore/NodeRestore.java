package dev.lifeboat.restore;

import dev.lifeboat.config.Secret;
import dev.lifeboat.journal.Step;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.SealStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// One node, lost or damaged, out of the others: taken out of raft, emptied, joined anew, proven.
final class NodeRestore {
  private final Node node;
  private final Nodes nodes;
  private final Access access;
  private final String run;
  private final String who;
  private final Joining joining;

  NodeRestore(Node node, Nodes nodes, NodeOrder order, Access access, String run, String who) {
    this.node = node;
    this.nodes = nodes;
    this.access = access;
    this.run = run;
    this.who = who;
    Proof proof = new Proof(0, Optional.empty(), List.of(), order.canary());
    this.joining = new Joining(nodes, access, proof, order.shares(), (_, _) -> {});
  }

  /// Refuses when the others are too few to decide anything without it.
  void refuseBelowQuorum() throws InterruptedException {
    Node leader = leader();
    Set<String> voters = voters(leader);
    int majority = voters.size() / 2 + 1;
    long alive =
        nodes.others(node).stream()
            .filter(other -> voters.contains(other.id()))
            .filter(other -> other.look().filter(NodeRestore::serves).isPresent())
            .count();
    if (voters.contains(node.id()) ? alive < majority : alive < majority - 1) {
      throw RestoreException.refused(
          "of %d voters %d are open besides %s, and %d are needed to decide without it\nhint: %s"
              .formatted(
                  voters.size(),
                  alive,
                  node,
                  majority,
                  "open the others first (lifeboat unseal --all), or lifeboat restore quorum"));
    }
  }

  private List<Node> serving() {
    return nodes.all().stream()
        .filter(each -> each.look().filter(NodeRestore::serves).isPresent())
        .toList();
  }

  private static boolean serves(SealStatus status) {
    return status.initialized() && !status.sealed();
  }

  private Set<String> voters(Node leader) throws InterruptedException {
    return leader.api().raftConfiguration(access.token(leader)).servers().stream()
        .filter(RaftConfiguration.Server::voter)
        .map(RaftConfiguration.Server::nodeId)
        .collect(Collectors.toSet());
  }

  private Node leader() throws InterruptedException {
    return joining.leader();
  }

  List<Step> steps() {
    String quarantine = ClusterRestore.quarantine(run, "");
    return List.of(
        Act.of("take " + node, "take all nodes for this run: one restore at a time", this::take),
        Act.of(
            "stop " + node,
            "see once more that the others are enough, then stop %s"
                .formatted(ClusterRestore.words(node)),
            () -> {
              if (node.running()) {
                refuseBelowQuorum();
              }
              node.stop();
            }),
        new Act(
            "remove " + node,
            "take %s out of the raft configuration".formatted(node),
            _ -> removed()),
        Act.of(
            "empty " + node,
            "move what is in %s of %s into %s there"
                .formatted(node.config().storage(), node, quarantine),
            () -> ClusterRestore.quarantine(node, run)),
        joining.join(node),
        joining.prove(node, this::serving),
        Act.of("give back " + node, "give the nodes back", this::giveBack));
  }

  /// The others as well, as far as they answer: two nodes that are rebuilt at the same time can be
  /// one too many.
  private void take() throws InterruptedException {
    node.storage().lock(run, who);
    for (Node other : nodes.others(node)) {
      if (other.runningIfKnown().isPresent()) {
        other.storage().lock(run, who);
      }
    }
  }

  private void giveBack() throws InterruptedException {
    for (Node each : nodes.all()) {
      if (each.runningIfKnown().isPresent()) {
        each.storage().unlock(run);
      }
    }
  }

  private Map<String, String> removed() throws InterruptedException {
    Node leader = leader();
    Secret token = access.token(leader);
    if (leader.api().raftConfiguration(token).servers().stream()
        .noneMatch(server -> server.nodeId().equals(node.id()))) {
      return Map.of("removed", "it was not in it");
    }
    refuseBelowQuorum();
    var _ =
        Calls.post(
            leader.api(),
            Optional.of(token),
            "sys/storage/raft/remove-peer",
            Map.of("server_id", node.id()));
    long deadline = System.nanoTime() + node.bound().toNanos();
    while (leader.api().raftConfiguration(token).servers().stream()
        .anyMatch(server -> server.nodeId().equals(node.id()))) {
      if (System.nanoTime() >= deadline) {
        throw RestoreException.failed(
            "%s is still in the raft configuration\nhint: see the log of %s"
                .formatted(node, leader));
      }
      Thread.sleep(100);
    }
    return Map.of("removed", "by " + leader);
  }
}
