package dev.lifeboat.backup;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.config.SecretException;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.postgresql.PostgresqlConfig;
import dev.lifeboat.postgresql.PostgresqlException;
import dev.lifeboat.postgresql.Proof;
import dev.lifeboat.schedule.Slot;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Takes one backup at a time of one cluster.
public final class Backup {
  private static final System.Logger logger = System.getLogger(Backup.class.getName());

  /// What every run of a process works with.
  record Parts(
      VaultClient client,
      TokenKeeper keeper,
      BackupConfig config,
      List<Store> stores,
      Spool spool,
      InstantSource clock,
      Milestones milestones) {
    Parts {
      stores = List.copyOf(stores);
    }
  }

  private final Parts parts;
  private final Semaphore one = new Semaphore(1);
  private final RandomGenerator random = RandomGenerator.of("SecureRandom");

  public Backup(
      VaultClient client,
      TokenKeeper keeper,
      BackupConfig config,
      List<Store> stores,
      Spool spool,
      InstantSource clock,
      Milestones milestones) {
    this.parts = new Parts(client, keeper, config, stores, spool, clock, milestones);
  }

  /// Blocks until it is stored or has failed; never throws for an operating error. An interrupt
  /// ends it soon, cleaned up, with `INTERRUPTED`; the thread stays interrupted.
  ///
  /// @param slot what it is due for; empty for a run by hand
  public BackupOutcome run(Optional<Slot> slot, Progress progress) {
    return run(Occasion.of(slot), progress);
  }

  /// The same with a label or a pin.
  public BackupOutcome run(Occasion occasion, Progress progress) {
    if (!one.tryAcquire()) {
      return failed(busy(), "none", Duration.ZERO);
    }
    long begun = System.nanoTime();
    try {
      Instant startedAt = parts.clock().instant();
      BackupId id = BackupId.create(startedAt, random);
      return run(new Run(parts, id, startedAt, occasion, progress), id, occasion, begun);
    } finally {
      one.release();
    }
  }

  /// Removes what dead runs left in spool and stores; every run does so as well. Nothing happens
  /// while a run is in progress.
  public void cleanUp() {
    if (one.tryAcquire()) {
      try {
        Sweep.run(
            parts.stores(),
            parts.spool(),
            parts.clock().instant(),
            Storing.unfinished(parts.spool()).map(Journal::id));
        parts.config().postgresql().ifPresent(this::cleanUp);
      } finally {
        one.release();
      }
    }
  }

  private void cleanUp(PostgresqlConfig postgresql) {
    try {
      Proof.cleanUp(postgresql, parts.spool().folder(), parts.clock().instant());
    } catch (PostgresqlException | SecretException e) {
      logger.log(
          System.Logger.Level.WARNING,
          "event=postgresql_clean_up_failed message=\"%s\"".formatted(SignedManifest.sentence(e)));
    }
  }

  /// What the agent beside a standby is to do about a slot that is due; a store that cannot be
  /// asked is waited for.
  ///
  /// @param waited for how long it has been due, as far as this node has seen it
  public StandIn standIn(Slot slot, Duration waited) {
    try {
      RunKeys keys = RunKeys.read(parts.config());
      Claims.Self self =
          new Claims.Self(
              parts.config().node(), keys.signing(), keys.trusted(), parts.config().claim());
      return parts.stores().stream()
          .filter(store -> store.name().equals(parts.config().coordination()))
          .findFirst()
          .map(store -> new Claims(store, self, slot).standIn(waited))
          .orElse(StandIn.WAIT);
    } catch (StoreException | KeyException e) {
      logger.log(
          System.Logger.Level.INFO,
          "event=stand_in_unknown schedule=%s slot=%s message=\"%s\""
              .formatted(slot.schedule(), slot.at(), SignedManifest.sentence(e)));
      return StandIn.WAIT;
    }
  }

  /// What a process of this node had proven and begun to store when it died; empty mostly.
  public Optional<Occasion> unfinished() {
    return Storing.unfinished(parts.spool()).map(journal -> Occasion.of(journal.slot()));
  }

  /// Finishes it: the cluster is not asked for anything. As [#run] otherwise.
  public BackupOutcome finish(Progress progress) {
    if (!one.tryAcquire()) {
      return failed(busy(), "none", Duration.ZERO);
    }
    long begun = System.nanoTime();
    try {
      Optional<Journal> journal = Storing.unfinished(parts.spool());
      if (journal.isEmpty()) {
        return failed(busy(), "none", Duration.ZERO);
      }
      BackupId id = journal.get().id();
      logger.log(System.Logger.Level.INFO, "event=backup_resumed backup={0}", id);
      Storing storing = new Storing(parts, id, progress, true);
      Ending ending = new Ending(id, journal.get().slot(), begun, storing::leftOut, storing::undo);
      BackupOutcome outcome = ending.of(() -> finish(storing, journal.get()));
      if (!(outcome instanceof BackupOutcome.Stored)) {
        Sweep.run(parts.stores(), parts.spool(), parts.clock().instant());
      }
      return outcome;
    } finally {
      one.release();
    }
  }

