package dev.lifeboat.backup;

import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Removes the objects of backups that never came to be: those of an id without a manifest whose
/// run is known to be dead, or so old that it must be.
final class Sweep {
  /*
   * A finished backup is safe here by one rule: where a manifest of that store names the id,
   * nothing of that id is touched, and this is looked at again just before deleting. A manifest
   * protects what it seems to name, whoever signed it; one under the name of a slot that names
   * nothing at all might be anybody's, and stops the sweep of its store. A run that is still
   * going on in another process has no manifest either: only its age, by the second in its id,
   * protects it. A week is far beyond any run, and beyond what clocks of one cluster disagree by.
   * What an expiry that died half-way leaves looks just the same, and goes by the same rule.
   */
  static final Duration DEAD_AFTER = Duration.ofDays(7);

  /// As long as a spool remembers what was undone, and what clocks disagree by.
  private static final Duration LATE = Duration.ofDays(2);

  private static final System.Logger logger = System.getLogger(Sweep.class.getName());

  private Sweep() {}

  /// Sweeps every store; a store that fails is logged and left for the next time, and then the
  /// spool keeps its marks of dead runs as well.
  static void run(List<Store> stores, Spool spool, Instant now) {
    run(stores, spool, now, Optional.empty());
  }

  /// The same but for a dead run that somebody is going to finish.
  static void run(List<Store> stores, Spool spool, Instant now, Optional<BackupId> kept) {
    List<BackupId> dead =
        spool.deadRuns().stream().filter(id -> kept.filter(id::equals).isEmpty()).toList();
    Set<BackupId> undone = spool.undone(now);
    boolean all = true;
    for (Store store : stores) {
      try {
        store.cleanUp();
        removeOrphans(store, dead, now);
        Claims.sweep(store, store.list(), now);
        removeLateManifests(store, undone, now);
      } catch (StoreException e) {
        all = false;
        logger.log(System.Logger.Level.WARNING, "event=sweep_failed store=" + store.name(), e);
      }
    }
    if (all) {
      dead.forEach(id -> forget(spool, id));
    }
  }

  private static void forget(Spool spool, BackupId id) {
    try {
      spool.remove(id);
      logger.log(System.Logger.Level.INFO, "event=dead_run_removed backup={0}", id);
    } catch (IOException e) {
      logger.log(System.Logger.Level.WARNING, "event=sweep_failed backup=" + id, e);
    }
  }

  private static void removeOrphans(Store store, List<BackupId> dead, Instant now) {
    Map<BackupId, List<String>> orphans = orphans(objectsById(store), dead, now);
    if (orphans.isEmpty()) {
      return;
    }
    orphans.keySet().removeAll(namedBySlots(store));
    orphans.forEach(
        (id, objects) -> {
          if (hasManifest(store, id)) {
            return;
          }
          removeOrphan(store, objects);
        });
  }

  /// A manifest that arrived when its run had given up and undone everything else: under the name
  /// of a slot it would keep everybody from taking that. Where the data is, nothing was undone.
  private static void removeLateManifests(Store store, Set<BackupId> undone, Instant now) {
    if (undone.isEmpty()) {
      return;
    }
    List<Store.StoredObject> objects = store.list();
    Set<String> names = objects.stream().map(Store.StoredObject::name).collect(Collectors.toSet());
    for (Store.StoredObject object : objects) {
      if (!ManifestName.isManifest(object.name()) || object.modified().isBefore(now.minus(LATE))) {
        continue;
      }
      ManifestName.idIn(object.name())
          .or(() -> nameIn(store, object.name()))
          .filter(id -> undone.contains(id) && !names.contains(id.data()))
          .ifPresent(
              id -> {
                store.delete(object.name());
                logger.log(
                    System.Logger.Level.WARNING,
                    "event=late_manifest_removed store={0} object={1} backup={2}",
                    store.name(),
                    object.name(),
                    id);
              });
    }
  }

  /// The backups that the manifests of slots speak of. Listed after the objects were: what was
  /// finished meanwhile is seen.
  private static Set<BackupId> namedBySlots(Store store) {
    Set<BackupId> named = new HashSet<>();
    for (Store.StoredObject object : store.list()) {
      if (ManifestName.slotIn(object.name()).isPresent()) {
        nameIn(store, object.name()).ifPresent(named::add);
      }
    }
    return named;
  }

  /// Empty when it was deleted meanwhile.
  private static Optional<BackupId> nameIn(Store store, String object) {
    try {
      byte[] content =
          TrustedSigners.contentUnchecked(store.read(object, SignedManifest.BYTES_MAX));
      return Optional.of(new BackupId(Manifest.parse(content).id()));
    } catch (KeyException | IllegalArgumentException e) {
      throw new StoreException(
          StoreException.Reason.CORRUPTED,
          "%s names no backup: %s".formatted(object, SignedManifest.sentence(e))
              + "\nhint: lifeboat list shows it; nothing is swept until it is deleted or whole",
          e);
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// What a lock holds stays until it ends and must not keep the others here: every later sweep
  /// tries again, by the age of the id.
  private static void removeOrphan(Store store, List<String> objects) {
    try {
      for (String object : objects) {
        store.delete(object);
        logger.log(
            System.Logger.Level.INFO,
            "event=orphan_removed store={0} object={1}",
            store.name(),
            object);
      }
    } catch (StoreException e) {
      if (e.reason() != StoreException.Reason.DENIED) {
        throw e;
      }
      logger.log(
          System.Logger.Level.INFO,
          "event=orphan_stays store={0} why=\"{1}\"",
          store.name(),
          String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }

  /// Asked by name: a listing may be older than what it lists.
  private static boolean hasManifest(Store store, BackupId id) {
    try (InputStream _ = store.open(id.manifest())) {
      return true;
    } catch (StoreException e) {
      if (e.reason() == StoreException.Reason.NOT_FOUND) {
        return false;
      }
      throw e;
    } catch (IOException e) {
      throw new StoreException(
          StoreException.Reason.UNAVAILABLE, "%s: %s".formatted(id.manifest(), e), e);
    }
  }

  /// What may go, in the order of deletion: keys, then data.
  static Map<BackupId, List<String>> orphans(
      Map<BackupId, List<String>> objectsById, List<BackupId> dead, Instant now) {
    Map<BackupId, List<String>> orphans = new TreeMap<>();
    objectsById.forEach(
        (id, objects) -> {
          boolean old =
              id.startedAt()
                  .map(startedAt -> startedAt.plus(DEAD_AFTER).isBefore(now))
                  .orElse(false);
          if (!objects.contains(id.manifest()) && (old || dead.contains(id))) {
            List<String> order = new ArrayList<>(objects);
            order.remove(id.data());
            if (objects.contains(id.data())) {
              order.add(id.data());
            }
            orphans.put(id, Collections.unmodifiableList(order));
          }
        });
    return orphans;
  }

  static Map<BackupId, List<String>> objectsById(Store store) {
    Map<BackupId, List<String>> objects = new TreeMap<>();
    for (Store.StoredObject object : store.list()) {
      BackupId.ofObject(object.name())
          .ifPresent(id -> objects.computeIfAbsent(id, _ -> new ArrayList<>()).add(object.name()));
    }
    return objects;
  }
}
