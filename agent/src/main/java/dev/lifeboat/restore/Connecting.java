package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.journal.Step;
import dev.lifeboat.machine.MachineException;
import dev.lifeboat.postgresql.Target;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.vault.SealStatus;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Nodes that are to serve one database, and the proof that they do.
final class Connecting {
  /*
   * In which database a node keeps its data only its own configuration says, and the one of before
   * has the same cluster and the same keys. So a node that runs is stopped first, and they are
   * started one after the other: a server connects before it answers, and keeps an idle connection
   * while it is sealed. One of which the database sees no new session is not opened.
   *
   * That may deceive, since another node may connect at that moment, and a node with a seal of its
   * own is open before anybody can look. So what is open is looked at as well, and does not stay up
   * unless it follows the one that leads here.
   */
  private static final Duration POLL = Duration.ofMillis(200);

  /// It has connected before it answers.
  private static final Duration CONNECTING = Duration.ofSeconds(3);

  private final Nodes nodes;
  private final Target target;
  private final Manifest manifest;
  private final List<Share> shares;
  private final Joining joining;

  Connecting(Nodes nodes, Target target, Manifest manifest, List<Share> shares, Joining joining) {
    this.nodes = nodes;
    this.target = target;
    this.manifest = manifest;
    this.shares = List.copyOf(shares);
    this.joining = joining;
  }

  private interface Looking {
    Node leader() throws InterruptedException;
  }

  Step start(Node node) {
    return new Act(
        "start " + node,
        "start %s, see that it uses this database, open it with %s, see that it follows one that"
                .formatted(
                    node,
                    manifest.seal().type().equals("shamir")
                        ? manifest.seal().threshold() + " old shares"
                        : "its own key")
            + " leads",
        _ -> started(node));
  }

  /// @param back all that are
  Step prove(Node node, List<Node> back) {
    Step proof = joining.prove(node, () -> back.stream().filter(Connecting::open).toList());
    return new Act(
        proof.name(),
        proof.text(),
        notes -> {
          look(node);
          return proof.run(notes);
        });
  }

  /// Since it was started somebody may have done anything, and a proof before this one may have
  /// stopped it.
  private void look(Node node) throws InterruptedException {
    List<Node> leaders = leaders();
    if (leaders.size() > 1) {
      // One of them is elsewhere, and which one is seen only when it starts.
      for (Node leader : leaders) {
        leader.stop();
      }
    }
    if (open(node)) {
      var _ = orStopped(node, () -> leader(node));
    } else {
      var _ = started(node);
    }
  }

  private static boolean open(Node node) {
    return node.look().filter(status -> !status.sealed()).isPresent();
  }

  private List<Node> leaders() {
    return nodes.all().stream().filter(Node::leads).toList();
  }

  private Map<String, String> started(Node node) throws InterruptedException {
    if (node.running()) {
      node.stop();
    }
    Set<String> before = target.sessions();
    Node leader =
        orStopped(
            node,
            () -> {
              SealStatus status = node.start();
              ServerCheck.require(node.id(), status, manifest);
              if (!status.initialized()) {
                throw elsewhere("%s runs and has no data".formatted(node));
              }
              awaitSession(node, before);
              unseal(node);
              return leader(node);
            });
    return Map.of("leader", leader.id());
  }

  /// Whatever is found, a node of which it is not known that it serves this database serves none.
  private static Node orStopped(Node node, Looking looking) throws InterruptedException {
    try {
      return looking.leader();
    } catch (RuntimeException why) {
      try {
        node.stop();
      } catch (RestoreException | MachineException e) {
        throw RestoreException.failed(
            "%s runs on, and may serve another database: %s\nhint: stop it at once. Before that: %s"
                .formatted(node, RestoreException.sentence(e), RestoreException.sentence(why)));
      }
      throw why;
    }
  }

  /// One that stays: what a busy node opens for a moment is gone at the next look.
  private void awaitSession(Node node, Set<String> before) throws InterruptedException {
    Set<String> last = new HashSet<>();
    Wait.so(
        CONNECTING,
        POLL,
        () -> {
          Set<String> since = new HashSet<>(target.sessions());
          since.removeAll(before);
          boolean stays = !Collections.disjoint(last, since);
          last.clear();
          last.addAll(since);
          return stays;
        },
        () -> elsewhere("%s runs, and has not connected to this database".formatted(node)));
  }

  private void unseal(Node node) throws InterruptedException {
    if (!node.open(shares)) {
      throw RestoreException.failed(
          "the data is there, and these shares do not open %s\nhint: %s"
              .formatted(
                  node,
                  "they are of another key: of a rekey after this backup was taken (%s), or of"
                          .formatted(manifest.takenAt())
                      + " another cluster. The same command again, nothing is restored twice"));
    }
  }

  /// The one that it follows, which leads here.
  private Node leader(Node node) throws InterruptedException {
    Node leader =
        Wait.until(
            node.bound(),
            POLL,
            () -> {
              List<Node> leaders = leaders();
              if (leaders.size() > 1 && leaders.contains(node)) {
                List<Node> others = leaders.stream().filter(each -> each != node).toList();
                throw elsewhere(
                    "%s leads, and so does %s".formatted(node, ClusterRestore.names(others)));
              }
              return leaders.stream().filter(each -> follows(node, each)).findFirst();
            },
            () -> astray(node));
    String id = leader.api().sealStatus().clusterId().orElse("?");
    String wanted = manifest.cluster().id();
    if (!wanted.isEmpty() && !wanted.equals(id)) {
      throw elsewhere(
          "%s leads the cluster %s, and the backup is of %s".formatted(leader, id, wanted));
    }
    if (target.sessions().isEmpty()) {
      throw elsewhere("%s leads, and nobody is connected to this database".formatted(leader));
    }
    return leader;
  }

  private static boolean follows(Node node, Node leader) {
    Optional<URI> named = node.namedLeader();
    return named.isPresent() && named.equals(leader.namedLeader());
  }

  private RestoreException astray(Node node) {
    Optional<Node> leader = leaders().stream().findFirst();
    Optional<URI> named = node.namedLeader();
    if (leader.isEmpty() && named.isEmpty()) {
      return RestoreException.failed(
          "%s is open, and no node leads\nhint: the servers' logs say why; the same command goes on"
              .formatted(node));
    }
    return elsewhere(
        "%s follows %s, and %s leads"
            .formatted(
                node,
                named.map(URI::toString).orElse("nobody"),
                leader.map(Node::id).orElse("none of these nodes")));
  }

  private RestoreException elsewhere(String what) {
    return RestoreException.failed(
        "%s: it keeps its data elsewhere than in %s\nhint: %s"
            .formatted(
                what,
                target.where(),
                "it is stopped: let connection_url in its configuration name that database, and"
                    + " give the same command again"));
  }
}
