package dev.lifeboat.backup;

import dev.lifeboat.archive.ArchiveException;
import dev.lifeboat.archive.ArchiveFacts;
import dev.lifeboat.archive.Container;
import dev.lifeboat.archive.Container.Sealed;
import dev.lifeboat.archive.Container.Written;
import dev.lifeboat.archive.DumpFacts;
import dev.lifeboat.archive.SnapshotFacts;
import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.canary.Canary;
import dev.lifeboat.config.Secret;
import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.postgresql.Dump;
import dev.lifeboat.postgresql.PostgresqlConfig;
import dev.lifeboat.postgresql.Proof;
import dev.lifeboat.schedule.Slot;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.SnapshotStream;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/// One run, from the first question to the stored manifest. Used once, by one thread. Its second
/// half, from the proven file on, is [Storing].
final class Run {
  /*
   * Crash order. What a death leaves behind, by where it comes:
   *
   *   before SPOOL_DURABLE    ID.data.partial in the spool; Spool.open removes it. Nothing else
   *                           exists: the data key dies with the process, so what is in that file
   *                           can be read by nobody, ever.
   *   before MANIFEST_STORED  ID.spooled in the spool, and in the stores the data, perhaps keys,
   *                           perhaps a partial of one. Without a manifest they are no backup and
   *                           never listed. With ID.journal beside the file an agent that starts
   *                           finishes the backup. Else, and before every new run, the spool's
   *                           file names the run as dead; Sweep removes its objects wherever the
   *                           id has no manifest, and then that file. Was the spool lost as well,
   *                           age says the same a week later.
   *   after it, in one store  a whole backup there: data and keys were durable in every store
   *                           before the first manifest was written. In a store that it did not
   *                           reach, orphans as above.
   *   after it, in all        a whole backup, and a file in the spool that Sweep removes; the name
   *                           in a store is a link of its own and stays.
   *
   * The manifest of a scheduled run is the fence between two agents that take the same slot: its
   * name is that of the slot, the coordination store refuses the second one, and the loser undoes
   * what it created. See Destinations and Fence.
   *
   * So data goes to every store before any key, and keys before any manifest; undoing goes the
   * other way, and a death within it is one of the cases above. The order holds against power
   * failure too, since every step is durable before the next begins (fsync of file and folder in
   * the spool; Store's contract elsewhere).
   *
   * The canary is written into the cluster before the stream begins, and is in the snapshot. One
   * left there by a run that died is overwritten by the next.
   */
  private static final System.Logger logger = System.getLogger(Run.class.getName());

  /// A snapshot that has begun to arrive, and what was learnt before it.
  private record Opened(
      SnapshotStream stream,
      FutureTask<ClusterFacts> facts,
      Optional<Canary.Written> canary,
      OptionalLong appliedIndex,
      Instant takenAt) {}

  private final Backup.Parts parts;
  private final Occasion occasion;
  private final Progress progress;
  private final Instant startedAt;
  private final BackupId id;
  private final Storing storing;
  private boolean streamedHalf;
  private RunKeys.Wrapped wrapped = new RunKeys.Wrapped(List.of(), Map.of());

  Run(Backup.Parts parts, BackupId id, Instant startedAt, Occasion occasion, Progress progress) {
    this.parts = parts;
    this.id = id;
    this.startedAt = startedAt;
    this.occasion = occasion;
    this.progress = progress;
    this.storing = new Storing(parts, id, progress, false);
  }

  /// The manifest of the stored backup; throws after which [#undo] is due.
  Manifest execute() {
    RunKeys keys = RunKeys.read(parts.config());
    occasion.slot().ifPresent(slot -> storing.take(slot, keys, Optional.empty()));
    storing.requireListable();
    var warmUp =
        begin(
            "backup-warm-up",
            () -> {
              Container.warmUp();
              return true;
            });
    try (DataKey dataKey = DataKey.generate()) {
      Opened opened = openWithOneRetry(warmUp);
      Written written = seal(opened, dataKey);
      requireFresh(written, opened);
      Sealed sealed = prove(written, dataKey);
      wrapped = keys.wrap(dataKey, join(opened.facts()).cluster().id(), id);
      Optional<SealedKit> kit = kit(join(opened.facts()), dataKey);
      Manifest manifest = manifest(opened, sealed, kit.map(SealedKit::facts));
      Journal journal = journal(keys, manifest, kit);
      parts.spool().write(journal);
      storing.store(journal, manifest, keys.trusted());
      return manifest;
    }
  }

