package dev.lifeboat.backup;

import dev.lifeboat.store.ForwardingStore;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A store that locks, as a bucket does and no folder can; otherwise the one that it wraps. That a
/// bucket really does so is proven in the lab; here it can be told to fail.
final class LockableStore extends ForwardingStore {
  final Map<String, Instant> locks = new TreeMap<>();
  final Map<String, Integer> asked = new TreeMap<>();
  Predicate<String> fails = _ -> false;
  StoreException.Reason reason = StoreException.Reason.DENIED;
  private final Store store;
  private final Duration lockTime;

  LockableStore(Store store, Duration lockTime) {
    this.store = store;
    this.lockTime = lockTime;
  }

  @Override
  protected Store store() {
    return store;
  }

  @Override
  public Optional<Duration> lockTime() {
    return Optional.of(lockTime);
  }

  @Override
  public Optional<Instant> lockedUntil(String object) {
    asked.merge(object, 1, Integer::sum);
    return Optional.ofNullable(locks.get(object));
  }

  @Override
  public void extendLock(String object, Instant until) {
    if (fails.test(object)) {
      throw new StoreException(reason, "store %s: cannot lock %s".formatted(name(), object));
    }
    locks.merge(object, until, (one, other) -> one.isAfter(other) ? one : other);
  }

  @Override
  public void delete(String object) {
    if (locks.containsKey(object)) {
      throw new StoreException(
          StoreException.Reason.DENIED, "store %s: %s is locked".formatted(name(), object));
    }
    store.delete(object);
  }
}
