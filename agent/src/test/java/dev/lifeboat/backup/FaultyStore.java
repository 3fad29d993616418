package dev.lifeboat.backup;

import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/// A store that fails as it is told to, and otherwise does what another one does.
///
/// @param fails which objects cannot be put
/// @param after whether such an object is there all the same
/// @param stays which objects cannot be deleted
record FaultyStore(
    Store store,
    Predicate<String> fails,
    StoreException.Reason reason,
    boolean after,
    Predicate<String> stays)
    implements Store {
  FaultyStore(Store store, Predicate<String> fails, StoreException.Reason reason, boolean after) {
    this(store, fails, reason, after, _ -> false);
  }

  @Override
  public String name() {
    return store.name();
  }

  @Override
  public void put(String object, Path source, String sha256) {
    before(object);
    store.put(object, source, sha256);
    after(object);
  }

  @Override
  public void adopt(String object, Path source, String sha256) {
    before(object);
    store.adopt(object, source, sha256);
    after(object);
  }

  @Override
  public void put(String object, byte[] content) {
    before(object);
    store.put(object, content);
    after(object);
  }

  private void before(String object) {
    if (!after && fails.test(object)) {
      throw failure("store", object);
    }
  }

  private void after(String object) {
    if (after && fails.test(object)) {
      throw failure("store", object);
    }
  }

  private StoreException failure(String doing, String object) {
    return new StoreException(
        reason, "store faulty: cannot %s %s".formatted(doing, object) + "\nhint: it is a fake");
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
    if (stays.test(object)) {
      throw failure("delete", object);
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
