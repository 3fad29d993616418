package dev.lifeboat.store.s3;

import dev.lifeboat.store.ObjectKind;
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
import java.util.function.Function;
import java.util.stream.Stream;

/// One store in two buckets: backups in one whose default retention locks whatever is put there,
/// control objects in another. Which one an object is in, its name says.
///
/// @param backups also what has no kind
record TwoBuckets(S3Store backups, S3Store control) implements Store {
  /*
   * A store that had one bucket before has control objects in the bucket of the backups. A pin
   * there must not be forgotten, or retention would delete what it holds: so they are listed, read
   * and deleted there too, and only put into the other one.
   */
  private S3Store of(String object) {
    return ObjectKind.isControl(object) ? control : backups;
  }

  @Override
  public String name() {
    return backups.name();
  }

  @Override
  public void put(String object, Path source, String sha256) {
    of(object).put(object, source, sha256);
  }

  @Override
  public void adopt(String object, Path source, String sha256) {
    of(object).adopt(object, source, sha256);
  }

  @Override
  public void put(String object, byte[] content) {
    of(object).put(object, content);
  }

  @Override
  public void putControl(String object, byte[] content) {
    control.putControl(object, content);
  }

  @Override
  public InputStream open(String object) {
    return found(object, store -> store.open(object));
  }

  @Override
  public byte[] read(String object, int maxBytes) {
    return found(object, store -> store.read(object, maxBytes));
  }

  private <T> T found(String object, Function<S3Store, T> reading) {
    try {
      return reading.apply(of(object));
    } catch (StoreException e) {
      if (e.reason() != StoreException.Reason.NOT_FOUND || of(object).equals(backups)) {
        throw e;
      }
      return reading.apply(backups);
    }
  }

  @Override
  public void resume(String object, Path source, String sha256) {
    backups.resume(object, source, sha256);
  }

  @Override
  public List<StoredObject> list() {
    Map<String, StoredObject> objects = new TreeMap<>();
    backups.list().forEach(object -> objects.put(object.name(), object));
    control.list().stream()
        .filter(object -> of(object.name()).equals(control))
        .forEach(object -> objects.put(object.name(), object));
    return List.copyOf(objects.values());
  }

  @Override
  public void delete(String object) {
    if (of(object).equals(control)) {
      control.delete(object);
    }
    backups.delete(object);
  }

  @Override
  public List<Trouble> troubles() {
    return Stream.of(backups, control).flatMap(store -> store.troubles().stream()).toList();
  }

  @Override
  public void checkSetup() {
    backups.checkSetup();
    control.checkSetup();
  }

  @Override
  public Optional<Duration> lockTime() {
    return backups.lockTime();
  }

  @Override
  public Optional<Instant> lockedUntil(String object) {
    return of(object).lockedUntil(object);
  }

  @Override
  public void extendLock(String object, Instant until) {
    of(object).extendLock(object, until);
  }

  @Override
  public Instant now() {
    return backups.now();
  }

  @Override
  public void cleanUp() {
    backups.cleanUp();
    control.cleanUp();
  }

  @Override
  public void close() {
    backups.close();
    control.close();
  }
}
