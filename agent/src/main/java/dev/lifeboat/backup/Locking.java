package dev.lifeboat.backup;

import dev.lifeboat.retention.Decision;
import dev.lifeboat.retention.Hold;
import dev.lifeboat.retention.Item;
import dev.lifeboat.retention.RetentionPlan;
import dev.lifeboat.store.ObjectKind;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The object locks of backups: what they are, and that they last as long as retention promises.
final class Locking {
  /*
   * Of what is about to go every object is asked, so that no manifest is deleted whose data stays.
   *
   * A lock is extended object by object, the manifest last. A death between leaves some locked for
   * longer, and the next run finds the shortest and does the rest; it would also find a key that
   * was added later. Each lock is asked for once and remembered: nobody but who may bypass it makes
   * it shorter, and one that another agent made longer is asked for again when it is extended.
   */
  private static final System.Logger logger = System.getLogger(Locking.class.getName());

  private final Map<String, Map<String, Instant>> known = new ConcurrentHashMap<>();

  /// The backups of a plan with what their store says of locks: of those that would go whether they
  /// are held, of those that shall be locked for longer until when they are.
  List<Item> asked(RetentionPlan plan, List<Holding> holdings) {
    Map<String, Holding> byKey =
        holdings.stream().collect(Collectors.toMap(Holding::key, Function.identity(), (a, _) -> a));
    Map<String, Map<String, Instant>> seen = new HashMap<>();
    List<Item> items =
        plan.decisions().stream()
            .map(
                decision -> {
                  Optional<Holding> holding = Optional.ofNullable(byKey.get(decision.item().id()));
                  return holding.map(each -> asked(decision, each, seen)).orElse(decision.item());
                })
            .toList();
    known.putAll(seen);
    return items;
  }

  private Item asked(Decision decision, Holding holding, Map<String, Map<String, Instant>> seen) {
    Item item = decision.item();
    Store store = holding.store();
    if (decision.expires()) {
      return all(holding).stream()
          .flatMap(object -> until(store, object).stream())
          .max(Comparator.naturalOrder())
          .map(until -> item.heldBy(new Hold.Locked(until)))
          .orElse(item);
    }
    if (decision.lockTo().isEmpty()) {
      return item;
    }
    Map<String, Instant> before = known.getOrDefault(store.name(), Map.of());
    Map<String, Instant> remembered =
        seen.computeIfAbsent(store.name(), _ -> new ConcurrentHashMap<>());
    Instant shortest = Instant.MAX;
    for (String part : parts(holding)) {
      Instant lock =
          Optional.ofNullable(before.get(part)).or(() -> until(store, part)).orElse(Instant.MIN);
      remembered.put(part, lock);
      shortest = lock.isBefore(shortest) ? lock : shortest;
    }
    return item.lockedUntil(shortest);
  }

  /// Who may not ask is told by what comes next.
  private static Optional<Instant> until(Store store, String object) {
    try {
      return store.lockedUntil(object);
    } catch (StoreException e) {
      if (e.reason() != StoreException.Reason.DENIED) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private static Collection<String> all(Holding holding) {
    Collection<String> all = new TreeSet<>(holding.objects().keySet());
    all.add(holding.object());
    return all;
  }

  /// What restores the backup, its manifest last.
  private static List<String> parts(Holding holding) {
    return all(holding).stream()
        .filter(ObjectKind::isBackup)
        .sorted(Comparator.comparing(object -> object.equals(holding.object())))
        .toList();
  }

  /// What came of it.
  static final class Result {
    private final Map<String, Instant> locked = new TreeMap<>();
    private final Map<String, String> failed = new TreeMap<>();
    private Optional<String> brokenOff = Optional.empty();

    /// By id.
    Map<String, Instant> locked() {
      return locked;
    }

    /// By id.
    Map<String, String> failed() {
      return failed;
    }

    /// Why the rest was not tried.
    Optional<String> brokenOff() {
      return brokenOff;
    }
  }

  /// Extends the locks of a plan. A backup whose lock cannot be extended is named, and the rest
  /// goes on; a store that does not answer, or an interrupt, ends it early.
  ///
  /// @param manifests as they are now, by id
  Result extend(Store store, List<Decision> plan, Map<String, Holding> manifests) {
    Result result = new Result();
    for (Decision decision : plan) {
      if (Thread.currentThread().isInterrupted()) {
        result.brokenOff = Optional.of("it was told to stop");
      }
      if (result.brokenOff.isPresent()) {
        break;
      }
      String id = decision.item().id();
      Optional<Holding> holding =
          Optional.ofNullable(manifests.get(id)).filter(h -> h.manifest().trusted().isPresent());
      if (holding.isEmpty()) {
        result.failed.put(id, "its manifest is not the one that was planned with");
      } else {
        extend(store, holding.get(), decision.lockTo().orElseThrow(), result);
      }
    }
    return result;
  }

  private void remember(Store store, String object, Instant until) {
    known
        .computeIfAbsent(store.name(), _ -> new ConcurrentHashMap<>())
        .merge(object, until, (one, other) -> one.isAfter(other) ? one : other);
  }

  private void extend(Store store, Holding holding, Instant until, Result result) {
    String id = holding.key();
    try {
      for (String object : parts(holding)) {
        store.extendLock(object, until);
        remember(store, object, until);
      }
      result.locked.put(id, until);
      logger.log(
          System.Logger.Level.INFO,
          "event=lock_extended store={0} backup={1} until={2}",
          store.name(),
          id,
          until.toString());
    } catch (StoreException e) {
      String why = SignedManifest.sentence(e);
      result.failed.put(id, "its lock was not extended: " + why);
      if (e.reason() == StoreException.Reason.UNAVAILABLE) {
        result.brokenOff = Optional.of(why);
      }
      logger.log(
          System.Logger.Level.WARNING,
          "event=lock_failed store=%s backup=%s reason=%s message=\"%s\""
              .formatted(store.name(), id, e.reason().label(), why));
    }
  }
}
