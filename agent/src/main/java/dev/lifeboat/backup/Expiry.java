package dev.lifeboat.backup;

import dev.lifeboat.backup.Milestones.Milestone;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.retention.Decision;
import dev.lifeboat.retention.Item;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.retention.RetentionPolicy;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Plans what goes from a store and what stays locked there, and does it.
public final class Expiry {
  /*
   * Crash order, the reverse of Run's: the manifest goes first, and with it the backup; then keys
   * and pins, then the data. A death between leaves objects without a manifest. They are never
   * listed, look like what a dead run leaves, and the sweep removes them when the second in their
   * id is a week old. A manifest that cannot be deleted leaves its backup whole.
   *
   * Locks are extended before anything is deleted, and whether that succeeds or not: the two have
   * nothing to do with each other but the plan.
   *
   * The oldest goes first, so that what is left of an expiry that broke off is what the policy
   * wants most.
   */
  private static final System.Logger logger = System.getLogger(Expiry.class.getName());

  private final TrustedSigners signers;
  private final Readers readers;
  private final InstantSource clock;
  private final Milestones milestones;
  private final Memory memory;
  private final Locking locking = new Locking();

  public Expiry(
      TrustedSigners signers, Readers readers, InstantSource clock, Milestones milestones) {
    this(signers, readers, clock, milestones, new Memory());
  }

  /// @param memory of these signers; what it knows is not read again
  public Expiry(
      TrustedSigners signers,
      Readers readers,
      InstantSource clock,
      Milestones milestones,
      Memory memory) {
    this.memory = memory;
    this.signers = signers;
    this.readers = readers;
    this.clock = clock;
    this.milestones = milestones;
  }

  /// Reads every manifest of the store and asks for the locks that matter; changes nothing. Days
  /// and months are those of UTC.
  public RetentionPlan plan(Store store, RetentionPolicy policy, boolean forceShare) {
    List<Holding> holdings = Holding.readAll(store, signers, _ -> true, memory);
    return plan(
        holdings,
        policy,
        new RetentionPlan.Guards(clock.instant(), ZoneOffset.UTC, forceShare, store.lockTime()));
  }

  /// Of what was read already; says nothing of locks to extend.
  RetentionPlan plan(List<Holding> holdings, RetentionPolicy policy) {
    return plan(holdings, policy, new RetentionPlan.Guards(clock.instant(), ZoneOffset.UTC, false));
  }

  private RetentionPlan plan(
      List<Holding> holdings, RetentionPolicy policy, RetentionPlan.Guards guards) {
    Map<String, Instant> newest = newestSlots(holdings);
    List<Item> items = holdings.stream().map(h -> h.item(signers, readers, newest)).toList();
    RetentionPlan wanted = RetentionPlan.of(policy, items, guards);
    List<Item> asked = locking.asked(wanted, holdings);
    return RetentionPlan.of(policy, asked, guards);
  }

  /// By schedule. Of a single one the plan itself keeps the newest.
  private static Map<String, Instant> newestSlots(List<Holding> holdings) {
    Map<String, Instant> newest = new TreeMap<>();
    holdings.stream()
        .flatMap(holding -> holding.manifest().trusted().stream())
        .filter(manifest -> manifest.schedule().isPresent() && manifest.slot().isPresent())
        .forEach(
            manifest ->
                newest.merge(
                    manifest.schedule().get(),
                    manifest.slot().get(),
                    (one, other) -> one.isAfter(other) ? one : other));
    return newest.size() > 1 ? newest : Map.of();
  }

