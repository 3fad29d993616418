package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Optional;

/// A backup that is to become a cluster again.
///
/// @param force whether a node may take the snapshot of a cluster of other keys
/// @param oldClusterAccepted whether it is done although the old cluster can be reached
/// @param replaces the name of another cluster that these nodes serve now and may lose
/// @param shares that open the backup; none for one that opens itself
/// @param beside the nodes of the old cluster that lives on, for a copy beside it
public record ClusterOrder(
    Source source,
    boolean force,
    boolean oldClusterAccepted,
    Optional<String> replaces,
    List<Share> shares,
    Optional<CanaryConfig> canary,
    Optional<List<NodeConfig>> beside) {
  public ClusterOrder {
    shares = List.copyOf(shares);
    beside = beside.map(List::copyOf);
  }

  /// One that takes the old cluster's place.
  public ClusterOrder(
      Source source,
      boolean force,
      boolean oldClusterAccepted,
      Optional<String> replaces,
      List<Share> shares,
      Optional<CanaryConfig> canary) {
    this(source, force, oldClusterAccepted, replaces, shares, canary, Optional.empty());
  }

  public ClusterOrder with(List<Share> found) {
    return new ClusterOrder(source, force, oldClusterAccepted, replaces, found, canary, beside);
  }
}
