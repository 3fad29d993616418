package dev.lifeboat.status;

import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Role;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

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

  /// @param nodeName what people call the watched node
  /// @param expectedPeers `vault.expected-peers`; 0 when not said
  /// @param backupInterval between two scheduled backups; zero without a schedule
  public static Status of(
      NodeState state,
      String nodeName,
      int expectedPeers,
      Optional<Backups> backups,
      Duration backupInterval,
      Instant now) {
    return new Status(
        now,
        NodeFacts.node(state, nodeName),
        NodeFacts.peers(state),
        backups,
        Troubles.of(state, nodeName, expectedPeers, backups, backupInterval, now));
  }

  /// The worst of the problems; empty when all is well.
  public Optional<Severity> worst() {
    return problems.stream().map(Trouble::severity).min(Comparator.naturalOrder());
  }

  /// Worst first.
  public enum Severity {
    CRITICAL,
    WARNING;

    /// `critical` or `warning`.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @param text one sentence
  /// @param hint the next action, one sentence
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

  /// Whether the stores were read: what is not known is not "none".
  public enum Stores {
    READ,
    /// At least one, but not all.
    PARTLY,
    /// Not since the agent started or its node became active.
    NOT_YET,
    UNREADABLE
  }

  /// A store that could not be read.
  ///
  /// @param required whether a backup fails without it
  /// @param why no full stop at its end
  public record Unreadable(String store, boolean required, String why) {}

  /// @param stores unless `READ` or `PARTLY`, `latest` and `total` say nothing
  /// @param latest newest first, at most ten
  /// @param total how many those stores hold that could be read
  /// @param nextRun empty without a schedule
  /// @param lastFailure the newest failure since the last success
  /// @param nextRuns by schedule; empty where they are not known apart
  /// @param tampered a sentence for each store where somebody deleted or overwrote what still is
  ///   there
  /// @param wrong a sentence for each copy that its newest verification found wrong
  /// @param unreadable the stores that could not be read
  /// @param missing a sentence for each store that lacks backups which were there
  public record Backups(
      Stores stores,
      List<Backup> latest,
      int total,
      boolean inProgress,
      Optional<Instant> nextRun,
      Optional<String> lastFailure,
      List<String> tampered,
      List<String> wrong,
      Map<String, Instant> nextRuns,
      List<Unreadable> unreadable,
      List<String> missing) {
    public Backups {
      latest = List.copyOf(latest);
      tampered = List.copyOf(tampered);
      wrong = List.copyOf(wrong);
      nextRuns = Collections.unmodifiableMap(new TreeMap<>(nextRuns));
      unreadable = List.copyOf(unreadable);
      missing = List.copyOf(missing);
    }

    /// Whether `latest` and `total` say anything.
    boolean known() {
      return stores == Stores.READ || stores == Stores.PARTLY;
    }

    /// When each schedule's next backup is due; `nextRun` is the first of them.
    public Backups withNextRuns(Map<String, Instant> runs) {
      return new Backups(
          stores,
          latest,
          total,
          inProgress,
          nextRun,
          lastFailure,
          tampered,
          wrong,
          runs,
          unreadable,
          missing);
    }

    /// The schedule whose turn is next, when there are several.
    Optional<String> nextSchedule() {
      return nextRuns.size() < 2
          ? Optional.empty()
          : nextRuns.entrySet().stream().min(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
    }

    /// With nothing tampered, wrong, unreadable or missing.
    public Backups(
        Stores stores,
        List<Backup> latest,
        int total,
        boolean inProgress,
        Optional<Instant> nextRun,
        Optional<String> lastFailure) {
      this(
          stores,
          latest,
          total,
          inProgress,
          nextRun,
          lastFailure,
          List.of(),
          List.of(),
          Map.of(),
          List.of(),
          List.of());
    }

    public Backups withTampered(List<String> sentences) {
      return new Backups(
          stores,
          latest,
          total,
          inProgress,
          nextRun,
          lastFailure,
          sentences,
          wrong,
          nextRuns,
          unreadable,
          missing);
    }

    public Backups withWrong(List<String> sentences) {
      return new Backups(
          stores,
          latest,
          total,
          inProgress,
          nextRun,
          lastFailure,
          tampered,
          sentences,
          nextRuns,
          unreadable,
          missing);
    }

    public Backups withUnreadable(List<Unreadable> away) {
      return new Backups(
          stores,
          latest,
          total,
          inProgress,
          nextRun,
          lastFailure,
          tampered,
          wrong,
          nextRuns,
          away,
          missing);
    }

    public Backups withMissing(List<String> sentences) {
      return new Backups(
          stores,
          latest,
          total,
          inProgress,
          nextRun,
          lastFailure,
          tampered,
          wrong,
          nextRuns,
          unreadable,
          sentences);
    }

    /// Of stores that were read.
    public Backups(
        List<Backup> latest,
        int total,
        boolean inProgress,
        Optional<Instant> nextRun,
        Optional<String> lastFailure) {
      this(Stores.READ, latest, total, inProgress, nextRun, lastFailure);
    }
  }

  /// @param raftIndex empty for the dump of a database
  /// @param verified how far: when its stored bytes were last proven, and with what
  /// @param trouble why it cannot be trusted; empty when signed by a pinned key
  public record Backup(
      String id,
      Instant takenAt,
      String node,
      Optional<Long> raftIndex,
      long plainBytes,
      long storedBytes,
      List<String> stores,
      Optional<String> verified,
      Optional<String> trouble) {
    public Backup {
      stores = List.copyOf(stores);
    }
  }
}
