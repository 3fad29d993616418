package dev.lifeboat.daemon;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Check;
import dev.lifeboat.backup.FailureReason;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.collector.Collector;
import dev.lifeboat.collector.Metric;
import dev.lifeboat.collector.Samples;
import dev.lifeboat.kms.KmsConfig;
import dev.lifeboat.status.Status;
import dev.lifeboat.store.CountedStore;
import dev.lifeboat.store.StoreConfig;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// `vault_backup_*`: the runs of this process, and what the stores hold.
///
/// What a restart must not forget (the last success, its size and index) is read from the stores.
/// Only backups that can be trusted count.
///
/// ```
/// vault_backup_runs_total 3.0
/// vault_backup_failures_total{reason="denied"} 0.0       # … one for every reason
/// vault_backup_last_success_timestamp_seconds 1.7643e9
/// vault_backup_stored_snapshots{destination="local"} 7.0
/// ```
public final class BackupCollector implements Collector {
  static final Metric RUNS =
      Metric.counter("vault_backup_runs_total", "Backup runs that ended, well or not");
  static final Metric FAILURES =
      Metric.counter("vault_backup_failures_total", "Backup runs that failed", "reason");
  static final Metric SLOTS_TAKEN =
      Metric.counter(
          "vault_backup_slots_taken_total",
          "Backup runs given up because another agent had stored the backup of the slot");
  static final Metric SLOTS_HELD =
      Metric.counter(
          "vault_backup_slots_held_total",
          "Backup runs not begun because another agent had claimed the slot");
  static final Metric CONSECUTIVE_FAILURES =
      Metric.gauge(
          "vault_backup_consecutive_failures", "Failed runs since the last one that did not fail");
  static final Metric IN_PROGRESS =
      Metric.gauge("vault_backup_in_progress", "1 while a backup is being taken");
  static final Metric LAST_ATTEMPT =
      Metric.gauge(
          "vault_backup_last_attempt_timestamp_seconds",
          "When this process last began a backup; absent before its first");
  static final Metric LAST_SUCCESS =
      Metric.gauge(
          "vault_backup_last_success_timestamp_seconds",
          "When the newest backup in any store that can be read was taken; absent without one");
  static final Metric NEXT_RUN =
      Metric.gauge(
          "vault_backup_next_run_timestamp_seconds",
          "When the schedule's next backup is due, should this node lead then",
          "schedule");
  static final Metric INTERVAL =
      Metric.gauge(
          "vault_backup_interval_seconds",
          "The longest time between two backups of the schedule that comes most often; absent"
              + " without one");
  static final Metric LAST_SIZE =
      Metric.gauge("vault_backup_last_size_bytes", "Size of the newest backup's plain snapshot");
  static final Metric LAST_DURATION =
      Metric.gauge(
          "vault_backup_last_duration_seconds",
          "How long the last backup of this process took that did not fail");
  static final Metric LAST_INDEX =
      Metric.gauge("vault_backup_last_raft_index", "Raft index of the newest backup");
  static final Metric DURATION =
      Metric.histogram(
          "vault_backup_duration_seconds", "How long the backups took that did not fail");
  static final Metric STORED =
      Metric.gauge("vault_backup_stored_snapshots", "Trusted backups in the store", "destination");
  static final Metric STORED_BYTES =
      Metric.gauge(
          "vault_backup_stored_bytes", "What trusted backups take in the store", "destination");
  static final Metric OLDEST =
      Metric.gauge(
          "vault_backup_oldest_snapshot_timestamp_seconds",
          "When the store's oldest trusted backup was taken",
          "destination");
  static final Metric NEWEST =
      Metric.gauge(
          "vault_backup_newest_snapshot_timestamp_seconds",
          "When the store's newest trusted backup was taken",
          "destination");
  static final Metric UNTRUSTED =
      Metric.gauge(
          "vault_backup_untrusted_snapshots",
          "Manifests in the store that are damaged or not signed by a trusted key",
          "destination");

  static final Metric READABLE =
      Metric.gauge(
          "vault_backup_store_readable",
          "1 when the store could be read when it was read last; without it nothing else is told of"
              + " what it holds",
          "destination");
  static final Metric MISSING =
      Metric.gauge(
          "vault_backup_store_missing_backups",
          "Backups that this agent saw in the store and that its retention keeps, but that are"
              + " gone",
          "destination");

  static final Metric RECIPIENTS =
      Metric.gauge(
          "vault_backup_recipients",
          "For how many recipients the newest backup's data key lies in its stores");

  static final Metric KIT_FILES =
      Metric.gauge(
          "vault_backup_kit_files",
          "Files in the recovery kit of the newest backup; absent without a kit");

  static final Metric KIT_UNREADABLE =
      Metric.gauge(
          "vault_backup_kit_unreadable_files",
          "Files that should be in the recovery kit of the newest backup and could not be read");

