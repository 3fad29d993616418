package dev.lifeboat.restore;

import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.Journal;
import dev.lifeboat.journal.Step;
import dev.lifeboat.raftlog.LastEntry;
import dev.lifeboat.raftlog.Pages;
import dev.lifeboat.raftlog.RaftLogException;
import dev.lifeboat.raftlog.Voters;
import dev.lifeboat.unseal.Leading;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/// A cluster out of the nodes that are left, when they are too few to elect a leader. Needs no
/// backup.
///
/// The most advanced one becomes a cluster of one, by `peers.json`; the others are emptied and join
/// it. A partition looks like death: when the missing nodes still run, and two of them see each
/// other, there are two clusters then. So each of them is confirmed stopped by its machine, or
/// named by whoever has stopped it.
final class QuorumRestore {
  static final String CHOOSE = "choose";

  /// With the longest raft timings that servers take, a leader without followers leads for 25 s.
  private static final Duration STEPPING_DOWN = Duration.ofSeconds(30);

  private static final String CHOSEN = "chosen";
  private static final String PEERS = "peers";

  private final Nodes nodes;
  private final QuorumOrder order;
  private final String run;
  private final String who;
  private final Joining joining;
  private final Survey survey;

  /// @param survivors whose machine answers and which have data
  /// @param emptied whose machine answers, and which join anew
  /// @param gone whose machine does not answer; declared dead
  record Survey(List<Node> survivors, List<Node> emptied, List<Node> gone) {
    List<Node> reachable() {
      List<Node> all = new ArrayList<>(survivors);
      all.addAll(emptied);
      return all;
    }
  }

  QuorumRestore(
      Nodes nodes, QuorumOrder order, Access access, String run, String who, Survey survey) {
    this.nodes = nodes;
    this.order = order;
    this.run = run;
    this.who = who;
    this.survey = survey;
    Proof proof = new Proof(OptionalLong.of(0), Optional.empty(), List.of(), order.canary());
    this.joining = new Joining(nodes, access, proof, order.shares(), (_, _) -> {});
  }

  /// Looks at all nodes, and refuses where it is not a case for this.
  ///
  /// @param resumed whether the run was begun before: then what it did so far has changed what is
  ///   seen
  static Survey survey(Nodes nodes, List<String> dead, boolean resumed)
      throws InterruptedException {
    List<Node> survivors = new ArrayList<>();
    List<Node> emptied = new ArrayList<>();
    List<Node> gone = new ArrayList<>();
    for (Node node : nodes.all()) {
      boolean named = dead.contains(node.id());
      if (node.runningIfKnown().isEmpty()) {
        refuseUnlessDead(node, named);
        gone.add(node);
      } else if (!named && node.storage().holdsData()) {
        survivors.add(node);
      } else {
        emptied.add(node);
      }
    }
    if (!resumed) {
      refuseWhereNotLost(nodes, survivors);
      refuseStrangeLeader(nodes, survivors);
    } else if (survivors.isEmpty()) {
      throw RestoreException.refused(
          "none of the nodes that answer has data; what they had is in their folders"
              + " lifeboat-quarantine-… and lifeboat-copy-…\nhint: get the node back that this run"
              + " has chosen, or lifeboat restore abandon and lifeboat restore cluster");
    }
    return new Survey(survivors, emptied, gone);
  }

  /// One that leads and is not in `restore.nodes`: then nothing is lost but our list.
  private static void refuseStrangeLeader(Nodes nodes, List<Node> survivors)
      throws InterruptedException {
    Leading leading = new Leading(nodes.vault());
    for (Node node : survivors) {
      Optional<URI> named = node.namedLeader();
      if (named.isPresent() && leading.leads(named.get())) {
        throw RestoreException.refused(
            "%s follows %s, which leads and is not in restore.nodes: the quorum is not lost\nhint:"
                    .formatted(node, named.get())
                + " add a block for every node of the cluster");
      }
    }
  }

  private static void refuseUnlessDead(Node node, boolean named) {
    if (!named) {
      throw RestoreException.refused(
          "the machine of %s does not answer, which does not say that the node is dead\nhint: %s"
              .formatted(
                  node,
                  "stop or fence it for certain, then name it: --dead %s. When it lives behind a"
                          .formatted(node)
                      + " cut cable and its peers with it, there will be two clusters"));
    }
    if (Reach.answers(node.config().apiAuthority()) || Reach.answers(node.config().raftAddress())) {
      throw RestoreException.refused(
          "%s is said to be dead, and answers at %s or %s\nhint: stop it first"
              .formatted(node, node.config().apiAuthority(), node.config().raftAddress()));
    }
  }

