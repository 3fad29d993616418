package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Optional;

/// The dump of a database that is to become a cluster again.
///
/// @param oldClusterAccepted whether it is done although the old cluster can be reached
/// @param replaces the name of another cluster that these nodes serve now
/// @param shares that open the backup; none for one that opens itself
public record PostgresqlOrder(
    Source source,
    boolean oldClusterAccepted,
    Optional<String> replaces,
    List<Share> shares,
    Optional<CanaryConfig> canary) {
  public PostgresqlOrder {
    shares = List.copyOf(shares);
  }

  public PostgresqlOrder with(List<Share> found) {
    return new PostgresqlOrder(source, oldClusterAccepted, replaces, found, canary);
  }
}
