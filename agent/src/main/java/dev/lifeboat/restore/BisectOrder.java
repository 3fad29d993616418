package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.unseal.Share;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The newest good backup is to be found.
///
/// @param candidates the oldest first
/// @param good the place of one that is said to be good
/// @param bad the place of one that is said to be bad
/// @param replaces the name of another cluster that the scratch node serves now and may lose
/// @param shares that open the backups; none for those that open themselves
/// @param living the nodes of the cluster that lives on
/// @param check the command that is asked, and what it is told besides the environment of ours
public record BisectOrder(
    List<Source> candidates,
    OptionalInt good,
    OptionalInt bad,
    Optional<String> replaces,
    List<Share> shares,
    Optional<CanaryConfig> canary,
    List<NodeConfig> living,
    CheckProgram check) {
  public BisectOrder {
    candidates = List.copyOf(candidates);
    shares = List.copyOf(shares);
    living = List.copyOf(living);
  }

  public BisectOrder with(List<Share> found) {
    return new BisectOrder(candidates, good, bad, replaces, found, canary, living, check);
  }

  Bisection bisection() {
    return new Bisection(candidates.size(), good, bad);
  }

  /// Of one of them, into the scratch node.
  ClusterOrder of(Source candidate) {
    boolean shamir = candidate.manifest().seal().type().equals("shamir");
    return new ClusterOrder(
        candidate,
        shamir,
        false,
        replaces,
        shamir ? shares : List.of(),
        canary,
        Optional.of(living));
  }
}