  static final Metric KMS_LEFT_OUT =
      Metric.counter(
          "vault_backup_kms_left_out_total",
          "Backups whose data key this key of KMS, which is not required, has not wrapped",
          "kms");

  static final Metric UPLOADS =
      Metric.counter(
          "vault_backup_uploads_total",
          "Objects that were to be put into the store",
          "destination");
  static final Metric UPLOAD_FAILURES =
      Metric.counter(
          "vault_backup_upload_failures_total",
          "Objects that the store did not take",
          "destination");
  static final Metric LEFT_OUT =
      Metric.counter(
          "vault_backup_store_left_out_total",
          "Backups that were stored without this store, which is not required",
          "destination");
  static final Metric HIDDEN =
      Metric.gauge(
          "vault_backup_store_hidden_objects",
          "Objects that somebody else deleted or overwrote, though they can still be read",
          "destination");
  static final Metric DELETED =
      Metric.counter(
          "vault_backup_deleted_snapshots_total",
          "Backups that this process deleted because the retention no longer keeps them",
          "destination");
  static final Metric DELETE_FAILURES =
      Metric.counter(
          "vault_backup_delete_failures_total",
          "Backups that should have been deleted and were not, or not wholly",
          "destination");
  static final Metric LOCK_EXTENSIONS =
      Metric.counter(
          "vault_backup_lock_extensions_total",
          "Backups whose object lock was extended because the retention keeps them for longer",
          "destination");
  static final Metric LOCK_FAILURES =
      Metric.counter(
          "vault_backup_lock_extension_failures_total",
          "Backups whose object lock should have been extended and was not, or not wholly",
          "destination");
  static final Metric EXPIRE_REFUSED =
      Metric.gauge(
          "vault_backup_expire_refused",
          "1 when nothing was deleted because a clock is wrong or too much would have gone",
          "destination");
  static final Metric LAST_VERIFIED =
      Metric.gauge(
          "vault_backup_last_verified_timestamp_seconds",
          "When a backup in the store was last verified and found good, by its records; absent"
              + " without one",
          "destination");
  static final Metric NEXT_VERIFICATION =
      Metric.gauge(
          "vault_backup_next_verification_timestamp_seconds",
          "When stored backups are verified next, should this node lead then; absent without a"
              + " schedule");
  static final Metric VERIFICATIONS =
      Metric.counter(
          "vault_backup_verifications_total",
          "Stored backups that this process verified by schedule, each store for itself");
  static final Metric WRONG =
      Metric.gauge(
          "vault_backup_wrong_snapshots",
          "Backups in the store whose newest verification found them wrong",
          "destination");
  static final Metric VERIFICATION_FAILURES =
      Metric.counter(
          "vault_backup_verification_failures_total",
          "Backups that were not what had been written when they were read back");

  static final List<Metric> METRICS =
      List.of(
          RUNS,
          FAILURES,
          SLOTS_TAKEN,
          SLOTS_HELD,
          CONSECUTIVE_FAILURES,
          IN_PROGRESS,
          LAST_ATTEMPT,
          LAST_SUCCESS,
          NEXT_RUN,
          INTERVAL,
          LAST_SIZE,
          LAST_DURATION,
          LAST_INDEX,
          DURATION,
          STORED,
          STORED_BYTES,
          OLDEST,
          NEWEST,
          UNTRUSTED,
          READABLE,
          MISSING,
          RECIPIENTS,
          KIT_FILES,
          KIT_UNREADABLE,
          KMS_LEFT_OUT,
          UPLOADS,
          UPLOAD_FAILURES,
          LEFT_OUT,
          HIDDEN,
          DELETED,
          DELETE_FAILURES,
          LOCK_EXTENSIONS,
          LOCK_FAILURES,
          EXPIRE_REFUSED,
          LAST_VERIFIED,
          NEXT_VERIFICATION,
          VERIFICATIONS,
          WRONG,
          VERIFICATION_FAILURES);

  private final BackupDesk desk;
  private final BackupRuns runs;
  private final Times times;
  private final List<CountedStore> stores;

  /// When something is due next.
  ///
  /// @param backups by schedule
  /// @param verification empty without a schedule
  record Times(Supplier<Map<String, Instant>> backups, Supplier<Optional<Instant>> verification) {}

  BackupCollector(BackupDesk desk, BackupRuns runs, Times times, List<CountedStore> stores) {
    this.stores = List.copyOf(stores);
    this.desk = desk;
    this.runs = runs;
    this.times = times;
  }

  @Override
  public String name() {
    return "backup";
  }

  @Override
  public MetricSnapshots collect() {
    Samples samples = new Samples();
    addRuns(samples, desk.counts());
    times.backups().get().forEach((schedule, next) -> samples.add(NEXT_RUN, next, schedule));
    times.verification().get().ifPresent(next -> samples.add(NEXT_VERIFICATION, next));
    Duration interval = desk.interval();
    if (!interval.isZero()) {
      samples.add(INTERVAL, interval);
    }
    addRead(samples, desk.reading());
    return samples.snapshots(desk.counts().duration());
  }

