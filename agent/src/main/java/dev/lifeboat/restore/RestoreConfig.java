package dev.lifeboat.restore;

import dev.lifeboat.config.Section;
import dev.lifeboat.postgresql.PostgresqlConfig;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The `restore` block: the nodes of the cluster, and how they are got at when none of them serves.
///
/// @param folder of journals and, while a run lasts, of the decrypted snapshot
/// @param auth with docs/policies/restore.hcl; that of backups when absent
/// @param startTimeout how long one node may take to start, to join, to stop
/// @param after a program that is told, on its standard input, when all is back; empty for none
/// @param nodes in the order of their lines; the first takes the backup
/// @param postgresql the database that takes a dump
public record RestoreConfig(
    Path folder,
    Optional<Auth> auth,
    Duration startTimeout,
    List<String> after,
    List<NodeConfig> nodes,
    Optional<PostgresqlConfig> postgresql) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}");
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  public RestoreConfig {
    after = List.copyOf(after);
    nodes = List.copyOf(nodes);
  }

  /// Where no data lies in a database.
  public RestoreConfig(
      Path folder,
      Optional<Auth> auth,
      Duration startTimeout,
      List<String> after,
      List<NodeConfig> nodes) {
    this(folder, auth, startTimeout, after, nodes, Optional.empty());
  }

  public static RestoreConfig from(Section restore) {
    Optional<PostgresqlConfig> postgresql = PostgresqlConfig.target(restore.section("postgresql"));
    List<NodeConfig> nodes = new ArrayList<>();
    Set<String> addresses = new HashSet<>();
    Section blocks = restore.section("nodes");
    for (String name : blocks.names("")) {
      if (!NAME.matcher(name).matches()) {
        blocks.problem(
            name,
            "'%s' is no name for a node".formatted(name),
            "the raft node id: letters, digits, dots, dashes");
      }
      NodeConfig node = NodeConfig.from(name, blocks.section(name), postgresql.isPresent());
      if (!addresses.add(node.apiAuthority())) {
        blocks
            .section(name)
            .problem("address", "another node has this address as well", "one block a node");
      }
      nodes.add(node);
    }
    return new RestoreConfig(
        restore.path("folder"),
        restore.has("auth") ? Optional.of(Auth.from(restore.section("auth"))) : Optional.empty(),
        restore.duration("start-timeout", SHORTEST, LONGEST),
        restore.texts("after"),
        nodes,
        postgresql);
  }

  /// Without some of the nodes, each of which must be there.
  public RestoreConfig without(List<String> names) {
    names.forEach(this::node);
    return new RestoreConfig(
        folder,
        auth,
        startTimeout,
        after,
        nodes.stream().filter(each -> !names.contains(each.id())).toList(),
        postgresql);
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
