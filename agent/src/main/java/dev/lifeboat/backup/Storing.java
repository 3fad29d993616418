package dev.lifeboat.backup;

import dev.lifeboat.backup.Journal.Document;
import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.schedule.Slot;
import dev.lifeboat.store.ObjectKind;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// The second half of a run: a proven file of the spool and what belongs to it become a backup in
/// the stores, or nothing at all. Begun by the run, or by another process after the death of that.
final class Storing {
  private static final System.Logger logger = System.getLogger(Storing.class.getName());

  private final Backup.Parts parts;
  private final BackupId id;
  private final Progress progress;
  private final boolean again;
  private final Destinations destinations;
  private Optional<Claims.Held> claim = Optional.empty();
  private boolean committing;

  /// @param again whether a process that died has begun it
  Storing(Backup.Parts parts, BackupId id, Progress progress, boolean again) {
    this.parts = parts;
    this.id = id;
    this.progress = progress;
    this.again = again;
    this.destinations =
        new Destinations(
            id, parts.stores(), parts.config()::requires, parts.config().coordination());
  }

  /// Whose the slot is, before anybody is asked for a snapshot. Claimed first and looked at then:
  /// what another stored in between is seen.
  ///
  /// @param ours what the dead process may have stored itself
  void take(Slot slot, RunKeys keys, Optional<Document> ours) {
    Claims.Self self =
        new Claims.Self(
            parts.config().node(), keys.signing(), keys.trusted(), parts.config().claim());
    String manifest = ManifestName.of(slot.schedule(), slot.at());
    destinations.inCoordination(
        store -> {
          claim = Optional.of(new Claims(store, self, slot).take(id));
          if (store.list().stream().anyMatch(each -> each.name().equals(manifest))
              && ours.filter(mine -> isThere(store, mine)).isEmpty()) {
            throw Fence.taken(store, manifest, keys.trusted());
          }
        });
  }

  /// A store that cannot even be listed fails the run before it costs the cluster a snapshot.
  void requireListable() {
    destinations.each(store -> Objects.requireNonNull(store.list()));
  }

  /// The journal is durable in the spool already.
  void store(Journal journal, Manifest manifest, TrustedSigners trusted) {
    progress.at("storing", 0);
    claim.ifPresent(Claims.Held::require);
    destinations.put(
        id.data(), store -> data(store, manifest.stored()), store -> isData(store, manifest));
    progress.at("storing", manifest.stored().bytes());
    put(journal, ObjectKind.KIT);
    reached(Milestone.DATA_STORED);
    put(journal, ObjectKind.KEY);
    reached(Milestone.KEYS_STORED);
    // Before the manifest: a backup that somebody pinned never exists without its pin.
    put(journal, ObjectKind.PIN);
    requireStored(manifest);
    int leftOut = destinations.leftOut().size();
    Document signed = journal.manifest();
    if (journal.slot().isPresent()) {
      requireInTime(journal.slot().get());
      claim.ifPresent(Claims.Held::require);
      committing = true;
      destinations.commit(new Fence(signed.object(), signed.content(), trusted));
    } else {
      committing = true;
      put(signed);
    }
    committing = false;
    if (destinations.leftOut().size() > leftOut) {
      // There it was undone alone.
      parts.spool().markUndone(id);
    }
    requireStored(manifest);
    reached(Milestone.MANIFEST_STORED);
    removeSpoolFiles();
    claim.ifPresent(Claims.Held::done);
  }

  private void data(Store store, Manifest.Content stored) {
    if (again) {
      store.resume(id.data(), parts.spool().data(id), stored.sha256());
    } else {
      store.adopt(id.data(), parts.spool().data(id), stored.sha256());
    }
  }

  /// A store never has half of an object, and under our id nobody else stores anything.
  private boolean isData(Store store, Manifest manifest) {
    return again
        && store.list().stream()
            .anyMatch(
                each -> each.name().equals(id.data()) && each.bytes() == manifest.stored().bytes());
  }

  private void put(Journal journal, ObjectKind kind) {
    journal.documents().stream().filter(each -> kind.is(each.object())).forEach(this::put);
  }

  private void put(Document document) {
    destinations.put(
        document.object(),
        store -> store.put(document.object(), document.content()),
        store -> again && isThere(store, document));
  }

  private static boolean isThere(Store store, Document document) {
    return Arrays.equals(store.read(document.object(), Journal.BYTES_MAX), document.content());
  }

  /// The manifest of a slot may have been stored by another and expired since: to a run that slept
  /// so long its name looks free.
  void requireInTime(Slot slot) {
    var now = parts.clock().instant();
    if (!now.isBefore(slot.until())) {
      throw new RunFailure(
          FailureReason.LATE,
          "the backup of the slot %s of %s was done at %s, which is too late"
                  .formatted(slot.at(), slot.schedule(), now)
              + "\nhint: did this machine sleep? the next slot is taken as ever");
    }
  }

  /// A machine that slept for a week, or a clock that was years off, lets the sweep of another
  /// agent take this run for dead. So what the manifest speaks of is looked for before it is
  /// written, and once more after.
  private void requireStored(Manifest manifest) {
    destinations.each(
        store -> {
          Map<String, Long> there = new HashMap<>();
          store.list().forEach(object -> there.put(object.name(), object.bytes()));
          boolean whole =
              Objects.equals(there.get(id.data()), manifest.stored().bytes())
                  && manifest.kit().stream().allMatch(kit -> there.containsKey(id.kit()))
                  && manifest.recipients().stream()
                      .allMatch(r -> there.containsKey(id.key(r.id())));
          if (!whole) {
            throw new StoreException(
                StoreException.Reason.NOT_FOUND,
                "store %s has lost objects of this run\nhint: %s"
                    .formatted(
                        store.name(),
                        "another lifeboat took it for dead; compare the clocks of all nodes"));
          }
        });
  }

  /// By the name of the store: why the run went on without it.
  Map<String, String> leftOut() {
    return destinations.leftOut();
  }

  /// The backup is stored already: a file that stays behind is the next sweep's.
  private void removeSpoolFiles() {
    try {
      parts.spool().remove(id);
    } catch (IOException e) {
      parts.spool().abandon(id);
      logger.log(System.Logger.Level.WARNING, "event=spool_file_stays backup=" + id, e);
    }
  }

  /// Deletes what was created, last first. What cannot be deleted now is left to the sweep; so is a
  /// manifest that arrives after all, whose answer nobody waited for.
  ///
  /// @param last what becomes of the claim, if there is one
  void undo(Consumer<Claims.Held> last) {
    // An interrupted thread could not fsync a folder; the interrupt is given back at the end.
    boolean interrupted = Thread.interrupted();
    claim.ifPresent(Claims.Held::close);
    if (committing) {
      parts.spool().markUndone(id);
    }
    boolean undone = destinations.undo();
    if (again) {
      // What the dead process stored before is not known here: the sweep finds it by the id.
      parts.spool().giveUp(id);
    } else if (undone) {
      removeSpoolFiles();
    } else {
      parts.spool().abandon(id);
    }
    claim.ifPresent(last);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void reached(Milestone milestone) {
    parts.milestones().reached(milestone);
  }

  /// What another process finishes; empty where nothing can be.
  static Optional<Journal> unfinished(Spool spool) {
    List<BackupId> ids = spool.deadRuns();
    return ids.reversed().stream().flatMap(id -> spool.journal(id).stream()).findFirst();
  }
}
