package dev.lifeboat.restore;

import dev.lifeboat.journal.Step;
import dev.lifeboat.machine.MachineException;
import dev.lifeboat.raftlog.LastEntry;
import dev.lifeboat.raftlog.RaftLogException;
import dev.lifeboat.restore.RegionsConfig.Region;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The regions that the cluster is brought away from. None of their nodes may serve any more: each
/// is stopped by its machine; where that cannot be asked, it is sealed, or its region was given up
/// by name.
final class Fence implements AutoCloseable {
  /// The fact of a step that says how a node was kept from serving.
  static final String FENCED = "fenced";

  static final String STOPPED = "stopped";
  static final String GIVEN_UP = "given up";

  private final List<Region> regions;
  private final List<String> lost;
  private final Optional<Nodes> nodes;

  /// What can be done about a node.
  enum State {
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

  /// Refuses while the cluster lives in a region whose nodes are not those of `restore.nodes`: what
  /// would be started here is what was stopped there.
  static void refuseElsewhere(RestoreConfig config, VaultConfig vault) {
    List<String> own = config.nodes().stream().map(NodeConfig::apiAuthority).toList();
    List<NodeConfig> others =
        nodes(config.regions().all()).stream()
            .filter(node -> !own.contains(node.apiAuthority()))
            .toList();
    if (others.isEmpty()) {
      return;
    }
    try (Nodes open = Nodes.open(config.with(others), vault)) {
      open.all().stream()
          .filter(Node::leads)
          .findFirst()
          .ifPresent(
              node -> {
                String region = region(node.id());
                throw RestoreException.refused(
                    "%s leads: the cluster lives in %s, and restore.nodes names others\nhint: %s"
                        .formatted(
                            node,
                            region,
                            "restore.nodes = ${restore.regions.%s.nodes}; lifeboat restore region"
                                    .formatted(region)
                                + " moves it"));
              });
    }
  }

  /// Those of each, under names such as `east/node-1`.
  static List<NodeConfig> nodes(List<Region> regions) {
    List<NodeConfig> all = new ArrayList<>();
    for (Region region : regions) {
      region.nodes().forEach(node -> all.add(node.named(region.name() + "/" + node.id())));
    }
    return all;
  }

  /// Of such a name.
  private static String region(String node) {
    return node.replaceFirst("/.*", "");
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
    try {
      return node.api().sealStatus().sealed() ? State.SEALED : State.SERVES;
    } catch (VaultException e) {
      return switch (e.reason()) {
        case UNREACHABLE, TIMEOUT, TRUNCATED, STALLED -> State.SILENT;
        // What we cannot understand, for its certificate perhaps, is not dead.
        default -> State.SERVES;
      };
    }
  }

  /// Each as it is now. Of a region that is silent that takes its time, so it is asked once for all
  /// that a plan wants to know.
  Map<Node, State> survey() throws InterruptedException {
    Map<Node, State> states = new LinkedHashMap<>();
    for (Node node : all()) {
      states.put(node, state(node));
    }
    return states;
  }

  private boolean givenUp(Node node) {
    return lost.contains(region(node.id()));
  }

  /// Before anything is begun.
  void require(Map<Node, State> survey) {
    List<String> unknown = new ArrayList<>();
    for (Region region : regions) {
      if (region.nodes().isEmpty() && !lost.contains(region.name())) {
        unknown.add(region.name());
      }
    }
    survey.forEach(
        (node, state) -> {
          switch (state) {
            case SERVES -> throw serves(node);
            case SILENT -> {
              if (!givenUp(node)) {
                unknown.add(node.id());
              }
            }
            case STOPPABLE, SEALED -> {}
          }
        });
    if (!unknown.isEmpty()) {
      throw RestoreException.refused(
          "whether %s still serves is not known: neither the API nor the machine answers\nhint: %s"
              .formatted(
                  String.join(", ", unknown),
                  "a network that is cut looks the same from here. Stop or fence it, and say so by"
                      + " its region's name: --lost "
                      + region(unknown.getFirst())));
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
  static Set<String> planned(Map<Node, State> survey) {
    Set<String> places = new HashSet<>();
    survey.forEach(
        (node, state) -> {
          if (state == State.STOPPABLE || state == State.SEALED) {
            places.add(node.config().apiAuthority());
          }
          if (state == State.STOPPABLE) {
            places.add(node.config().raftAddress());
          }
        });
    return places;
  }

  /// The APIs of those that nobody could stop and that are sealed: they answer, and pass nothing
  /// on, for their cluster port is closed.
  Set<String> sealed() throws InterruptedException {
    Set<String> places = new HashSet<>();
    survey()
        .forEach(
            (node, state) -> {
              if (state == State.SEALED) {
                places.add(node.config().apiAuthority());
              }
            });
    return places;
  }

  /// @param run that takes them; another one must not start them meanwhile
  /// @param who a line for people
  List<Step> steps(Map<Node, State> survey, String run, String who) {
    List<Step> steps = new ArrayList<>();
    survey.forEach(
        (node, state) ->
            steps.add(new Act("stop " + node, text(node, state), _ -> stopped(node, run, who))));
    return steps;
  }

  private static String text(Node node, State state) {
    return switch (state) {
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
        yield Map.of(FENCED, STOPPED);
      }
      case SEALED -> Map.of(FENCED, "sealed");
      case SERVES -> throw serves(node);
      case SILENT -> {
        if (!givenUp(node)) {
          throw RestoreException.failed(
              "%s does not answer any more, nor does its machine\nhint: %s"
                  .formatted(
                      node,
                      "--lost %s goes on, when you are sure that it serves nobody"
                          .formatted(region(node.id()))));
        }
        yield Map.of(FENCED, GIVEN_UP);
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
  /// it is not done again. Refuses what serves all the same.
  void stopAgain(String run, String who) throws InterruptedException {
    for (Node node : all()) {
      if (node.runningIfKnown().equals(Optional.of(true))) {
        var _ = stopped(node, run, who);
      }
    }
    require(survey());
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
            new Act(
                "give the others back",
                "give the nodes of the other regions back",
                _ -> giveBack(run)));
  }

  /// One whose folder is gone keeps nobody from the end.
  private Map<String, String> giveBack(String run) throws InterruptedException {
    List<Node> asked = new ArrayList<>();
    for (Node node : all()) {
      if (state(node) == State.STOPPABLE) {
        asked.add(node);
      }
    }
    Set<String> kept = new GiveBack(run, List.of()).nodes(asked).keySet();
    return kept.isEmpty() ? Map.of() : Map.of("still taken", String.join(", ", kept));
  }

  @Override
  public void close() {
    nodes.ifPresent(Nodes::close);
  }
}
