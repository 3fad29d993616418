package dev.lifeboat.restore;

import dev.lifeboat.machine.Machine;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The nodes of `restore.nodes`, open: a way to each machine, one client for all their APIs, which
/// knows no other address.
final class Nodes implements AutoCloseable {
  /// A node that applies a snapshot answers nobody for 6 s (measured on both products).
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final VaultConfig vault;
  private final VaultClient client;
  private final List<Node> all;

  private Nodes(VaultConfig vault, VaultClient client, List<Node> all) {
    this.vault = vault;
    this.client = client;
    this.all = List.copyOf(all);
  }

  /// @param vault for its rules of TLS and its bounds; its addresses are not used
  static Nodes open(RestoreConfig config, VaultConfig vault) {
    if (config.nodes().isEmpty()) {
      throw RestoreException.refused(
          "restore.nodes names no node\nhint: add a block for each node of the cluster; see"
              + " docs/restore.md");
    }
    VaultConfig own = at(config.nodes(), vault, config.nodes().getFirst().address());
    VaultClient client = VaultClient.open(own, RequestObserver.NONE);
    List<Node> nodes = new ArrayList<>();
    for (NodeConfig node : config.nodes()) {
      nodes.add(
          new Node(
              node, node.machine().open(), client.node(node.address()), config.startTimeout()));
    }
    return new Nodes(own, client, nodes);
  }

  private static VaultConfig at(List<NodeConfig> nodes, VaultConfig vault, URI address) {
    Duration request = vault.requestTimeout();
    return new VaultConfig(
        address,
        nodes.stream().map(NodeConfig::address).filter(each -> !each.equals(address)).toList(),
        0,
        vault.namespace(),
        vault.tls(),
        vault.auth(),
        vault.connectTimeout(),
        request.compareTo(PATIENCE) > 0 ? request : PATIENCE);
  }

  /// A client whose own node is this one: logins go there.
  VaultClient clientOf(Node node) {
    List<URI> peers =
        all.stream().filter(each -> each != node).map(each -> each.config().address()).toList();
    return VaultClient.open(vault.at(node.config().address(), peers), RequestObserver.NONE);
  }

  VaultConfig vault() {
    return vault;
  }

  List<Node> all() {
    return all;
  }

  Node first() {
    return all.getFirst();
  }

  List<Node> others(Node node) {
    return all.stream().filter(each -> each != node).toList();
  }

  @Override
  public void close() {
    client.close();
    all.stream().map(Node::machine).forEach(Machine::close);
  }
}
