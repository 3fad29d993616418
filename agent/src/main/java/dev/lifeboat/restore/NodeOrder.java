package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Optional;

/// One node is to be rebuilt from the others.
///
/// @param shares of the unseal key; none for a node that opens itself
public record NodeOrder(String node, List<Share> shares, Optional<CanaryConfig> canary) {
  public NodeOrder {
    shares = List.copyOf(shares);
  }

  public NodeOrder with(List<Share> found) {
    return new NodeOrder(node, found, canary);
  }
}