  private void addRuns(Samples samples, BackupCounts counts) {
    samples.add(RUNS, counts.runs());
    for (FailureReason reason : FailureReason.values()) {
      samples.add(FAILURES, counts.failures(reason), reason.label());
    }
    samples.add(SLOTS_TAKEN, counts.slotsTaken());
    samples.add(SLOTS_HELD, counts.slotsHeld());
    samples.add(CONSECUTIVE_FAILURES, counts.consecutiveFailures());
    samples.add(IN_PROGRESS, runs.current().isPresent());
    counts.lastAttempt().ifPresent(at -> samples.add(LAST_ATTEMPT, at));
    counts.lastDuration().ifPresent(took -> samples.add(LAST_DURATION, took));
    samples.add(VERIFICATIONS, counts.verifications());
    samples.add(VERIFICATION_FAILURES, counts.verificationFailures());
    for (KmsConfig kms : desk.config().kms()) {
      samples.add(KMS_LEFT_OUT, counts.leftOut("kms." + kms.name()), kms.name());
    }
    for (CountedStore store : stores) {
      samples.add(UPLOADS, store.uploads(), store.name());
      samples.add(UPLOAD_FAILURES, store.failures(), store.name());
      samples.add(HIDDEN, (long) store.troubles().size(), store.name());
      samples.add(LEFT_OUT, counts.leftOut(store.name()), store.name());
      samples.add(DELETED, counts.deleted(store.name()), store.name());
      samples.add(DELETE_FAILURES, counts.deleteFailures(store.name()), store.name());
      samples.add(LOCK_EXTENSIONS, counts.locked(store.name()), store.name());
      samples.add(LOCK_FAILURES, counts.lockFailures(store.name()), store.name());
      samples.add(EXPIRE_REFUSED, counts.expireRefused(store.name()), store.name());
    }
  }

  private void addRead(Samples samples, Shelf.Reading reading) {
    if (reading.stores() == Status.Stores.NOT_YET) {
      return;
    }
    for (StoreConfig store : desk.config().stores()) {
      boolean readable =
          reading.contents().isPresent() && !reading.failures().containsKey(store.name());
      samples.add(READABLE, readable, store.name());
    }
    reading.missing().forEach((store, ids) -> samples.add(MISSING, (long) ids.size(), store));
    reading.contents().ifPresent(c -> addStored(samples, c, reading.failures().keySet()));
  }

  private void addStored(Samples samples, Shelf.Contents contents, Set<String> away) {
    contents.trusted().stream()
        .max(Comparator.comparing(Manifest::takenAt))
        .ifPresent(
            newest -> {
              samples.add(LAST_SUCCESS, newest.takenAt());
              samples.add(LAST_SIZE, newest.plain().bytes());
              newest.raft().ifPresent(raft -> samples.add(LAST_INDEX, raft.index()));
              newest
                  .kit()
                  .ifPresent(
                      kit -> {
                        samples.add(KIT_FILES, (long) kit.files());
                        samples.add(KIT_UNREADABLE, (long) kit.unreadable());
                      });
            });
    contents.entries().stream()
        .filter(entry -> entry.trouble().isEmpty() && entry.manifest().isPresent())
        .max(Comparator.comparing(entry -> entry.manifest().orElseThrow().takenAt()))
        .ifPresent(newest -> samples.add(RECIPIENTS, (long) newest.keys()));
    for (StoreConfig store : desk.config().stores()) {
      List<Entry> entries =
          contents.entries().stream()
              .filter(entry -> entry.stores().contains(store.name()))
              .toList();
      if (!away.contains(store.name())) {
        addStore(samples, store.name(), entries);
      }
    }
  }

  private static void addStore(Samples samples, String store, List<Entry> entries) {
    List<Manifest> trusted = new Shelf.Contents(entries, Instant.EPOCH).trusted();
    samples.add(STORED, (long) trusted.size(), store);
    samples.add(UNTRUSTED, (long) entries.size() - trusted.size(), store);
    samples.add(
        STORED_BYTES,
        trusted.stream().mapToLong(manifest -> manifest.stored().bytes()).sum(),
        store);
    List<Check> checks =
        entries.stream().flatMap(e -> Optional.ofNullable(e.checks().get(store)).stream()).toList();
    samples.add(WRONG, checks.stream().filter(check -> !check.good()).count(), store);
    checks.stream()
        .filter(Check::good)
        .map(Check::at)
        .max(Comparator.naturalOrder())
        .ifPresent(at -> samples.add(LAST_VERIFIED, at, store));
    List<Instant> taken = trusted.stream().map(Manifest::takenAt).sorted().toList();
    if (!taken.isEmpty()) {
      samples.add(OLDEST, taken.getFirst(), store);
      samples.add(NEWEST, taken.getLast(), store);
    }
  }
}
