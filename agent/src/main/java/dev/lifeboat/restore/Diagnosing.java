package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.canary.Canary;
import dev.lifeboat.canary.CanaryException;
import dev.lifeboat.config.Secret;
import dev.lifeboat.restore.Diagnosis.OfNode;
import dev.lifeboat.restore.Evidence.Finding;
import dev.lifeboat.restore.Evidence.Leading;
import dev.lifeboat.vault.AutopilotState;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultConfig.Auth;
import dev.lifeboat.vault.VaultException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Looks at every node of `restore.nodes` for damage. Writes nothing, stops nothing.
public final class Diagnosing implements AutoCloseable {
  private static final String OF_DATABASE = "see docs/postgresql.md";

  private final Nodes nodes;
  private final Access access;
  private final Duration pause;

  private Diagnosing(Nodes nodes, Access access, Duration pause) {
    this.nodes = nodes;
    this.access = access;
    this.pause = pause;
  }

  /// @param auth with which autopilot is asked and values are read
  /// @param pause between the two looks at the raft index
  public static Diagnosing open(
      RestoreConfig config, VaultConfig vault, Auth auth, InstantSource clock, Duration pause) {
    Nodes nodes = Nodes.open(config, vault);
    return new Diagnosing(nodes, new Access(nodes, auth, clock), pause);
  }

  /// @param canary is read when there is one
  /// @param paths of the API that are read besides, such as `secret/data/tenant`
  public Diagnosis look(Optional<CanaryConfig> canary, List<String> paths)
      throws InterruptedException {
    List<Seen> seen = new ArrayList<>();
    for (Node node : nodes.all()) {
      seen.add(Seen.of(node));
    }
    Optional<Seen> first = seen.stream().filter(Seen::leads).findFirst();
    Thread.sleep(pause);
    List<String> unknown = new ArrayList<>();
    Map<String, AutopilotState.Server> autopilot = new HashMap<>();
    Readings readings = new Readings(pause);
    Optional<Node> leader = first.map(each -> node(each.node().id()));
    if (leader.isPresent()) {
      try {
        Secret token = access.token(leader.get());
        autopilot(leader.get(), token, autopilot, unknown);
        readings.read(open(seen), leader.get(), token, canary, paths, unknown);
      } catch (VaultException e) {
        unknown.add("autopilot, and what the nodes read: " + e.sentence());
      }
    }
    Optional<Leading> leading =
        first.map(
            each ->
                new Leading(
                    each.node().id(),
                    each.index().orElse(-1),
                    node(each.node().id()).namedLeader()));
    List<OfNode> found = new ArrayList<>();
    for (Seen each : seen) {
      found.add(
          judged(each, leading, Optional.ofNullable(autopilot.get(each.node().id())), readings));
    }
    return concluded(first.map(each -> each.node().id()), found, unknown, readings.wrong());
  }

  private Node node(String id) {
    return nodes.all().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
  }

  private List<Node> open(List<Seen> seen) {
    return seen.stream().filter(Diagnosing::isOpen).map(each -> node(each.node().id())).toList();
  }

  private static boolean isOpen(Seen seen) {
    return seen.status().filter(each -> each.initialized() && !each.sealed()).isPresent();
  }

  private static void autopilot(
      Node leader, Secret token, Map<String, AutopilotState.Server> into, List<String> unknown) {
    try {
      for (AutopilotState.Server server : leader.api().autopilot(token).servers()) {
        into.put(server.id(), server);
      }
    } catch (VaultException e) {
      unknown.add("what autopilot says: " + e.sentence());
    }
  }

  private OfNode judged(
      Seen seen,
      Optional<Leading> leading,
      Optional<AutopilotState.Server> autopilot,
      Readings readings)
      throws InterruptedException {
    Node node = node(seen.node().id());
    long index = isOpen(seen) ? node.appliedIndex() : -1;
    OptionalLong later = index < 0 ? OptionalLong.empty() : OptionalLong.of(index);
    Optional<URI> follows = later.isPresent() ? node.namedLeader() : Optional.empty();
    ServerLog log = ServerLog.of(node);
    Finding finding =
        new Evidence(seen, later, leading, autopilot, follows, log, readings.trouble(node.id()))
            .finding();
    return new OfNode(
        seen,
        later,
        autopilot,
        readings.good(node.id()),
        log.read(),
        log.lines().stream().map(ServerLog.Line::text).toList(),
        finding.verdict(),
        finding.why(),
        next(node, finding.verdict()));
  }

