package dev.lifeboat.backup;

import dev.lifeboat.keys.DataKey;
import dev.lifeboat.keys.KeyException;
import dev.lifeboat.keys.Opener;
import dev.lifeboat.keys.Recipient;
import dev.lifeboat.keys.SigningKey;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.keys.WrappedKey;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Gives existing backups further recipients and takes some away, by documents beside them: data
/// and manifests stay as they are.
public final class Rewrap {
  /*
   * Order. First every addition to every backup in every store, each durable before the next; then
   * the removals, and only of a backup that got all of its additions everywhere. A death leaves
   * more recipients than asked for, never fewer, and since the plan is made from what the stores
   * hold, the same request then does the rest.
   *
   * A removal writes `ID.RECIPIENT.removed` before it deletes `ID.RECIPIENT.key`: between the two
   * the recipient can still open the backup, after both its absence is no damage. An addition
   * writes the key before it deletes such a note.
   *
   * The last key of a backup in a store is never removed: what is left is counted when the plan is
   * made and once more just before deleting, and only what a trusted signer signed for this backup
   * counts.
   */
  private static final System.Logger logger = System.getLogger(Rewrap.class.getName());

  private final List<Store> stores;
  private final TrustedSigners signers;
  private final SigningKey signing;
  private final InstantSource clock;

  public Rewrap(
      List<Store> stores, TrustedSigners signers, SigningKey signing, InstantSource clock) {
    this.stores = List.copyOf(stores);
    this.signers = signers;
    this.signing = signing;
    this.clock = clock;
  }

  /// What is to be done to one backup in one store.
  ///
  /// @param add those who have no trusted key there
  /// @param remove the ids of those who have one, trusted or not, and shall not
  /// @param left how many trusted keys there will be
  public record Step(
      String backup,
      Store store,
      String clusterId,
      List<Recipient> add,
      List<String> remove,
      int left) {
    public Step {
      add = List.copyOf(add);
      remove = List.copyOf(remove);
    }

    public boolean idle() {
      return add.isEmpty() && remove.isEmpty();
    }
  }

  /// @param steps those that are not idle, by backup in the order asked for
  /// @param refused by backup: why nothing is done to it
  /// @param unchanged how many backups are already as they shall be
  public record Plan(Map<String, List<Step>> steps, Map<String, String> refused, int unchanged) {}

  /// @param failed by backup: what was not done
  public record Result(int added, int removed, Map<String, String> failed) {}

  /// Reads every key document there is; changes nothing. A store that cannot be read is a
  /// [StoreException].
  public Plan plan(List<Catalogue.Entry> entries, List<Recipient> add, Set<String> remove) {
    Map<String, List<Step>> steps = new LinkedHashMap<>();
    Map<String, String> refused = new TreeMap<>();
    Map<String, Map<BackupId, Map<String, Long>>> objects = new HashMap<>();
    stores.forEach(store -> objects.put(store.name(), Holding.objects(store)));
    int unchanged = 0;
    for (Catalogue.Entry entry : entries) {
      if (entry.trouble().isPresent() || entry.manifest().isEmpty()) {
        refused.put(
            entry.id(), "cannot be trusted: " + entry.trouble().orElse("it has no manifest"));
        continue;
      }
      BackupId id = new BackupId(entry.id());
      List<Step> ofBackup = new ArrayList<>();
      for (Store store : stores) {
        if (entry.stores().contains(store.name())) {
          Set<String> there =
              objects.getOrDefault(store.name(), Map.of()).getOrDefault(id, Map.of()).keySet();
          String cluster = entry.manifest().get().cluster().id();
          ofBackup.add(step(id, store, cluster, there, add, remove));
        }
      }
      Optional<Step> last = ofBackup.stream().filter(step -> step.left() == 0).findFirst();
      if (last.isPresent()) {
        refused.put(
            entry.id(),
            last.get().remove().isEmpty()
                ? "no key that can be trusted is in store " + last.get().store().name()
                : "store %s would be left without any key".formatted(last.get().store().name()));
      } else if (ofBackup.stream().allMatch(Step::idle)) {
        unchanged++;
      } else {
        steps.put(entry.id(), ofBackup.stream().filter(step -> !step.idle()).toList());
      }
    }
    return new Plan(steps, refused, unchanged);
  }

  private Step step(
      BackupId id,
      Store store,
      String clusterId,
      Set<String> there,
      List<Recipient> add,
      Set<String> remove) {
    KeyDocuments documents = new KeyDocuments(store, id, signers);
    List<WrappedKey> trusted = new ArrayList<>();
    List<String> going = new ArrayList<>();
    for (String object : there.stream().filter(id::isKey).sorted().toList()) {
      String recipient = id.recipientOf(object);
      if (remove.contains(recipient)) {
        going.add(recipient);
        continue;
      }
      try {
        trusted.add(documents.read(recipient));
      } catch (KeyException e) {
        logger.log(
            System.Logger.Level.WARNING,
            "event=key_untrusted store={0} object={1}",
            store.name(),
            object);
      }
    }
    List<Recipient> missing =
        add.stream().filter(recipient -> trusted.stream().noneMatch(recipient::has)).toList();
    return new Step(id.text(), store, clusterId, missing, going, trusted.size() + missing.size());
  }

