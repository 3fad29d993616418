package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Optional;

/// Nodes that are left are to become a cluster again.
///
/// @param dead the nodes that whoever gives the order has stopped or fenced
/// @param copied whether the survivor's data is copied before it goes on
/// @param shares of the unseal key; none for nodes that open themselves
public record QuorumOrder(
    List<String> dead, boolean copied, Shares shares, Optional<CanaryConfig> canary) {
  public QuorumOrder {
    dead = List.copyOf(dead);
  }

  /// One that copies first, and has its shares.
  public QuorumOrder(List<String> dead, List<Share> shares, Optional<CanaryConfig> canary) {
    this(dead, true, Shares.known(shares), canary);
  }

  public QuorumOrder with(Shares found) {
    return new QuorumOrder(dead, copied, found, canary);
  }
}
