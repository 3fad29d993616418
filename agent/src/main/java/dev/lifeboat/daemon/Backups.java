package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.Occasion;
import dev.lifeboat.backup.Progress;
import dev.lifeboat.backup.Replication;
import dev.lifeboat.collector.Collector;
import dev.lifeboat.postgresql.Measurement;
import dev.lifeboat.status.Status;
import dev.lifeboat.store.CountedStore;
import dev.lifeboat.store.StoreConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// The half of the agent that takes backups: the runs, their schedule, and what is said of them.
final class Backups implements AutoCloseable {
  private final BackupDesk desk;
  private final Optional<Unfinished> unfinished;
  private final BackupRuns runs;
  private final Scheduler scheduler;
  private final List<CountedStore> stores;
  private final Expiries expiries;
  private final PinDesk pins;
  private final Shelf shelf;
  private final Optional<Verifications> verifications;
  private final BackupEvents events;
  private final List<String> storeNames;
  private final Optional<Replicas> replicas;
  private final ReplicaCounts replicaCounts;
  private final List<StoreConfig> replicaConfigs;
  private final Optional<PostgresqlCollector> postgresql;

  private Backups(BackupConfig config, Parts parts, BooleanSupplier active, InstantSource clock) {
    this.desk = new BackupDesk(config, parts.shelf(), parts.counts(), clock);
    this.unfinished = parts.unfinished();
    this.runs = new BackupRuns(parts.job(), this::finished);
    this.stores = parts.stores();
    this.expiries = parts.expiries();
    this.pins = new PinDesk(config, List.copyOf(parts.stores()), clock);
    this.shelf = parts.shelf();
    this.verifications = verifications(config, parts, active, clock);
    this.events = parts.events();
    this.replicaConfigs = config.replicas();
    this.replicaCounts = parts.replication().counts();
    this.replicas = replicas(config, parts, active, clock);
    this.postgresql =
        config
            .postgresql()
            .map(database -> PostgresqlCollector.open(() -> Measurement.take(database)));
    this.storeNames = config.written().stream().map(StoreConfig::name).toList();
    this.scheduler =
        new Scheduler(
            config.schedules(),
            new Scheduler.Duties(
                active,
                schedule -> parts.shelf().latest().map(contents -> contents.slots(schedule)),
                schedule -> parts.shelf().readNow().map(contents -> contents.slots(schedule)),
                parts.reserve(),
                runs),
            clock,
            System::nanoTime);
  }

  private Optional<Verifications> verifications(
      BackupConfig config, Parts parts, BooleanSupplier active, InstantSource clock) {
    Verifications.Duties duties =
        new Verifications.Duties(
            active,
            () -> runs.current().isPresent(),
            parts.shelf()::latest,
            parts.shelf()::readNow,
            parts.proof());
    return config
        .verification()
        .schedule()
        .map(
            schedule ->
                new Verifications(
                    schedule, config.verification(), duties, clock, System::nanoTime));
  }

  private Optional<Replicas> replicas(
      BackupConfig config, Parts parts, BooleanSupplier active, InstantSource clock) {
    if (config.replicas().isEmpty()) {
      return Optional.empty();
    }
    Replicas.Duties duties =
        new Replicas.Duties(
            active,
            () -> runs.current().isPresent(),
            parts.shelf()::latest,
            parts.shelf()::readNow,
            parts.proof());
    return Optional.of(
        new Replicas(
            parts.replication().links(),
            parts.replication().replication(),
            duties,
            parts.replication().counts(),
            clock,
            System::nanoTime));
  }

  /// @param counts outlives a reload
  record Copying(List<Replicas.Link> links, Replication replication, ReplicaCounts counts) {}

  /// @param finish stores the rest of it
  record Unfinished(Occasion occasion, Function<Progress, BackupOutcome> finish) {}

  /// @param counts outlives a reload
  /// @param unfinished what a dead process left half stored
  record Parts(
      BackupRuns.Job job,
      Optional<Unfinished> unfinished,
      Scheduler.Reserve reserve,
      Shelf shelf,
      BackupCounts counts,
      List<CountedStore> stores,
      Expiries expiries,
      Verifications.Proof proof,
      BackupEvents events,
      Copying replication) {}

  /// Begins nothing until [#begin].
  ///
  /// @param active whether this node leads
  static Backups open(
      BackupConfig config, Parts parts, BooleanSupplier active, InstantSource clock) {
    return new Backups(config, parts, active, clock);
  }

  private void finished(BackupRuns.Run run, BackupOutcome outcome) {
    scheduler.finished(run.slot(), outcome);
    long failuresBefore = desk.counts().consecutiveFailures();
    desk.finished(outcome);
    events.finished(outcome, storeNames, failuresBefore);
    // On the run's own thread: no backup begins meanwhile, and closing stops it as it stops a run.
    if (run.slot().isPresent()
        && outcome instanceof BackupOutcome.Stored stored
        && expiries.afterBackup(stored.leftOut().keySet())) {
      shelf.refresh();
    }
  }

  /// From now on slots that are due are taken; what a dead process left half stored comes first.
  void begin() {
    unfinished.ifPresent(
        left -> {
          var ignored = runs.begin(left.occasion(), (_, progress) -> left.finish().apply(progress));
        });
    // It computes for seconds: on a virtual thread it would keep others from their carrier.
    Thread.ofPlatform().daemon().name("interval").start(desk::measureInterval);
    scheduler.begin();
    verifications.ifPresent(Verifications::begin);
    replicas.ifPresent(Replicas::begin);
  }

  BackupRuns runs() {
    return runs;
  }

  Duration interval() {
    return desk.interval();
  }

  /// By schedule.
  Map<String, Instant> nextRuns() {
    return scheduler.nextRuns();
  }

  /// The first of all; empty without a schedule.
  Optional<Instant> nextRun() {
    return nextRuns().values().stream().min(Comparator.naturalOrder());
  }

  Status.Backups status() {
    return desk.status(runs.current().isPresent(), nextRun())
        .withTampered(StatusFacts.tampered(stores))
        .withNextRuns(nextRuns());
  }

  /// See [Expiries#answer].
  ControlSocket.Answer expire(JsonNode request, ControlSocket.Lines progress) {
    ControlSocket.Answer answer = expiries.answer(request, progress);
    shelf.refresh();
    return answer;
  }

  /// See [PinDesk#answer].
  ControlSocket.Answer pin(JsonNode request) {
    return pins.answer(request);
  }

  List<Collector> collectors() {
    List<Collector> collectors = new ArrayList<>(List.of(collector()));
    if (!replicaConfigs.isEmpty()) {
      collectors.add(
          new ReplicaCollector(replicaConfigs, () -> shelf.reading().contents(), replicaCounts));
    }
    postgresql.ifPresent(collectors::add);
    return collectors;
  }

  private BackupCollector collector() {
    return new BackupCollector(
        desk,
        runs,
        new BackupCollector.Times(this::nextRuns, () -> verifications.map(Verifications::nextRun)),
        stores);
  }

  @Override
  public void close() {
    postgresql.ifPresent(PostgresqlCollector::close);
    replicas.ifPresent(Replicas::close);
    verifications.ifPresent(Verifications::close);
    scheduler.close();
    runs.close();
  }
}
