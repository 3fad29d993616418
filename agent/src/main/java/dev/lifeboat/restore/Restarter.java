package dev.lifeboat.restore;

import dev.lifeboat.vault.VaultConfig;
import java.net.URI;

/// Restarts single nodes by their commands in `restore.nodes`.
public final class Restarter implements AutoCloseable {
  private final Nodes nodes;

  private Restarter(Nodes nodes) {
    this.nodes = nodes;
  }

  public static Restarter open(RestoreConfig config, VaultConfig vault) {
    return new Restarter(Nodes.open(config, vault));
  }

  /// Returns when it answers again, sealed or not.
  ///
  /// @param address of its API, as in `restore.nodes`
  public void restart(URI address) throws InterruptedException {
    node(address).restart();
  }

  private Node node(URI address) {
    return nodes.all().stream()
        .filter(node -> node.config().address().equals(address))
        .findFirst()
        .orElseThrow(
            () ->
                RestoreException.refused(
                    "restore.nodes has no node at %s\nhint: %s"
                        .formatted(
                            address,
                            "its address there must be the one in vault.address or vault.peers")));
  }

  @Override
  public void close() {
    nodes.close();
  }
}
