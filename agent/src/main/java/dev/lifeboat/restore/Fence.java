package dev.lifeboat.restore;

import dev.lifeboat.journal.Step;
import dev.lifeboat.machine.MachineException;
import dev.lifeboat.raftlog.LastEntry;
import dev.lifeboat.raftlog.RaftLogException;
import dev.lifeboat.restore.RegionsConfig.Region;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The regions that the cluster is brought away from. None of their nodes may serve any more: each
/// is stopped by its machine; where that cannot be asked, it is sealed, or its region was given up
/// by name.
final class Fence implements AutoCloseable {
  private final List<Region> regions;
  private final List<String> lost;
  private final Optional<Nodes> nodes;

  /// What can be done about a node.
  private enum State {
    /// Its machine does as it is told.
    STOPPABLE,
    SEALED,
    /// And nobody can stop it.
    SERVES,
    SILENT
  }

  private Fence(List<Region> regions, List<String> lost, Optional<Nodes> nodes) {
    this.regions = List.copyOf(regions);
    this.lost = List.copyOf(lost);
    this.nodes = nodes;
  }

  /// @param lost the regions of which somebody is sure that they serve nobody
  static Fence open(RestoreConfig config, Region target, List<String> lost, VaultConfig vault) {
    List<Region> others = config.regions().others(target);
    lost.forEach(
        name -> {
          if (others.stream().noneMatch(each -> each.name().equals(name))) {
            throw RestoreException.refused(
                "--lost %s: that is none of the other regions\nhint: there is %s"
                    .formatted(
                        name, others.stream().map(Region::name).collect(Collectors.joining(", "))));
          }
        });
    List<NodeConfig> all = nodes(others);
    return new Fence(
        others,
        lost,
        all.isEmpty() ? Optional.empty() : Optional.of(Nodes.open(config.with(all), vault)));
  }

  /// Those of each, under names such as `east/node-1`.
  static List<NodeConfig> nodes(List<Region> regions) {
    List<NodeConfig> all = new ArrayList<>();
    for (Region region : regions) {
      region.nodes().forEach(node -> all.add(node.named(region.name() + "/" + node.id())));
    }
    return all;
  }

  private List<Node> all() {
    return nodes.map(Nodes::all).orElse(List.of());
  }

  /// The one that leads there, if any does.
  Optional<Node> leader() {
    return all().stream().filter(Node::leads).findFirst();
  }

  List<Seen> look() throws InterruptedException {
    List<Seen> seen = new ArrayList<>();
    for (Node node : all()) {
      seen.add(Seen.of(node));
    }
    return seen;
  }

  private static State state(Node node) throws InterruptedException {
    if (node.runningIfKnown().isPresent()) {
      return State.STOPPABLE;
    }
    Optional<SealStatus> status = node.look();
    if (status.isEmpty()) {
      return State.SILENT;
    }
    return status.get().sealed() ? State.SEALED : State.SERVES;
  }

  private boolean givenUp(Node node) {
    return lost.stream().anyMatch(name -> node.id().startsWith(name + "/"));
  }

  /// Before anything is begun.
  void require() throws InterruptedException {
    List<String> unknown = new ArrayList<>();
    for (Region region : regions) {
      if (region.nodes().isEmpty() && !lost.contains(region.name())) {
        unknown.add(region.name());
      }
    }
    for (Node node : all()) {
      switch (state(node)) {
        case SERVES -> throw serves(node);
        case SILENT -> {
          if (!givenUp(node)) {
            unknown.add(node.id());
          }
        }
        case STOPPABLE, SEALED -> {}
      }
    }
    if (!unknown.isEmpty()) {
      throw RestoreException.refused(
          "whether %s still serves is not known: neither the API nor the machine answers\nhint: %s"
              .formatted(
                  String.join(", ", unknown),
                  "a network that is cut looks the same from here. Stop or fence it, and say so by"
                      + " its region's name: --lost "
                      + unknown.getFirst().replaceAll("/.*", "")));
    }
  }

  private static RestoreException serves(Node node) {
    return RestoreException.refused(
        "%s serves at %s, and its machine cannot be told to stop it\nhint: %s"
            .formatted(
                node,
                node.config().address(),
                "seal it (operator seal), stop it by other means, or mend the way to its"
                    + " machine: two clusters with the same leases and tokens must not serve at"
                    + " once"));
  }

