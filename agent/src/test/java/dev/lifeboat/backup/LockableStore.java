package dev.lifeboat.backup;

import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A store that locks, as a bucket does and no folder can; otherwise the one that it wraps. That a
/// bucket really does so is proven in the lab; here it can be told to fail.
final class LockableStore implements Store {
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
  public String name() {
    return store.name();
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
  public void put(String object, Path source, String sha256) {
    store.put(object, source, sha256);
  }

  @Override
  public void put(String object, byte[] content) {
    store.put(object, content);
  }

  @Override
  public InputStream open(String object) {
    return store.open(object);
  }

  @Override
  public byte[] read(String object, int maxBytes) {
    return store.read(object, maxBytes);
  }

  @Override
  public List<StoredObject> list() {
    return store.list();
  }

  @Override
  public void delete(String object) {
    if (locks.containsKey(object)) {
      throw new StoreException(
          StoreException.Reason.DENIED, "store %s: %s is locked".formatted(name(), object));
    }
    store.delete(object);
  }

  @Override
  public Instant now() {
    return store.now();
  }

  @Override
  public void cleanUp() {
    store.cleanUp();
  }

  @Override
  public void close() {
    store.close();
  }
}