  private static Optional<String> next(Node node, Verdict verdict) {
    return switch (verdict) {
      case SOUND, BEHIND -> Optional.empty();
      case DAMAGED, EMPTY ->
          Optional.of(
              node.config().folder().isPresent() ? "lifeboat restore node " + node : OF_DATABASE);
      case DISK ->
          Optional.of(
              "df -h%s on %s; when the disk is well, start it and look again"
                  .formatted(
                      node.config().folder().map(each -> " " + each).orElse(""),
                      node.machine().words()));
      case SEALED -> Optional.of("lifeboat unseal --node " + node.config().address());
      case STOPPED ->
          Optional.of(
              "%s on %s"
                  .formatted(String.join(" ", node.config().start()), node.machine().words()));
      case UNKNOWN -> Optional.of("see its log on " + node.machine().words());
    };
  }

  /// Where nobody leads, no node can be rebuilt from the others.
  private static Diagnosis concluded(
      Optional<String> leader, List<OfNode> found, List<String> unknown, List<String> wrong) {
    List<OfNode> nodes = found;
    Optional<String> next = Optional.empty();
    if (leader.isEmpty()) {
      nodes = found.stream().map(each -> lost(each) ? without(each) : each).toList();
      next = Optional.of(whereNobodyLeads(nodes));
    } else if (!wrong.isEmpty()) {
      next = Optional.of("lifeboat restore bisect -- CHECK-COMMAND");
    }
    return new Diagnosis(leader, nodes, unknown, wrong, next);
  }

  /// A node that says nothing, on a machine that says nothing, may be dead or behind a cut cable:
  /// whoever reads this knows.
  private static String whereNobodyLeads(List<OfNode> nodes) {
    List<String> silent =
        nodes.stream().filter(Diagnosing::silent).map(each -> each.seen().node().id()).toList();
    long lost = nodes.stream().filter(each -> lost(each) || silent(each)).count();
    boolean all = lost == nodes.size();
    boolean raft = nodes.stream().anyMatch(each -> each.seen().node().folder().isPresent());
    if (!raft && all) {
      return OF_DATABASE;
    }
    if (!raft || lost * 2 < nodes.size()) {
      return "start and open the others: lifeboat unseal --all";
    }
    String when =
        silent.isEmpty()
            ? ""
            : ", when %s %s gone for good"
                .formatted(String.join(", ", silent), silent.size() == 1 ? "is" : "are");
    if (all) {
      return "lifeboat restore cluster" + when;
    }
    StringBuilder command = new StringBuilder("lifeboat restore quorum");
    silent.forEach(each -> command.append(" --dead ").append(each));
    return command + when;
  }

  private static boolean lost(OfNode node) {
    return node.verdict() == Verdict.DAMAGED || node.verdict() == Verdict.EMPTY;
  }

  private static boolean silent(OfNode node) {
    return node.seen().status().isEmpty() && node.seen().runs().isEmpty();
  }

  private static OfNode without(OfNode node) {
    return new OfNode(
        node.seen(),
        node.later(),
        node.autopilot(),
        node.reads(),
        node.logRead(),
        node.log(),
        node.verdict(),
        node.why(),
        Optional.empty());
  }

  /// Where a canary lies in the API.
  static Optional<String> path(
      Node leader, Secret token, CanaryConfig canary, List<String> unknown) {
    try {
      return Optional.of(Canary.dataPath(leader.api(), token, canary.path()));
    } catch (CanaryException | VaultException e) {
      unknown.add("the canary: " + RestoreException.sentence(e));
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    access.close();
    nodes.close();
  }
}