  /// `host:port` of what this run stops or finds sealed: there an answer does not count yet.
  Set<String> planned() throws InterruptedException {
    Set<String> places = sealed();
    for (Node node : all()) {
      if (state(node) == State.STOPPABLE) {
        places.add(node.config().apiAuthority());
        places.add(node.config().raftAddress());
      }
    }
    return places;
  }

  /// The APIs of those that nobody could stop and that are sealed: they answer, and pass nothing
  /// on, for their cluster port is closed.
  Set<String> sealed() throws InterruptedException {
    Set<String> places = new HashSet<>();
    for (Node node : all()) {
      if (state(node) == State.SEALED) {
        places.add(node.config().apiAuthority());
      }
    }
    return places;
  }

  /// @param run that takes them; another one must not start them meanwhile
  /// @param who a line for people
  List<Step> steps(String run, String who) throws InterruptedException {
    List<Step> steps = new ArrayList<>();
    for (Node node : all()) {
      steps.add(new Act("stop " + node, text(node), _ -> stopped(node, run, who)));
    }
    return steps;
  }

  private static String text(Node node) throws InterruptedException {
    return switch (state(node)) {
      case STOPPABLE -> "stop " + ClusterRestore.words(node);
      case SEALED -> "see once more that %s is sealed: its machine does not answer".formatted(node);
      case SERVES, SILENT -> "leave %s: nothing of it answers, as you said".formatted(node);
    };
  }

  private Map<String, String> stopped(Node node, String run, String who)
      throws InterruptedException {
    return switch (state(node)) {
      case STOPPABLE -> {
        hold(node, run, who);
        node.stop();
        yield Map.of("fenced", "stopped");
      }
      case SEALED -> Map.of("fenced", "sealed");
      case SERVES -> throw serves(node);
      case SILENT -> {
        if (!givenUp(node)) {
          throw RestoreException.failed(
              "%s does not answer any more, nor does its machine\nhint: %s"
                  .formatted(
                      node,
                      "--lost %s goes on, when you are sure that it serves nobody"
                          .formatted(node.id().replaceAll("/.*", ""))));
        }
        yield Map.of("fenced", "given up");
      }
    };
  }

  /// So that no other run starts it meanwhile. A folder that is gone needs no lock, and keeps
  /// nobody from stopping a server.
  private static void hold(Node node, String run, String who) throws InterruptedException {
    try {
      node.storage().lock(run, who);
    } catch (RestoreException e) {
      if (e.reason() == RestoreException.Reason.BUSY) {
        throw e;
      }
    }
  }

  /// Whoever has started one since this run stopped it, a person or a reboot: the step that stopped
  /// it is not done again.
  void stopAgain(String run, String who) throws InterruptedException {
    for (Node node : all()) {
      if (node.runningIfKnown().equals(Optional.of(true))) {
        var _ = stopped(node, run, who);
      }
    }
  }

  /// How many entries of raft the stopped nodes have that the backup has not: what is lost, at
  /// most, measured and not guessed.
  Map<String, String> count(long backup) throws InterruptedException {
    long last = -1;
    for (Node node : all()) {
      if (state(node) == State.STOPPABLE) {
        try {
          last = Math.max(last, QuorumRestore.lastEntry(node).map(LastEntry::index).orElse(-1L));
        } catch (RaftLogException | MachineException | RestoreException e) {
          // Another may be read.
        }
      }
    }
    return last < 0
        ? Map.of("written after the backup", "not known: the storage there cannot be read")
        : Map.of(
            "written after the backup", "%d entries of raft".formatted(Math.max(0, last - backup)));
  }

  /// Steps of the run: after it has ended, nobody would give them back any more.
  List<Step> last(String run) {
    return all().isEmpty()
        ? List.of()
        : List.of(
            Act.of(
                "give the others back",
                "give the nodes of the other regions back",
                () -> giveBack(run)));
  }

  private void giveBack(String run) throws InterruptedException {
    for (Node node : all()) {
      if (state(node) == State.STOPPABLE) {
        ClusterRestore.giveBack(List.of(node), run);
      }
    }
  }

  @Override
  public void close() {
    nodes.ifPresent(Nodes::close);
  }
}
