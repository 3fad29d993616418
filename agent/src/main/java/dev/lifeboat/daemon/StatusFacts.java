package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.status.Status;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.watch.NodeState;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The status of one configuration's node, the same for the page, the socket and the command line.
public final class StatusFacts {
  private static final int SHOWN = 10;

  private StatusFacts() {}

  /// @param interval between two scheduled backups; zero without a schedule
  public static Status status(
      LifeboatConfig config,
      NodeState state,
      Optional<Status.Backups> backups,
      Duration interval,
      Instant now) {
    String name = config.backup().map(BackupConfig::node).orElseGet(StatusFacts::hostName);
    return Status.of(state, name, config.vault().expectedPeers(), backups, interval, now);
  }

  /// @param entries newest first
  static Status.Backups backups(
      Status.Stores stores,
      List<Entry> entries,
      boolean inProgress,
      Optional<Instant> nextRun,
      Optional<String> lastFailure) {
    return new Status.Backups(
            stores,
            entries.stream().flatMap(StatusFacts::row).limit(SHOWN).toList(),
            entries.size(),
            inProgress,
            nextRun,
            lastFailure)
        .withWrong(wrong(entries));
  }

  /// How far the stores were read.
  static Status.Stores stores(Catalogue.Survey survey, int configured) {
    if (survey.failures().isEmpty()) {
      return Status.Stores.READ;
    }
    return survey.failures().size() < configured ? Status.Stores.PARTLY : Status.Stores.UNREADABLE;
  }

  /// @param failures by store
  static List<Status.Unreadable> unreadable(
      Map<String, StoreException> failures, BackupConfig config) {
    return config.stores().stream()
        .flatMap(
            store ->
                Optional.ofNullable(failures.get(store.name()))
                    .map(
                        failure ->
                            new Status.Unreadable(
                                store.name(), store.required(), Reasons.sentence(failure)))
                    .stream())
        .toList();
  }

  /// One for each store that lacks backups which were there.
  static List<String> missing(Map<String, List<String>> ids) {
    return ids.entrySet().stream()
        .filter(store -> !store.getValue().isEmpty())
        .map(
            store ->
                "In the store %s %s that its retention keeps; the newest of them was %s."
                    .formatted(
                        store.getKey(),
                        store.getValue().size() == 1
                            ? "a backup is missing"
                            : store.getValue().size() + " backups are missing",
                        store.getValue().getLast()))
        .toList();
  }

  /// One for each copy whose newest verification found it wrong, the newest backups first.
  private static List<String> wrong(List<Entry> entries) {
    return entries.stream()
        .flatMap(entry -> entry.checks().values().stream())
        .filter(check -> !check.good())
        .map(
            check ->
                "The backup %s in the store %s is not what was written: %s: %s (verified %s)."
                    .formatted(
                        check.backup(),
                        check.store(),
                        check.findings().getFirst().object(),
                        check.findings().getFirst().message(),
                        check.at().truncatedTo(ChronoUnit.SECONDS)))
        .limit(SHOWN)
        .toList();
  }

  /// What was done to the objects of these stores, as their last listing saw it.
  static List<String> tampered(List<? extends Store> stores) {
    return stores.stream()
        .filter(store -> !store.troubles().isEmpty())
        .map(
            store ->
                "In the store %s %d objects were deleted or overwritten, the first: %s."
                    .formatted(
                        store.name(),
                        store.troubles().size(),
                        store.troubles().getFirst().sentence()))
        .toList();
  }

  /// A manifest that cannot even be parsed has nothing to show in a row.
  private static Stream<Status.Backup> row(Entry entry) {
    return entry.manifest().stream()
        .map(
            manifest ->
                new Status.Backup(
                    entry.id(),
                    manifest.takenAt(),
                    manifest.node(),
                    manifest.raft().map(Manifest.Raft::index),
                    manifest.plain().bytes(),
                    manifest.stored().bytes(),
                    entry.stores(),
                    Optional.of(entry.verified()),
                    entry.trouble()));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