  private static void refuseWhereNotLost(Nodes nodes, List<Node> survivors)
      throws InterruptedException {
    Optional<Node> leader = lasting(nodes);
    if (leader.isPresent()) {
      throw RestoreException.refused(
          "%s leads: the quorum is not lost\nhint: lifeboat restore node NAME gets one node back"
              .formatted(leader.get()));
    }
    if (survivors.isEmpty()) {
      throw RestoreException.refused(
          "no node has data any more\nhint: lifeboat restore cluster brings a backup back");
    }
    int majority = nodes.all().size() / 2 + 1;
    if (survivors.size() >= majority && nodes.all().size() > 1) {
      throw RestoreException.refused(
          "%d of %d nodes have their data: a majority can elect a leader by itself\nhint: %s"
              .formatted(
                  survivors.size(),
                  nodes.all().size(),
                  "start and open them (lifeboat unseal --all) and see; name those whose data is of"
                      + " no use with --dead"));
    }
    for (Node node : survivors) {
      if (node.config().clusterAddress().isEmpty()) {
        throw RestoreException.refused(
            "restore.nodes.%s has no cluster-address, which peers.json needs\nhint: %s"
                .formatted(node, "host and port of cluster_addr in the server's configuration"));
      }
    }
  }

  /// A leader that has lost its followers takes seconds to notice: with few that answer it is given
  /// time.
  private static Optional<Node> lasting(Nodes nodes) throws InterruptedException {
    long deadline = System.nanoTime() + STEPPING_DOWN.toNanos();
    while (true) {
      Optional<Node> leader = nodes.all().stream().filter(Node::leads).findFirst();
      long open =
          nodes.all().stream()
              .filter(node -> node.look().filter(status -> !status.sealed()).isPresent())
              .count();
      boolean majority = open >= nodes.all().size() / 2 + 1;
      if (leader.isEmpty() || majority || System.nanoTime() >= deadline) {
        return leader;
      }
      Thread.sleep(200);
    }
  }

  /// Until it is known which one has most.
  List<Step> first() {
    List<Step> steps = new ArrayList<>();
    steps.add(
        Act.of(
            "take the nodes",
            "take %s for this run: one restore at a time"
                .formatted(ClusterRestore.names(survey.reachable())),
            () -> ClusterRestore.take(survey.reachable(), run, who)));
    for (Node node : survey.reachable()) {
      steps.add(Act.of("stop " + node, "stop " + ClusterRestore.words(node), node::stop));
    }
    steps.add(
        new Act(
            CHOOSE,
            "read how far the raft log of each of %s goes; the most advanced goes on"
                .formatted(ClusterRestore.names(survey.survivors())),
            _ -> choose()));
    return steps;
  }

  /// The last log term decides, then the index: as raft decides who may lead.
  private Map<String, String> choose() throws InterruptedException {
    Map<Node, LastEntry> ends = new LinkedHashMap<>();
    Map<String, String> facts = new LinkedHashMap<>();
    for (Node node : survey.survivors()) {
      String found;
      try {
        Optional<LastEntry> last = lastEntry(node);
        last.ifPresent(entry -> ends.put(node, entry));
        found =
            last.map(entry -> "term %d index %d".formatted(entry.term(), entry.index()))
                .orElse("nothing");
      } catch (RaftLogException e) {
        found = "unreadable: " + e.getMessage();
      }
      facts.put(node.id(), found);
    }
    Map.Entry<Node, LastEntry> most =
        ends.entrySet().stream()
            .max(Map.Entry.comparingByValue(Comparator.naturalOrder()))
            .orElseThrow(
                () ->
                    RestoreException.failed(
                        "the raft log of none of %s can be read: %s\nhint: %s"
                            .formatted(
                                ClusterRestore.names(survey.survivors()),
                                facts,
                                "lifeboat restore cluster brings a backup back")));
    refuseUnknownVoters(most.getKey());
    facts.put(CHOSEN, most.getKey().id());
    facts.put("index", String.valueOf(most.getValue().index()));
    return facts;
  }

  /// A voter that nobody has named may live, and lead.
  private void refuseUnknownVoters(Node chosen) throws InterruptedException {
    Optional<Pages> applied = pages(chosen, "vault.db");
    Map<String, String> voters =
        applied.isPresent() ? new TreeMap<>(Voters.of(applied.get())) : new TreeMap<>();
    nodes.all().forEach(node -> voters.remove(node.id()));
    if (!voters.isEmpty()) {
      throw RestoreException.failed(
          "raft on %s knows voters that restore.nodes has not: %s\nhint: %s"
              .formatted(
                  chosen,
                  voters,
                  "add a block for each, and name those that are dead with --dead: one that lives"
                      + " may lead"));
    }
  }

  static Optional<LastEntry> lastEntry(Node node) throws InterruptedException {
    return LastEntry.of(pages(node, "raft/raft.db"), pages(node, "vault.db"));
  }

