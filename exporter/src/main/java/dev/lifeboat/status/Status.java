package dev.lifeboat.status;

import dev.lifeboat.watch.Role;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What is known of this node, its peers and its backups at one instant, ready to be shown.
///
/// @param problems worst first, in words; empty when all is well
/// @param backups empty when no `backup` block is configured
public record Status(
    Instant at, Node node, List<Peer> peers, Optional<Backups> backups, List<Trouble> problems) {
  public Status {
    peers = List.copyOf(peers);
    problems = List.copyOf(problems);
  }

  public enum Severity {
    CRITICAL,
    WARNING
  }

  /// @param text one sentence; @param hint the next action
  public record Trouble(Severity severity, String text, String hint) {}

  /// @param leader the leader's address as this node knows it
  public record Node(
      String name,
      URI address,
      Role role,
      Optional<String> product,
      Optional<String> version,
      Optional<String> clusterName,
      Optional<String> clusterId,
      Optional<String> sealType,
      Optional<String> storageType,
      Optional<URI> leader,
      Optional<Instant> activeSince,
      OptionalLong raftAppliedIndex,
      OptionalLong raftCommittedIndex,
      Instant polledAt) {}

  /// One raft peer, known on the active node only.
  public record Peer(
      String id,
      String address,
      boolean leader,
      boolean voter,
      Optional<Boolean> healthy,
      Optional<String> version,
      Optional<Duration> lastContact,
      OptionalLong indexLag) {}

  /// @param latest newest first, at most ten
  /// @param total how many the stores hold
  /// @param nextRun empty without a schedule
  /// @param lastFailure the newest failure since the last success
  public record Backups(
      List<Backup> latest,
      int total,
      boolean inProgress,
      Optional<Instant> nextRun,
      Optional<String> lastFailure) {
    public Backups {
      latest = List.copyOf(latest);
    }
  }

  /// @param verified how far: when its stored bytes were last proven, and with what
  public record Backup(
      String id,
      Instant takenAt,
      String node,
      long raftIndex,
      long plainBytes,
      long storedBytes,
      List<String> stores,
      Optional<String> verified) {}
}
