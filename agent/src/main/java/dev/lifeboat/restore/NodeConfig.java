package dev.lifeboat.restore;

import dev.lifeboat.config.Section;
import dev.lifeboat.machine.MachineConfig;
import dev.lifeboat.vault.VaultConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// One node: where it answers, and how its server is started, stopped and emptied.
///
/// @param key of its block, such as `restore.nodes.node-1`, for messages
/// @param id its raft node id, which is the name of the block
/// @param address of its API
/// @param clusterAddress `host:port`, as raft knows it; the API's port and one where it is not
///   given
/// @param folder of its raft storage, `path` in the server's configuration; empty where its data
///   lies in a database
/// @param running ends with 0 while the server runs
/// @param log prints what the server has said within the last hour
/// @param machine on which these commands are carried out
public record NodeConfig(
    String key,
    String id,
    URI address,
    Optional<String> clusterAddress,
    Optional<Path> folder,
    List<String> start,
    List<String> stop,
    List<String> running,
    List<String> log,
    MachineConfig machine) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}");
  private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9@:_.-]{1,200}");
  private static final Pattern HOST_AND_PORT = Pattern.compile("[^\\s/]+:[0-9]{1,5}");
  private static final String DEFAULT_SERVICE = "openbao";

  public NodeConfig {
    start = List.copyOf(start);
    stop = List.copyOf(stop);
    running = List.copyOf(running);
    log = List.copyOf(log);
  }

  /// A block for each, named by its id, in the order of their lines.
  ///
  /// @param database whether their data may lie in one
  static List<NodeConfig> all(Section blocks, boolean database) {
    List<NodeConfig> nodes = new ArrayList<>();
    Set<String> addresses = new HashSet<>();
    for (String name : blocks.names("")) {
      requireName(blocks, name, name);
      NodeConfig node = from(name, blocks.section(name), database);
      if (!addresses.add(node.apiAuthority())) {
        blocks
            .section(name)
            .problem("address", "another node has this address as well", "one block a node");
      }
      nodes.add(node);
    }
    return nodes;
  }

  /// @param key at which it stands
  static void requireName(Section block, String key, String name) {
    if (!NAME.matcher(name).matches()) {
      block.problem(
          key,
          "'%s' is no name for a node".formatted(name),
          "the raft node id: letters, digits, dots, dashes");
    }
  }

  /// The same under another name, for people.
  NodeConfig named(String name) {
    return new NodeConfig(
        key, name, address, clusterAddress, folder, start, stop, running, log, machine);
  }

  /// One of `restore.nodes`.
  public NodeConfig(
      String id,
      URI address,
      Optional<String> clusterAddress,
      Optional<Path> folder,
      List<String> start,
      List<String> stop,
      List<String> running,
      List<String> log,
      MachineConfig machine) {
    this(
        "restore.nodes." + id,
        id,
        address,
        clusterAddress,
        folder,
        start,
        stop,
        running,
        log,
        machine);
  }

  /// One with raft storage, whose log is not kept anywhere.
  public NodeConfig(
      String id,
      URI address,
      Optional<String> clusterAddress,
      Path storage,
      List<String> start,
      List<String> stop,
      List<String> running,
      MachineConfig machine) {
    this(
        id,
        address,
        clusterAddress,
        Optional.of(storage),
        start,
        stop,
        running,
        List.of("true"),
        machine);
  }

  /// @param database whether its data may lie in one
  static NodeConfig from(String id, Section node, boolean database) {
    URI address = node.address("address");
    VaultConfig.refusePlain(node, "address", address);
    Optional<String> cluster = node.optionalText("cluster-address");
    if (cluster.isPresent() && !HOST_AND_PORT.matcher(cluster.get()).matches()) {
      node.problem(
          "cluster-address",
          "host and port were expected, found \"%s\"".formatted(cluster.get()),
          "as operator raft list-peers shows it, such as 10.0.0.1:8201");
    }
    Optional<Path> folder =
        database && !node.has("storage") ? Optional.empty() : Optional.of(node.path("storage"));
    if (folder.isPresent() && folder.get().getNameCount() < 2) {
      node.problem(
          "storage",
          "'%s' is no folder of a server's storage".formatted(folder.get()),
          "`path` of storage \"raft\" in the server's configuration");
    }
    String service = service(node);
    return new NodeConfig(
        node.path(),
        id,
        address,
        cluster,
        folder,
        command(node, "start", List.of("systemctl", "start", service)),
        command(node, "stop", List.of("systemctl", "stop", service)),
        command(node, "running", List.of("systemctl", "is-active", "--quiet", service)),
        command(node, "log", journal(service)),
        MachineConfig.from(node));
  }

  /// The newest lines: a server that falls over again and again says the same each time.
  private static List<String> journal(String service) {
    return List.of(
        "journalctl",
        "--unit",
        service,
        "--since",
        "-1h",
        "--lines",
        "20000",
        "--output",
        "cat",
        "--no-pager");
  }

  private static String service(Section node) {
    if (!node.has("service")) {
      return DEFAULT_SERVICE;
    }
    String service = node.text("service");
    if (!SERVICE.matcher(service).matches()) {
      node.problem("service", "'%s' is no unit of systemd".formatted(service), "such as openbao");
    }
    return service;
  }

  private static List<String> command(Section node, String key, List<String> otherwise) {
    if (!node.has(key)) {
      return otherwise;
    }
    List<String> command = node.texts(key);
    if (command.isEmpty()) {
      node.problem(key, "must name a program", "leave it out to use systemctl");
      return otherwise;
    }
    return command;
  }

  /// The folder of its raft storage; refuses without one.
  Path storage() {
    return folder.orElseThrow(
        () ->
            RestoreException.refused(
                "%s has no storage\nhint: `path` of storage \"raft\"; the dump of a".formatted(key)
                    + " database comes back by lifeboat restore postgresql, which needs none"));
  }

  /// Where raft reaches it, as far as it is known.
  String raftAddress() {
    return clusterAddress.orElseGet(() -> address.getHost() + ":" + (port(address) + 1));
  }

  /// The one that is meant where none is written.
  static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return "http".equals(address.getScheme()) ? 80 : 443;
  }

  /// `host:port` of its API.
  String apiAuthority() {
    return address.getHost() + ":" + port(address);
  }
}