  private static Optional<Pages> pages(Node node, String file) throws InterruptedException {
    if (node.storage().read(file, 0, 1).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        (first, count) -> node.storage().read(file, first, count).orElse(new byte[0]));
  }

  private void refuseWithoutRoom() throws InterruptedException {
    for (Node node : survey.survivors()) {
      Optional<String> lacking = node.storage().lacksRoomForCopy();
      if (lacking.isPresent()) {
        throw RestoreException.refused(
            "there is no room on %s for a copy of its data: %s\nhint: %s"
                .formatted(
                    node,
                    lacking.get(),
                    "free some, or --no-copy: what it has is then kept nowhere else"));
      }
    }
  }

  /// All of it in words, before it is known who goes on.
  ///
  /// @param begun whether the run was begun before
  List<String> words(boolean begun) throws InterruptedException {
    if (!begun && order.copied()) {
      refuseWithoutRoom();
    }
    List<String> words = new ArrayList<>(first().stream().map(Step::text).toList());
    Node only = survey.survivors().getFirst();
    if (survey.survivors().size() == 1) {
      recover(only).forEach(step -> words.add(step.text()));
    } else {
      if (order.copied()) {
        words.add("copy all that is in its storage folder into %s there".formatted(copy()));
      }
      words.add("write peers.json with it alone, start it, open it, see it lead");
    }
    words.add(
        "move what is in the storage of each of %s into %s there; start it, let it join, open it"
            .formatted(
                survey.survivors().size() == 1
                    ? ClusterRestore.names(
                        survey.reachable().stream().filter(node -> node != only).toList())
                    : "the others",
                ClusterRestore.quarantine(run, "")));
    words.add(
        "prove each: leader, vote, raft index, a value written through it and read at the others");
    last().forEach(step -> words.add(step.text()));
    return words;
  }

  /// What an earlier step of this run has found out.
  Node chosen(Journal journal) {
    String id = journal.last(Event.DONE, CHOOSE).flatMap(entry -> entry.fact(CHOSEN)).orElseThrow();
    return nodes.all().stream().filter(node -> node.id().equals(id)).findFirst().orElseThrow();
  }

  /// Until the chosen one leads alone.
  List<Step> recover(Node chosen) {
    List<Step> steps = new ArrayList<>();
    if (order.copied()) {
      steps.add(
          Act.of(
              "copy " + chosen,
              "copy what is in %s of %s into %s there"
                  .formatted(chosen.config().storage(), chosen, copy()),
              () -> chosen.storage().copy(copy())));
    }
    steps.add(
        new Act(
            "recover " + chosen,
            "write peers.json with %s alone, start it, open it, see it lead".formatted(chosen),
            notes -> recovered(chosen, notes)));
    return steps;
  }

  private String copy() {
    return "lifeboat-copy-" + run;
  }

  private Map<String, String> recovered(Node chosen, Step.Notes notes) throws InterruptedException {
    boolean written = notes.all().containsKey(PEERS);
    if (chosen.running() && !written) {
      // Whoever has started it meanwhile: with the peers of before it waits for them for ever.
      chosen.stop();
    }
    if (!chosen.running()) {
      Map<String, Object> peer = new LinkedHashMap<>();
      peer.put("id", chosen.id());
      peer.put("address", chosen.config().clusterAddress().orElseThrow());
      peer.put("non_voter", false);
      chosen
          .storage()
          .writePeers(
              JsonMapper.shared()
                  .writeValueAsString(List.of(peer))
                  .getBytes(StandardCharsets.UTF_8));
      if (!written) {
        notes.add(Map.of(PEERS, "written"));
      }
      var _ = chosen.start();
    }
    if (!chosen.open(order.shares().of(chosen.api().sealStatus()))) {
      throw RestoreException.failed(
          "%s is not opened by these shares\nhint: %s"
              .formatted(
                  chosen,
                  "they are mistyped, of another cluster, or newer than its data: a node that was"
                      + " down during a rekey needs the old ones"));
    }
    chosen.awaitLeads();
    return Map.of("index", String.valueOf(chosen.appliedIndex()));
  }

  /// For each of the others whose machine answers.
  List<Step> others(Node node) {
    String name = ClusterRestore.quarantine(run, "");
    return List.of(
        Act.of(
            "empty " + node,
            "move what is in %s of %s into %s there".formatted(node.config().storage(), node, name),
            () -> ClusterRestore.quarantine(node, run)),
        joining.join(node));
  }

  List<Step> proofs(List<Node> back) {
    return back.stream().map(node -> joining.prove(node, () -> back)).toList();
  }

  List<Step> last() {
    return List.of(
        Act.of(
            "give the nodes back",
            "give the nodes back",
            () -> ClusterRestore.giveBack(survey.reachable(), run)));
  }

  Survey survey() {
    return survey;
  }
}