  /// Adds everywhere, then removes. What fails is told by backup; the others go on.
  public Result carryOut(Plan plan, Opener opener, Progress progress) {
    Work work = new Work(opener);
    plan.steps().forEach((id, steps) -> work.tried(id, () -> work.add(steps)));
    plan.steps()
        .forEach(
            (id, steps) -> {
              if (!work.failed.containsKey(id)) {
                work.tried(id, () -> steps.forEach(work::remove));
              }
              progress.at("rewrapping", work.added + work.removed);
            });
    return new Result(work.added, work.removed, work.failed);
  }

  private final class Work {
    private final Opener opener;
    private final Map<String, String> failed = new TreeMap<>();
    private int added;
    private int removed;

    Work(Opener opener) {
      this.opener = opener;
    }

    void tried(String id, Runnable work) {
      if (Thread.currentThread().isInterrupted()) {
        failed.put(id, "it was told to stop");
        return;
      }
      try {
        work.run();
      } catch (KeyException | StoreException e) {
        String why = SignedManifest.sentence(e);
        failed.put(id, why);
        logger.log(
            System.Logger.Level.WARNING,
            "event=rewrap_failed backup=%s message=\"%s\"".formatted(id, why));
      }
    }

    /// The key given must open the backup even when something is only taken away: whoever holds
    /// none of its keys has no business with them.
    void add(List<Step> steps) {
      BackupId id = new BackupId(steps.getFirst().backup());
      try (DataKey dataKey = open(id)) {
        Map<Recipient, WrappedKey> wrapped = new HashMap<>();
        for (Step step : steps) {
          for (Recipient recipient : step.add()) {
            WrappedKey key =
                wrapped.computeIfAbsent(
                    recipient, to -> to.wrapped(dataKey, step.clusterId(), id.text()));
            add(step.store(), id, key);
          }
        }
      }
    }

    private DataKey open(BackupId id) {
      Optional<RuntimeException> first = Optional.empty();
      for (Store store : stores) {
        try {
          return new KeyDocuments(store, id, signers).dataKey(opener);
        } catch (KeyException | StoreException e) {
          first = first.or(() -> Optional.of(e));
        }
      }
      throw first.orElseThrow(() -> new IllegalStateException("no store holds " + id));
    }

    private void add(Store store, BackupId id, WrappedKey key) {
      String object = id.key(key.recipient());
      try {
        store.put(object, signing.sign(key.toJson()));
      } catch (StoreException e) {
        if (e.reason() != StoreException.Reason.EXISTS) {
          throw e;
        }
        // Of another process, and as good; or forged, and then it is told.
      }
      var _ = new KeyDocuments(store, id, signers).read(key.recipient());
      store.delete(id.removed(key.recipient()));
      added++;
      logger.log(
          System.Logger.Level.INFO,
          "event=key_added store={0} backup={1} recipient={2}",
          store.name(),
          id,
          key.recipient());
    }

    void remove(Step step) {
      BackupId id = new BackupId(step.backup());
      for (String recipient : step.remove()) {
        requireAnother(step.store(), id, new HashSet<>(step.remove()));
        var note = new RemovedKey(id.text(), recipient, clock.instant());
        try {
          step.store().putControl(id.removed(recipient), signing.sign(note.toJson()));
        } catch (StoreException e) {
          if (e.reason() != StoreException.Reason.EXISTS) {
            throw e;
          }
          var _ = RemovedKey.read(step.store(), id, recipient, signers);
        }
        delete(step.store(), id, recipient);
        removed++;
        logger.log(
            System.Logger.Level.INFO,
            "event=key_removed store={0} backup={1} recipient={2}",
            step.store().name(),
            id,
            recipient);
      }
    }

    private void requireAnother(Store store, BackupId id, Set<String> going) {
      KeyDocuments documents = new KeyDocuments(store, id, signers);
      for (String recipient : documents.recipients()) {
        if (!going.contains(recipient)) {
          try {
            var _ = documents.read(recipient);
            return;
          } catch (KeyException e) {
            // Not one that opens anything.
          }
        }
      }
      throw new KeyException(
          KeyException.Reason.BAD_DOCUMENT,
          "store %s would be left without any key of it".formatted(store.name()));
    }

    private void delete(Store store, BackupId id, String recipient) {
      try {
        store.delete(id.key(recipient));
      } catch (StoreException e) {
        if (e.reason() == StoreException.Reason.DENIED) {
          throw new StoreException(
              StoreException.Reason.DENIED,
              "the key of %s stays in store %s until its lock ends: %s"
                  .formatted(recipient, store.name(), SignedManifest.sentence(e)),
              e);
        }
        throw e;
      }
    }
  }
}