  /// A token may have been revoked since it was last looked at. Nothing was streamed then, so the
  /// whole beginning is done again, once, with the next token.
  private Opened openWithOneRetry(FutureTask<?> warmUp) {
    Secret token = parts.keeper().token();
    try {
      return open(token, warmUp);
    } catch (VaultException e) {
      if (e.reason() != VaultException.Reason.DENIED) {
        throw e;
      }
      logger.log(System.Logger.Level.INFO, "event=token_refused backup={0}", id);
      parts.keeper().refused(token);
      return open(parts.keeper().token(), warmUp);
    }
  }

  private Opened open(Secret token, FutureTask<?> warmUp) {
    VaultNode active = parts.client().active();
    var facts = begin("backup-facts", () -> ClusterFacts.read(active, token));
    Optional<Canary.Written> canary =
        parts.config().canary().map(c -> Canary.write(active, token, c.path(), c.transitKey()));
    reached(Milestone.CANARY_WRITTEN);
    join(warmUp);
    Leader leader = active.leader();
    // Without HA there is one node, which leads without saying so.
    if (!leader.self() && leader.haEnabled()) {
      throw new RunFailure(
          FailureReason.NO_LEADER,
          "%s stopped leading before the snapshot".formatted(active.address())
              + "\nhint: a failover is going on; try again");
    }
    Instant takenAt = parts.clock().instant();
    SnapshotStream stream =
        leader.raftAppliedIndex().isPresent()
            ? active.snapshot(token, parts.config().stallTimeout())
            : new SnapshotStream(active.address(), dump(active));
    return new Opened(stream, facts, canary, leader.raftAppliedIndex(), takenAt);
  }

  /// For a server whose data lies in a database. What was written to it before, the canary too, is
  /// in the dump.
  private Dump dump(VaultNode active) {
    String storage = active.sealStatus().storageType();
    if (!storage.equals("postgresql")) {
      throw new RunFailure(
          FailureReason.UNREACHABLE,
          "%s has %s storage, of which lifeboat takes no backup"
                  .formatted(active.address(), storage)
              + "\nhint: raft and postgresql can be backed up");
    }
    return Dump.begin(
        parts
            .config()
            .postgresql()
            .orElseThrow(
                () ->
                    new RunFailure(
                        FailureReason.DATABASE,
                        "%s keeps its data in PostgreSQL, and no database is configured"
                                .formatted(active.address())
                            + "\nhint: set backup.postgresql, see docs/postgresql.md")),
        parts.spool().folder(),
        parts.config().stallTimeout());
  }

