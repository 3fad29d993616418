package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Optional;

/// Nodes that are left are to become a cluster again.
///
/// @param dead the nodes that whoever gives the order has stopped or fenced
/// @param shares of the unseal key; none for nodes that open themselves
public record QuorumOrder(List<String> dead, List<Share> shares, Optional<CanaryConfig> canary) {
  public QuorumOrder {
    dead = List.copyOf(dead);
    shares = List.copyOf(shares);
  }

  public QuorumOrder with(List<Share> found) {
    return new QuorumOrder(dead, found, canary);
  }
}
