package dev.lifeboat.restore;

import dev.lifeboat.config.Section;
import dev.lifeboat.postgresql.PostgresqlConfig;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The `restore` block: the nodes of the cluster, and how they are got at when none of them serves.
///
/// @param folder of journals and, while a run lasts, of the decrypted snapshot
/// @param auth with docs/policies/restore.hcl; that of backups when absent
/// @param startTimeout how long one node may take to start, to join, to stop
/// @param after a program that is told, on its standard input, when all is back; empty for none
/// @param nodes in the order of their lines; the first takes the backup
/// @param regions that the cluster can live in
/// @param postgresql the database that takes a dump
/// @param scratch where copies are looked into, beside a cluster that lives
public record RestoreConfig(
    Path folder,
    Optional<Auth> auth,
    Duration startTimeout,
    List<String> after,
    List<NodeConfig> nodes,
    RegionsConfig regions,
    Optional<PostgresqlConfig> postgresql,
    Optional<NodeConfig> scratch) {
  private static final String OF_NODE = "is that of %s, a node of %s";
  private static final String CLUSTER = "the cluster";
  private static final String OWN_MACHINE =
      "a scratch node is emptied for each backup: give it a machine of its own";
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  public RestoreConfig {
    after = List.copyOf(after);
    nodes = List.copyOf(nodes);
  }

  /// Of a cluster that lives in one place, of which no data lies in a database, and without a
  /// scratch node.
  public RestoreConfig(
      Path folder,
      Optional<Auth> auth,
      Duration startTimeout,
      List<String> after,
      List<NodeConfig> nodes) {
    this(
        folder,
        auth,
        startTimeout,
        after,
        nodes,
        RegionsConfig.NONE,
        Optional.empty(),
        Optional.empty());
  }

  public static RestoreConfig from(Section restore) {
    Optional<PostgresqlConfig> postgresql = PostgresqlConfig.target(restore.section("postgresql"));
    List<NodeConfig> nodes = NodeConfig.all(restore.section("nodes"), postgresql.isPresent());
    RegionsConfig regions = RegionsConfig.from(restore);
    return new RestoreConfig(
        restore.path("folder"),
        restore.has("auth") ? Optional.of(Auth.from(restore.section("auth"))) : Optional.empty(),
        restore.duration("start-timeout", SHORTEST, LONGEST),
        restore.texts("after"),
        nodes,
        regions,
        postgresql,
        scratch(restore, nodes, regions));
  }

  /// A node of the cluster would be emptied for a look at a backup.
  private static Optional<NodeConfig> scratch(
      Section restore, List<NodeConfig> nodes, RegionsConfig regions) {
    if (!restore.has("scratch")) {
      return Optional.empty();
    }
    Section block = restore.section("scratch");
    String id = block.optionalText("node-id").orElse("scratch");
    NodeConfig.requireName(block, "node-id", id);
    NodeConfig scratch = NodeConfig.from(id, block, false);
    refuseOwn(block, scratch, nodes, CLUSTER);
    for (RegionsConfig.Region region : regions.all()) {
      refuseOwn(block, scratch, region.nodes(), "region " + region.name());
    }
    return Optional.of(scratch);
  }

  /// @param home whose nodes they are
  private static void refuseOwn(
      Section block, NodeConfig scratch, List<NodeConfig> nodes, String home) {
    for (NodeConfig node : nodes) {
      if (node.apiAuthority().equals(scratch.apiAuthority())) {
        block.problem("address", OF_NODE.formatted(node.id(), home), OWN_MACHINE);
      }
      if (node.folder().isPresent()
          && node.folder().equals(scratch.folder())
          && node.machine().words().equals(scratch.machine().words())) {
        block.problem("storage", OF_NODE.formatted(node.id(), home), OWN_MACHINE);
      }
    }
  }

  /// The scratch node alone. Nobody is told that a copy is back.
  RestoreConfig copies() {
    return new RestoreConfig(
        folder,
        auth,
        startTimeout,
        List.of(),
        List.of(
            scratch.orElseThrow(
                () ->
                    RestoreException.refused(
                        "restore.scratch is not set, and a backup is looked into there\nhint:"
                            + " docs/restore.md says what it needs"))),
        regions,
        postgresql,
        scratch);
  }

  /// Without some of the nodes, each of which must be there.
  public RestoreConfig without(List<String> names) {
    names.forEach(this::node);
    return with(nodes.stream().filter(each -> !names.contains(each.id())).toList());
  }

  /// Without some of the nodes of a region, each of which must be there.
  public RestoreConfig without(String region, List<String> names) {
    return new RestoreConfig(
        folder,
        auth,
        startTimeout,
        after,
        nodes,
        regions.without(region, names),
        postgresql,
        scratch);
  }

  /// The same with other nodes.
  public RestoreConfig with(List<NodeConfig> others) {
    return new RestoreConfig(
        folder, auth, startTimeout, after, others, regions, postgresql, scratch);
  }

  /// Of the nodes one by its name.
  public NodeConfig node(String id) {
    return nodes.stream()
        .filter(node -> node.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                RestoreException.refused(
                    "restore.nodes has no node '%s'\nhint: %s"
                        .formatted(
                            id,
                            nodes.isEmpty()
                                ? "add a block for each node; see docs/restore.md"
                                : "there is "
                                    + String.join(
                                        ", ", nodes.stream().map(NodeConfig::id).toList()))));
  }
}
