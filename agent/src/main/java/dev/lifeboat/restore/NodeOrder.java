package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Optional;

/// One node is to be rebuilt from the others.
///
/// @param shares of the unseal key; none for a node that opens itself
public record NodeOrder(String node, Shares shares, Optional<CanaryConfig> canary) {
  /// One that has its shares.
  public NodeOrder(String node, List<Share> shares, Optional<CanaryConfig> canary) {
    this(node, Shares.known(shares), canary);
  }

  public NodeOrder with(Shares found) {
    return new NodeOrder(node, found, canary);
  }
}
