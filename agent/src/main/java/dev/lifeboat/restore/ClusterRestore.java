package dev.lifeboat.restore;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.archive.SnapshotFacts;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.canary.CanaryException;
import dev.lifeboat.config.Secret;
import dev.lifeboat.journal.Step;
import dev.lifeboat.machine.MachineException;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.SnapshotStream;
import dev.lifeboat.vault.VaultException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// A whole cluster out of a backup.
final class ClusterRestore {
  private static final Duration STALL = Duration.ofMinutes(1);

  private final Nodes nodes;
  private final ClusterOrder order;
  private final Access access;
  private final String run;
  private final String who;
  private final Work work;
  private final Around around;
  private final Joining joining;

  /// @param who a line for people: who has begun the run, where and when
  /// @param around what else has to be done, and when
  ClusterRestore(
      Nodes nodes,
      ClusterOrder order,
      Access access,
      Work work,
      String run,
      String who,
      Around around) {
    this.around = around;
    this.nodes = nodes;
    this.order = order;
    this.access = access;
    this.work = work;
    this.run = run;
    this.who = who;
    this.joining = new Joining(nodes, access, proof(), Shares.known(order.shares()), this::check);
  }

  private Proof proof() {
    Manifest manifest = order.source().manifest();
    return new Proof(
        OptionalLong.of(manifest.raft().map(Manifest.Raft::index).orElse(0L)),
        Optional.of(manifest.cluster().id()).filter(id -> !id.isEmpty()),
        manifest.mounts(),
        order.canary());
  }

  private void check(Node node, SealStatus status) {
    ServerCheck.require(node.id(), status, order.source().manifest());
  }

  /// A dump goes elsewhere, and without force a fresh node takes no snapshot of other keys.
  static void refuseUnfit(Manifest manifest, boolean force) {
    if (manifest.raft().isEmpty()) {
      throw RestoreException.refused(
          "backup %s is the dump of a database, not a snapshot\nhint: lifeboat restore postgresql"
                  .formatted(manifest.id())
              + " brings it back; docs/postgresql.md");
    }
    if (manifest.seal().type().equals("shamir") && !force) {
      throw RestoreException.refused(
          "backup %s was sealed with shares, and a fresh node has others: it takes the snapshot"
                  .formatted(manifest.id())
              + " only by force\nhint: --force, with the cluster's name typed; what is there is"
              + " moved away first, not overwritten");
    }
  }

  /// Until one node leads with the old data.
  List<Step> first() {
    List<Step> steps = new ArrayList<>();
    steps.add(
        new Act(
            "fetch the backup",
            "decrypt backup %s into %s, every checksum proven"
                .formatted(order.source().manifest().id(), work.snapshot()),
            _ -> Map.of("file", work.fetch(order.source()).toString())));
    steps.add(
        Act.of(
            "take the nodes",
            "take %s for this run: one restore at a time".formatted(names(nodes.all())),
            () -> take(nodes.all(), run, who)));
    steps.add(
        new Act(
            "save what is there",
            "a safety snapshot of what these nodes serve now, if they serve",
            _ -> save()));
    steps.addAll(around.before());
    for (Node node : nodes.all()) {
      steps.add(Act.of("stop " + node, "stop %s".formatted(words(node)), node::stop));
    }
    for (Node node : nodes.all()) {
      steps.add(
          Act.of(
              "empty " + node,
              "move what is in %s into %s there"
                  .formatted(node.config().storage(), quarantine(run, "")),
              () -> quarantine(node, run)));
    }
    steps.add(
        new FirstNode(
            nodes.first(),
            run,
            order,
            work,
            () ->
                refuseOldCluster(
                    order.source().manifest(),
                    order.oldClusterAccepted(),
                    nodes.all(),
                    new OldCluster.Known(around.passed().get(), order.beside()))));
    return steps;
  }

  /// For each of the others.
  List<Step> others(Node node) {
    return List.of(joining.join(node), joining.restart(node));
  }

  List<Step> proofs(List<Node> back) {
    return back.stream().map(node -> joining.prove(node, () -> back)).toList();
  }