  private Written seal(Opened opened, DataKey dataKey) {
    try (SnapshotStream stream = opened.stream();
        SpoolFile file = SpoolFile.create(parts.spool(), id)) {
      reached(Milestone.STREAM_BEGUN);
      Written written = Container.seal(stream.body(), file, dataKey, id.text(), this::streamed);
      reached(Milestone.SPOOL_WRITTEN);
      file.finish();
      return written;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void streamed(long bytes) {
    progress.at("snapshot", bytes);
    if (!streamedHalf && bytes > 0) {
      streamedHalf = true;
      reached(Milestone.STREAM_HALF);
    }
  }

  /// A standby of OpenBao answers 200 with whatever it has, and a leader may have lost its place.
  private void requireFresh(Written written, Opened opened) {
    if (opened.appliedIndex().isEmpty()) {
      return;
    }
    long applied = opened.appliedIndex().getAsLong();
    long index = written.facts() instanceof SnapshotFacts snapshot ? snapshot.raftIndex() : -1;
    if (index < applied) {
      throw new RunFailure(
          FailureReason.STALE,
          "the snapshot from %s ends at raft index %d, but the leader had applied %d before it"
                  .formatted(opened.stream().node(), index, applied)
              + "\nhint: was there a failover at that moment? look at the nodes and try again");
    }
  }

  private Sealed prove(Written written, DataKey dataKey) {
    reached(Milestone.SPOOL_DURABLE);
    progress.at("proving", 0);
    try (InputStream file = parts.spool().open(id)) {
      Sealed sealed = Container.prove(file, dataKey, id.text(), written);
      if (sealed.facts() instanceof DumpFacts) {
        restore(dataKey);
      }
      progress.at("proving", sealed.storedBytes());
      reached(Milestone.PROVEN);
      return sealed;
    } catch (ArchiveException e) {
      throw new RunFailure(FailureReason.READBACK, String.valueOf(e.getMessage()), e);
    } catch (IOException | UncheckedIOException e) {
      throw unreadable(e);
    }
  }

  /// That a dump can be restored, it does not say of itself as a snapshot does.
  private void restore(DataKey dataKey) {
    PostgresqlConfig config = parts.config().postgresql().orElseThrow();
    Proof.Result proof =
        Proof.of(
            config,
            parts.spool().folder(),
            parts.clock().instant(),
            out -> {
              try (InputStream file = parts.spool().open(id)) {
                var _ = Container.open(file, out, dataKey, id.text());
              }
            });
    logger.log(
        System.Logger.Level.INFO,
        "event=dump_restored backup=%s entries=%d rows=%d scratch=%s"
            .formatted(id, proof.entries(), proof.rows(), config.scratch()));
  }

  private RunFailure unreadable(Exception e) {
    return new RunFailure(
        FailureReason.READBACK,
        "%s cannot be read back: %s".formatted(parts.spool().data(id), e.getMessage())
            + "\nhint: look at the disk and the kernel's log",
        e);
  }

  /// @param bytes of the encrypted object
  private record SealedKit(byte[] bytes, Manifest.Kit facts) {}

  private Optional<SealedKit> kit(ClusterFacts facts, DataKey dataKey) {
    KitConfig config = parts.config().kit();
    if (!config.enabled()) {
      return Optional.empty();
    }
    Kit kit = Kit.collect(config, new Kit.About(id, startedAt, parts.config().node(), facts));
    kit.unreadable()
        .forEach(
            (path, why) ->
                logger.log(
                    System.Logger.Level.WARNING,
                    "event=kit_file_unreadable backup=%s path=%s why=%s".formatted(id, path, why)));
    if (config.required() && !kit.unreadable().isEmpty()) {
      var first = kit.unreadable().entrySet().iterator().next();
      throw new RunFailure(
          FailureReason.KIT,
          "%s cannot be read for the recovery kit: %s".formatted(first.getKey(), first.getValue())
              + "\nhint: let the user of lifeboat read it, or set backup.kit.required = false");
    }
    byte[] box = kit.seal(dataKey, id);
    return Optional.of(
        new SealedKit(
            box,
            new Manifest.Kit(
                StoredHash.of(box).content(), kit.fileCount(), kit.unreadable().size())));
  }

  private Manifest manifest(Opened opened, Sealed sealed, Optional<Manifest.Kit> kit) {
    ClusterFacts facts = join(opened.facts());
    ArchiveFacts archive = sealed.facts();
    return new Manifest(
        Manifest.TYPE,
        id.text(),
        facts.cluster(),
        parts.config().node(),
        opened.stream().node(),
        occasion.slot().map(Slot::at),
        startedAt,
        opened.takenAt(),
        archive instanceof SnapshotFacts snapshot
            ? Optional.of(new Manifest.Raft(snapshot.raftIndex(), snapshot.raftTerm()))
            : Optional.empty(),
        new Manifest.Content(archive.plainBytes(), archive.plainSha256()),
        new Manifest.Content(sealed.storedBytes(), sealed.storedSha256()),
        wrapped.keys().stream()
            .map(key -> new Manifest.Recipient(key.recipient(), key.comment()))
            .toList(),
        facts.seal(),
        facts.peers(),
        opened.canary(),
        facts.mounts(),
        facts.counts(),
        Objects.requireNonNullElse(
            Run.class.getPackage().getImplementationVersion(), "development"),
        occasion.label(),
        occasion.slot().map(Slot::schedule),
        kit);
  }

  private Journal journal(RunKeys keys, Manifest manifest, Optional<SealedKit> kit) {
    List<Journal.Document> documents = new ArrayList<>();
    kit.ifPresent(box -> documents.add(new Journal.Document(id.kit(), box.bytes())));
    for (WrappedKey key : wrapped.keys()) {
      documents.add(
          new Journal.Document(id.key(key.recipient()), keys.signing().sign(key.toJson())));
    }
    occasion
        .pinning()
        .map(pinning -> keys.signing().sign(pinning.pin(id, startedAt).toJson()))
        .ifPresent(pin -> documents.add(new Journal.Document(Pins.name(id), pin)));
    return new Journal(
        id,
        occasion.slot(),
        documents,
        new Journal.Document(ManifestName.of(manifest), keys.signing().sign(manifest.toJson())));
  }

  /// Which stores and which keys of KMS (`kms.NAME`) the run went on without, and why.
  Map<String, String> leftOut() {
    Map<String, String> all = new TreeMap<>(storing.leftOut());
    all.putAll(wrapped.leftOut());
    return all;
  }

  /// See [Storing#undo].
  void undo(Consumer<Claims.Held> last) {
    storing.undo(last);
  }

  private void reached(Milestone milestone) {
    parts.milestones().reached(milestone);
  }

  private static <T> FutureTask<T> begin(String name, Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofVirtual().name(name).start(task);
    return task;
  }

  /// The result; what it threw is thrown here.
  private static <T> T join(FutureTask<T> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunFailure(FailureReason.INTERRUPTED, "the run was told to stop", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    }
  }
}