  /// Extends the locks of what the plan keeps, then deletes what it lets go. A backup with which
  /// that fails is named, and the rest goes on; a store that does not answer, or an interrupt, ends
  /// it early.
  ///
  /// @param progress told of `deleting` and the number of backups that are gone
  public Expired carryOut(Store store, RetentionPlan plan, Progress progress) {
    List<Item> going = plan.toDelete();
    List<Item> touched =
        Stream.concat(going.stream(), plan.toLock().stream().map(Decision::item)).toList();
    if (touched.isEmpty()) {
      return Expired.NOTHING;
    }
    Map<String, Holding> manifests = manifests(store, touched);
    Locking.Result locks = locking.extend(store, plan.toLock(), manifests);
    Deletion deletion = new Deletion(store);
    deletion.brokenOff = locks.brokenOff();
    Map<BackupId, Map<String, Long>> objects =
        going.isEmpty() || locks.brokenOff().isPresent() ? Map.of() : Holding.objects(store);
    for (Item item : going) {
      if (Thread.currentThread().isInterrupted()) {
        deletion.brokenOff = Optional.of("it was told to stop");
      }
      if (deletion.brokenOff.isPresent()) {
        break;
      }
      BackupId id = new BackupId(item.id());
      List<String> names = List.copyOf(objects.getOrDefault(id, Map.of()).keySet());
      Optional<Holding> holding = Optional.ofNullable(manifests.get(item.id()));
      String manifest = holding.map(Holding::object).orElse(id.manifest());
      if (holding.filter(h -> h.manifest().trusted().isEmpty()).isPresent()) {
        deletion.failed.put(item.id(), "its manifest is not the one that was planned with");
      } else if (!readers.unlessRead(item.id(), () -> deletion.delete(id, manifest, names))) {
        deletion.failed.put(item.id(), "it is being read");
      }
      progress.at("deleting", deletion.deleted.size());
    }
    return new Expired(
        locks.locked(), deletion.deleted, locks.failed(), deletion.failed, deletion.brokenOff);
  }

  /// The manifests of these backups, read once more: the name of a scheduled one's is that of its
  /// slot, and says nothing of whose it is.
  private Map<String, Holding> manifests(Store store, List<Item> items) {
    Set<String> ids = items.stream().map(Item::id).collect(Collectors.toSet());
    Set<Instant> slots =
        items.stream().flatMap(item -> item.slot().stream()).collect(Collectors.toSet());
    Map<String, Holding> manifests = new TreeMap<>();
    Holding.readAll(
            store,
            signers,
            object ->
                ManifestName.slotIn(object).filter(slots::contains).isPresent()
                    || ManifestName.idIn(object).filter(id -> ids.contains(id.text())).isPresent())
        .forEach(holding -> manifests.put(holding.key(), holding));
    return manifests;
  }

  /// Of one store, and what came of it so far.
  private final class Deletion {
    private final Store store;
    private final List<String> deleted = new ArrayList<>();
    private final Map<String, String> failed = new TreeMap<>();
    private Optional<String> brokenOff = Optional.empty();

    Deletion(Store store) {
      this.store = store;
    }

    void delete(BackupId id, String manifest, List<String> objects) {
      if (!delete(id, manifest)) {
        return;
      }
      deleted.add(id.text());
      milestones.reached(Milestone.EXPIRY_MANIFEST_GONE);
      for (String object : objects) {
        if (!object.equals(manifest) && !object.equals(id.data()) && !delete(id, object)) {
          return;
        }
      }
      milestones.reached(Milestone.EXPIRY_KEYS_GONE);
      if (delete(id, id.data())) {
        milestones.reached(Milestone.EXPIRY_DATA_GONE);
        logger.log(
            System.Logger.Level.INFO,
            "event=backup_expired store={0} backup={1}",
            store.name(),
            id);
      }
    }

    private boolean delete(BackupId id, String object) {
      try {
        store.delete(object);
        return true;
      } catch (StoreException e) {
        String why = SignedManifest.sentence(e);
        failed.put(id.text(), "%s stays: %s".formatted(object, why));
        if (e.reason() == StoreException.Reason.UNAVAILABLE) {
          brokenOff = Optional.of(why);
        }
        logger.log(
            System.Logger.Level.WARNING,
            "event=expire_failed store=%s backup=%s object=%s reason=%s message=\"%s\""
                .formatted(store.name(), id, object, e.reason().label(), why));
        return false;
      }
    }
  }
}
