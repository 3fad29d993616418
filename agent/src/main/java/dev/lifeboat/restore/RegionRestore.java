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
    Region target = config.regions().region(kind.substring(KIND.length()));
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

  /// What [#carryOut] will do, in words; refuses what cannot be done.
  public List<String> plan(ClusterOrder order) throws InterruptedException {
    String cluster = order.source().manifest().cluster().id();
    if (run.earlier().isEmpty()) {
      for (Node node : restoring.nodes().all()) {
        if (node.leads() && node.api().sealStatus().clusterId().equals(Optional.of(cluster))) {
          throw RestoreException.refused(
              "%s serves this cluster already: %s leads\nhint: %s"
                  .formatted(
                      region.name(),
                      node,
                      "lifeboat restore cluster brings a backup back where the cluster lives"));
        }
      }
    }
    fence.require();
    return restoring.clusterPlan(order, around(order));
  }

  /// Carries it out, from where it was when it was begun before.
  public Report carryOut(ClusterOrder order, Course.Listener listener) throws InterruptedException {
    if (run.earlier().filter(earlier -> !earlier.harmless()).isPresent()) {
      fence.stopAgain(run.name(), surroundings.who());
    }
    return restoring.cluster(order, around(order), listener);
  }

  private Around around(ClusterOrder order) throws InterruptedException {
    Manifest manifest = order.source().manifest();
    List<Step> before = new ArrayList<>(fence.steps(run.name(), surroundings.who()));
    before.add(
        new Act(
            "count what came after",
            "count what was written there after the backup",
            _ -> fence.count(manifest.raft().map(Manifest.Raft::index).orElse(0L))));
    List<Step> serving = new ArrayList<>();
    Optional<PublicName> name = config.regions().name().filter(_ -> region.isAnswered());
    if (name.isPresent()) {
      RecordSet wanted = name.get().leadingTo(region);
      serving.add(
          new Act(
              "switch the name",
              "let %s answer %s: now %s"
                  .formatted(name.get().words(), wanted.answer(), now(name.get())),
              notes -> switched(name.get(), wanted, notes)));
    }
    Optional<URI> address = config.regions().publicAddress();
    if (address.isPresent()) {
      FrontDoor door = new FrontDoor(address.get(), vault, manifest.cluster().id(), order.canary());
      Duration bound = config.startTimeout().plus(name.map(PublicName::ttl).orElse(Duration.ZERO));
      serving.add(
          new Act(
              "ask as clients do",
              "write and read through %s until it leads here".formatted(address.get()),
              _ -> door.proven(restoring.token(), bound)));
    }
    return new Around(fence.planned(), fence::sealed, before, serving, fence.last(run.name()));
  }

  /// For the plan. That AWS cannot be asked now must not keep a cluster from coming back.
  private static String now(PublicName name) throws InterruptedException {
    try {
      return name.read().map(RecordSet::answer).orElse("nothing");
    } catch (RecordException e) {
      return "not known, "
          + String.valueOf(e.getMessage()).lines().findFirst().orElse("it cannot be read");
    }
  }

  private Map<String, String> switched(PublicName name, RecordSet wanted, Step.Notes notes)
      throws InterruptedException {
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