  private Manifest finish(Storing storing, Journal journal) {
    RunKeys keys = RunKeys.read(parts.config());
    Manifest manifest = Manifest.parse(keys.trusted().open(journal.manifest().content()).content());
    journal.slot().ifPresent(storing::requireInTime);
    if (!StoredHash.of(parts.spool().data(journal.id())).matches(manifest.stored())) {
      throw new RunFailure(
          FailureReason.READBACK,
          "the file of %s in the spool is not what was proven".formatted(journal.id())
              + "\nhint: look at the disk and the kernel's log");
    }
    journal.slot().ifPresent(slot -> storing.take(slot, keys, Optional.of(journal.manifest())));
    storing.store(journal, manifest, keys.trusted());
    return manifest;
  }

  private static RunFailure busy() {
    return new RunFailure(
        FailureReason.BUSY,
        "another backup is in progress\nhint: wait for it; lifeboat status shows it");
  }

  private BackupOutcome run(Run run, BackupId id, Occasion occasion, long begun) {
    return new Ending(id, occasion.slot(), begun, run::leftOut, run::undo)
        .of(
            () -> {
              Sweep.run(parts.stores(), parts.spool(), parts.clock().instant());
              return run.execute();
            });
  }

  /// How a run ends, whatever becomes of it.
  private record Ending(
      BackupId id,
      Optional<Slot> slot,
      long begun,
      Supplier<Map<String, String>> leftOut,
      Consumer<Consumer<Claims.Held>> undo) {
    BackupOutcome of(Supplier<Manifest> work) {
      try {
        Manifest manifest = work.get();
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        logger.log(
            System.Logger.Level.INFO,
            "event=backup_stored backup=%s raft_index=%s plain=\"%s\" stored=\"%s\" %s"
                .formatted(
                    id,
                    manifest.raft().map(raft -> Long.toString(raft.index())).orElse("none"),
                    new ByteSize(manifest.plain().bytes()),
                    new ByteSize(manifest.stored().bytes()),
                    "took_ms=%d without=%s"
                        .formatted(took.toMillis(), String.join(",", leftOut.get().keySet()))));
        return new BackupOutcome.Stored(manifest, took, leftOut.get());
      } catch (Fence.Taken taken) {
        undo.accept(Claims.Held::done);
        return taken(slot.orElseThrow(), taken.by(), id, begun);
      } catch (Claims.HeldElsewhere held) {
        undo.accept(Claims.Held::close);
        return held(slot.orElseThrow(), held, id, begun);
      } catch (RuntimeException | Error thrown) {
        RunFailure failure = RunFailure.of(thrown, Thread.currentThread().isInterrupted());
        undo.accept(claim -> claim.failed(failure.reason() != FailureReason.INTERRUPTED));
        return failed(failure, id.text(), Duration.ofNanos(System.nanoTime() - begun));
      }
    }
  }

  private static BackupOutcome taken(Slot slot, String by, BackupId id, long begun) {
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    logger.log(
        System.Logger.Level.INFO,
        "event=slot_taken backup=%s schedule=%s slot=%s by=%s took_ms=%d"
            .formatted(id, slot.schedule(), slot.at(), by, took.toMillis()));
    return new BackupOutcome.SlotTaken(slot, by, took);
  }

  private static BackupOutcome held(Slot slot, Claims.HeldElsewhere held, BackupId id, long begun) {
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    logger.log(
        System.Logger.Level.INFO,
        "event=slot_held backup=%s schedule=%s slot=%s node=%s again_s=%d took_ms=%d"
            .formatted(
                id,
                slot.schedule(),
                slot.at(),
                held.node(),
                held.again().toSeconds(),
                took.toMillis()));
    return new BackupOutcome.SlotHeld(slot, held.node(), held.again(), took);
  }

  private static BackupOutcome failed(RunFailure failure, String id, Duration took) {
    String line =
        "event=backup_failed backup=%s reason=%s message=\"%s\" took_ms=%d"
            .formatted(id, failure.reason().label(), failure.sentence(), took.toMillis());
    if (failure.reason() == FailureReason.INTERNAL) {
      logger.log(System.Logger.Level.ERROR, line, failure.getCause());
    } else {
      logger.log(System.Logger.Level.WARNING, line);
    }
    return new BackupOutcome.Failed(failure.reason(), failure.sentence(), failure.hint(), took);
  }
}
