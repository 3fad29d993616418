package dev.lifeboat.restore;

import dev.lifeboat.backup.Manifest;
import dev.lifeboat.journal.Course;
import dev.lifeboat.journal.Step;
import dev.lifeboat.restore.RegionsConfig.PublicName;
import dev.lifeboat.restore.RegionsConfig.Region;
import dev.lifeboat.route53.RecordException;
import dev.lifeboat.route53.RecordSet;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A cluster out of a backup in another region: the nodes of the others are fenced first, and the
/// public name is switched when most of the nodes are proven. The way back is the same.
public final class RegionRestore implements AutoCloseable {
  private static final String KIND = "restore-region-";

  /// What the name answered before a process of this run switched it.
  private static final String BEFORE = "before";

  private final RestoreConfig config;
  private final VaultConfig vault;
  private final Region region;
  private final Fence fence;
  private final Restoring restoring;
  private final Restoring.Surroundings surroundings;
  private final Restoring.Run run;

  private RegionRestore(
      RestoreConfig config,
      VaultConfig vault,
      Region region,
      Fence fence,
      Restoring restoring,
      Restoring.Surroundings surroundings,
      Restoring.Run run) {
    this.config = config;
    this.vault = vault;
    this.region = region;
    this.fence = fence;
    this.restoring = restoring;
    this.surroundings = surroundings;
    this.run = run;
  }

  /// Of a run of [Restoring].
  public static String kind(String region) {
    return KIND + region;
  }

  /// The nodes that a run of this kind holds: those of `restore.nodes`, or of all regions.
  public static RestoreConfig held(RestoreConfig config, String kind) {
    if (!kind.startsWith(KIND)) {
      return config;
    }
    String name = kind.substring(KIND.length());
    if (config.regions().all().stream().noneMatch(each -> each.name().equals(name))) {
      // It was taken out of the configuration: then nothing of it can be given back.
      return config;
    }
    Region target = config.regions().region(name);
    List<NodeConfig> nodes = new ArrayList<>(target.nodes());
    nodes.addAll(Fence.nodes(config.regions().others(target)));
    return config.with(nodes);
  }

  /// @param lost the other regions of which somebody is sure that they serve nobody
  /// @param auth with which a node that is back is asked
  public static RegionRestore open(
      RestoreConfig config,
      String name,
      List<String> lost,
      VaultConfig vault,
      Auth auth,
      Restoring.Surroundings surroundings,
      Restoring.Run run) {
    Region region = config.regions().region(name);
    if (region.nodes().isEmpty()) {
      throw RestoreException.refused(
          "restore.regions.%s names no node\nhint: add a block for each node that is to serve there"
              .formatted(name));
    }
    Fence fence = Fence.open(config, region, lost, vault);
    try {
      Restoring restoring =
          Restoring.open(config.with(region.nodes()), vault, auth, surroundings, run);
      return new RegionRestore(config, vault, region, fence, restoring, surroundings, run);
    } catch (RuntimeException e) {
      fence.close();
      throw e;
    }
  }

  /// The leader of another region, while one serves.
  public Optional<URI> servedElsewhere() {
    return fence.leader().map(node -> node.config().address());
  }

  /// Each node as it is now, those of the others last.
  public List<Seen> look() throws InterruptedException {
    List<Seen> seen = new ArrayList<>(restoring.look());
    seen.addAll(fence.look());
    return seen;
  }

  /// Whether another region serves although this run was to take the cluster from it: what is
  /// written there since its backup would be left behind, so a new run takes its place.
  public boolean isOvertaken() {
    return run.earlier().isPresent()
        && fence.leader().isPresent()
        && restoring.nodes().all().stream().noneMatch(Node::leads);
  }

  /// What [#carryOut] will do, in words; refuses what cannot be done.
  public List<String> plan(ClusterOrder order) throws InterruptedException {
    String cluster = order.source().manifest().cluster().id();
    if (run.earlier().isEmpty()) {
      for (Node node : restoring.nodes().all()) {
        if (node.leads() && node.api().sealStatus().clusterId().equals(Optional.of(cluster))) {
          throw RestoreException.refused(servesAlready(node));
        }
      }
    }
    Map<Node, Fence.State> survey = fence.survey();
    fence.require(survey);
    return restoring.clusterPlan(order, around(order, survey));
  }

