package dev.lifeboat.lab.bench;

import dev.lifeboat.config.Secret;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.ClusterNode;
import dev.lifeboat.lab.NodeControl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A whole cluster out of a backup, from the command to every node proven, beside a script of the
/// server's own commands that waits for what it has to and proves nothing; and a quorum out of one
/// survivor.
final class RestoreTime implements Benchmark {
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final double QUORUM_SECONDS_MAX = 10;

  private final Map<String, List<Double>> steps = new LinkedHashMap<>();

  @Override
  public String name() {
    return "restore";
  }

  @Override
  public int defaultRuns() {
    return 3;
  }

  @Override
  public List<Finding> run(Workbench workbench, int runs) {
    workbench.says(
        "a cluster of three with %d tenants of %d secrets, backed up and lost"
            .formatted(LostCluster.TENANTS, LostCluster.SECRETS));
    try (var lost = LostCluster.open(workbench.server(), workbench.newFolder())) {
      workbench.says("restore cluster, and a script of the server's commands, in turn");
      var times = new Duel(() -> ours(lost), () -> script(lost, lost.folder())).run(0, runs);
      workbench.says("restore quorum");
      List<Double> quorum = new ArrayList<>();
      for (int run = 0; run < runs; run++) {
        quorum.add(quorum(lost));
      }
      return List.of(
          new Finding(
              name(),
              new Samples("cluster lost → 3 nodes proven", Unit.SECONDS, times.ours()),
              Optional.of(
                  new Samples("script: init … snapshot restore", Unit.SECONDS, times.theirs())),
              new Goal.Ratio(1.0),
              List.of(phases())),
          new Finding(
              name(),
              new Samples("quorum lost → 3 nodes proven", Unit.SECONDS, quorum),
              Optional.empty(),
              new Goal.Each(QUORUM_SECONDS_MAX),
              List.of()));
    }
  }

  private double ours(LostCluster lost) {
    try (var fresh = lost.emptyNodes();
        var control = NodeControl.of(fresh)) {
      var agent = lost.agentFor(control);
      long began = System.nanoTime();
      var result =
          agent
              .run(
                  "restore",
                  "cluster",
                  "--force",
                  "--cluster",
                  "bench",
                  "--yes",
                  "--json",
                  "--share-file",
                  lost.shareFile().toString(),
                  "--identity",
                  lost.identity().toString())
              .require();
      double seconds = (System.nanoTime() - began) / 1e9;
      note(JsonMapper.shared().readTree(result.output()), seconds);
      LostCluster.requireAll(fresh);
      return seconds;
    }
  }

  private void note(JsonNode report, double seconds) {
    double within = 0;
    for (JsonNode step : report.path("steps")) {
      double took = step.path("seconds").asDouble();
      within += took;
      String kind = step.path("step").asString().replaceAll(" (into )?node-\\d$", "");
      add(kind, took);
    }
    add("everything else, start of the program included", seconds - within);
  }

  private void add(String kind, double seconds) {
    steps.computeIfAbsent(kind, _ -> new ArrayList<>()).add(seconds);
  }

  private String phases() {
    List<String> words = new ArrayList<>();
    steps.forEach(
        (kind, seconds) ->
            words.add(
                String.format(
                    Locale.ROOT,
                    "%s %.2f s",
                    kind,
                    new Samples(kind, Unit.SECONDS, seconds).median())));
    return "median of each kind of step: " + String.join(", ", words);
  }

  /// As in the field: everything that must be waited for is asked for ten times a second.
  private static double script(LostCluster lost, Path folder) {
    try (var fresh = lost.emptyNodes()) {
      long began = System.nanoTime();
      ClusterNode first = fresh.nodes().getFirst();
      fresh.nodes().forEach(fresh::startOnly);
      var one = new ProductScript(first, fresh.binary(), lost.rootToken(), folder);
      await("the first to answer", () -> first.health() == 501);
      JsonNode init =
          JsonMapper.shared()
              .readTree(
                  one.run("operator", "init", "-format=json", "-key-shares=5", "-key-threshold=3"));
      List<String> keys = new ArrayList<>();
      init.path("unseal_keys_b64").forEach(key -> keys.add(key.asString()));
      unseal(lost, first, fresh, folder, keys);
      await("the first to lead", () -> first.health() == 200);
      for (ClusterNode node : fresh.nodes().subList(1, fresh.nodes().size())) {
        at(lost, node, fresh, folder).run("operator", "raft", "join", first.address().toString());
        unseal(lost, node, fresh, folder, keys);
      }
      var root = new Secret(init.path("root_token").asString());
      await("three voters", () -> fresh.voters(root) == fresh.nodes().size());
      new ProductScript(first, fresh.binary(), root, folder)
          .run("operator", "raft", "snapshot", "restore", "-force", lost.snapshot().toString());
      await(
          "all to be sealed", () -> fresh.nodes().stream().allMatch(node -> node.health() == 503));
      List<String> old = lost.shares().stream().map(Secret::reveal).toList();
      for (ClusterNode node : fresh.nodes()) {
        unseal(lost, node, fresh, folder, old);
      }
      for (ClusterNode node : fresh.nodes()) {
        await(
            "a secret of " + node,
            () ->
                at(lost, node, fresh, folder)
                        .attempt("kv", "get", "-mount=secret", "tenants/t1/s1")
                        .exit()
                    == 0);
      }
      return (System.nanoTime() - began) / 1e9;
    }
  }

  private static ProductScript at(LostCluster lost, ClusterNode node, Cluster fresh, Path folder) {
    return new ProductScript(node, fresh.binary(), lost.rootToken(), folder);
  }

  private static void unseal(
      LostCluster lost, ClusterNode node, Cluster fresh, Path folder, List<String> keys) {
    for (String key : keys.subList(0, 3)) {
      await(
          node + " to take a share",
          () -> at(lost, node, fresh, folder).attempt("operator", "unseal", key).exit() == 0);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    Await.until(what, BOUND, condition);
  }

  private static double quorum(LostCluster lost) {
    try (var left = lost.withoutQuorum();
        var control = NodeControl.of(left)) {
      ClusterNode survivor = left.nodes().getFirst();
      Await.until("the survivor not to lead", BOUND, () -> survivor.health() != 200);
      var agent = lost.agentFor(control);
      long began = System.nanoTime();
      agent
          .run("restore", "quorum", "--yes", "--share-file", lost.shareFile().toString())
          .require();
      double seconds = (System.nanoTime() - began) / 1e9;
      LostCluster.requireAll(left);
      return seconds;
    }
  }
}
