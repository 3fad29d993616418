package dev.lifeboat.restore;

import dev.lifeboat.config.Secret;
import dev.lifeboat.journal.Step;
import dev.lifeboat.unseal.RootWrite;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.SealStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/// One node, lost or damaged, out of the others: taken out of raft, emptied, joined anew, proven.
final class NodeRestore {
  private static final Duration POLL = Duration.ofMillis(100);

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
    Proof proof = new Proof(OptionalLong.of(0), Optional.empty(), List.of(), order.canary());
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
        Act.of(
            "take " + node,
            "take all nodes for this run: one restore at a time",
            () -> ClusterRestore.take(reachable(), run, who)),
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
        Act.of(
            "give back " + node,
            "give the nodes back",
            () -> ClusterRestore.giveBack(reachable(), run)));
  }

  /// The others as well, as far as they answer: two nodes that are rebuilt at the same time can be
  /// one too many.
  private List<Node> reachable() throws InterruptedException {
    List<Node> reachable = new ArrayList<>();
    for (Node each : nodes.all()) {
      if (each == node || each.runningIfKnown().isPresent()) {
        reachable.add(each);
      }
    }
    return reachable;
  }

  private boolean isPeer(Node leader, Secret token) {
    return leader.api().raftConfiguration(token).servers().stream()
        .anyMatch(server -> server.nodeId().equals(node.id()));
  }

  private Map<String, String> removed() throws InterruptedException {
    Node leader = leader();
    Secret token = access.token(leader);
    if (!isPeer(leader, token)) {
      return Map.of("removed", "it was not in it");
    }
    refuseBelowQuorum();
    var _ =
        RootWrite.require(
            leader.api(),
            Optional.of(token),
            "sys/storage/raft/remove-peer",
            Map.of("server_id", node.id()));
    Wait.so(
        node.bound(),
        POLL,
        () -> !isPeer(leader, token),
        () ->
            RestoreException.failed(
                "%s is still in the raft configuration\nhint: see the log of %s"
                    .formatted(node, leader)));
    return Map.of("removed", "by " + leader);
  }
}