  List<Step> last() {
    List<Step> steps = new ArrayList<>(around.last());
    steps.add(
        Act.of(
            "give the nodes back",
            "give the nodes back, delete the decrypted snapshot",
            () -> {
              giveBack(nodes.all(), run);
              work.clear();
            }));
    return steps;
  }

  private Map<String, String> save() throws InterruptedException {
    Optional<Node> leader = nodes.all().stream().filter(Node::leads).findFirst();
    if (leader.isEmpty()) {
      return Map.of("saved", "nothing: no node leads; their folders are kept");
    }
    try {
      Secret token = access.token(leader.get());
      try (SnapshotStream stream = leader.get().api().snapshot(token, STALL)) {
        SnapshotFacts facts = work.save(stream.body());
        return Map.of(
            "saved", work.before().toString(), "index", String.valueOf(facts.raftIndex()));
      }
    } catch (VaultException e) {
      return Map.of("saved", "nothing: %s; their folders are kept".formatted(e.sentence()));
    } catch (IOException | UncheckedIOException | ArchiveException | RestoreException e) {
      // What is there may be just what is wrong with it.
      work.forgetSaved();
      String why = RestoreException.sentence(e);
      return Map.of("saved", "nothing: %s; their folders are kept".formatted(why));
    } finally {
      access.forget();
    }
  }

  /// One restore at a time, whoever begins another one, and wherever.
  static void take(List<Node> nodes, String run, String who) throws InterruptedException {
    for (Node node : nodes) {
      node.storage().lock(run, who);
    }
  }

  static void giveBack(List<Node> nodes, String run) throws InterruptedException {
    for (Node node : nodes) {
      node.storage().unlock(run);
    }
  }

  static String words(Node node) {
    return "%s on %s: %s"
        .formatted(node, node.machine().words(), String.join(" ", node.config().stop()));
  }

  static String names(List<Node> nodes) {
    return nodes.stream().map(Node::id).collect(Collectors.joining(", "));
  }

  /// Whoever has started it meanwhile, a person or a reboot: not while it runs.
  static void quarantine(Node node, String run) throws InterruptedException {
    if (node.running()) {
      node.stop();
    }
    node.storage().quarantine(quarantine(run, ""));
  }

  static String quarantine(String run, String attempt) {
    return "lifeboat-quarantine-" + run + attempt;
  }

  /// Before anything is begun, and once more just before a snapshot is submitted.
  ///
  /// @param accepted whether it is done although that cluster can be reached
  static void refuseOldCluster(
      Manifest manifest, boolean accepted, List<Node> nodes, OldCluster.Known known)
      throws InterruptedException {
    if (accepted) {
      return;
    }
    OldCluster.Found found = OldCluster.look(manifest, nodes, known);
    if (!found.unknown().isEmpty()) {
      throw RestoreException.refused(
          "whether %s can reach the cluster that was backed up is not known\nhint: %s"
              .formatted(
                  String.join(", ", found.unknown()),
                  "are its machine, bash and timeout (coreutils) there? See to it"
                      + (known.beside().isPresent()
                          ? ""
                          : ", or be sure by other means and give"
                              + " --accept-writes-to-old-cluster")));
    }
    if (!found.contacts().isEmpty()) {
      throw RestoreException.refused(
          "the cluster that was backed up can still be reached: %s\nhint: %s"
              .formatted(
                  found.contacts().stream()
                      .map(OldCluster.Contact::words)
                      .collect(Collectors.joining("; ")),
                  known.beside().isPresent()
                      ? "cut that machine off from it, API and cluster port: until it leads, a copy"
                          + " passes reads and writes on to it"
                      : "stop or fence it, API and cluster port: until they elect a leader,"
                          + " restored nodes pass reads and writes on to it."
                          + " --accept-writes-to-old-cluster goes on all the same"));
    }
  }

  /// A node that did not come back is said, and the others go on.
  static boolean isOfOneNode(RuntimeException e) {
    return e instanceof VaultException
        || e instanceof MachineException
        || e instanceof CanaryException
        || (e instanceof RestoreException restore
            && restore.reason() == RestoreException.Reason.FAILED);
  }
}