  private String servesAlready(Node node) {
    return fence
        .leader()
        .map(
            other ->
                "%s and %s both lead this cluster\nhint: %s"
                    .formatted(
                        node,
                        other,
                        "stop the one that clients should not have, now: they revoke each other's"
                            + " leases"))
        .orElseGet(
            () ->
                "%s serves this cluster already: %s leads\nhint: %s"
                    .formatted(
                        region.name(),
                        node,
                        "lifeboat restore cluster brings a backup back where the cluster lives"));
  }

  /// Carries it out, from where it was when it was begun before.
  public Report carryOut(ClusterOrder order, Course.Listener listener) throws InterruptedException {
    if (run.earlier().filter(earlier -> !earlier.harmless()).isPresent()) {
      fence.stopAgain(run.name(), surroundings.who());
    }
    return restoring.cluster(order, around(order, fence.survey()), listener);
  }

  private Around around(ClusterOrder order, Map<Node, Fence.State> survey)
      throws InterruptedException {
    Manifest manifest = order.source().manifest();
    List<Step> before = new ArrayList<>(fence.steps(survey, run.name(), surroundings.who()));
    before.add(
        new Act(
            "count what came after",
            "count what was written there after the backup",
            _ -> fence.count(manifest.raft().map(Manifest.Raft::index).orElse(0L))));
    return new Around(
        Fence.planned(survey), fence::sealed, before, serving(order), fence.last(run.name()));
  }

  /// Who comes next: clients.
  private List<Step> serving(ClusterOrder order) throws InterruptedException {
    List<Step> steps = new ArrayList<>();
    Optional<PublicName> name = config.regions().name();
    Duration cached = name.map(PublicName::ttl).orElse(Duration.ZERO);
    if (name.isPresent()) {
      Now now = now(name.get());
      cached = cached.compareTo(now.ttl()) > 0 ? cached : now.ttl();
      steps.add(switching(name.get(), now));
    }
    Optional<URI> address = config.regions().publicAddress();
    // Where restore.after switches, nothing leads here yet.
    if (address.isPresent() && (name.isPresent() || config.after().isEmpty())) {
      Duration bound = config.startTimeout().plus(cached);
      steps.add(
          new Act(
              "ask as clients do",
              "write and read through %s until it leads here".formatted(address.get()),
              _ -> asked(address.get(), order, bound)));
    }
    return steps;
  }

  private Step switching(PublicName name, Now now) {
    if (!region.isAnswered()) {
      return Act.of(
          "leave the name",
          "leave %s as it is, %s: restore.regions.%s has no answers"
              .formatted(name.words(), now.answer(), region.name()),
          () -> {});
    }
    RecordSet wanted = name.leadingTo(region);
    return new Act(
        "switch the name",
        "let %s answer %s: now %s".formatted(name.words(), wanted.answer(), now.answer()),
        notes -> switched(name, wanted, notes));
  }

  private Map<String, String> asked(URI address, ClusterOrder order, Duration bound)
      throws InterruptedException {
    fence.stopAgain(run.name(), surroundings.who());
    Node leader = restoring.leader();
    FrontDoor door =
        new FrontDoor(
            address,
            vault,
            order.source().manifest().cluster().id(),
            leader.api().leader().address().orElse(leader.config().address()),
            order.canary());
    return door.proven(restoring.token(), bound);
  }

  /// What the name answers before anything is done.
  private record Now(String answer, Duration ttl) {}

  /// That AWS cannot be asked now must not keep a cluster from coming back.
  private static Now now(PublicName name) throws InterruptedException {
    try {
      Optional<RecordSet> found = name.read();
      return new Now(
          found.map(RecordSet::answer).orElse("nothing"),
          found.flatMap(RecordSet::ttl).orElse(Duration.ZERO));
    } catch (RecordException e) {
      return new Now("not known, " + RestoreException.sentence(e), Duration.ZERO);
    }
  }

  private Map<String, String> switched(PublicName name, RecordSet wanted, Step.Notes notes)
      throws InterruptedException {
    // A machine that was started again meanwhile would take the clients of before.
    fence.stopAgain(run.name(), surroundings.who());
    Optional<RecordSet> now = name.read();
    Map<String, String> facts = new HashMap<>();
    facts.put(
        BEFORE,
        notes.all().getOrDefault(BEFORE, now.map(RecordSet::words).orElse("no such record")));
    notes.add(facts);
    if (now.filter(wanted::answersLike).isEmpty()) {
      name.write(wanted, config.startTimeout());
    }
    facts.put("now", wanted.words());
    return facts;
  }

  @Override
  public void close() {
    restoring.close();
    fence.close();
  }
}
