package dev.lifeboat.store;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A store that does what another one does, but for what a subclass makes different. Every method
/// is passed on, so that a new one of [Store] cannot be forgotten in a wrapper.
public abstract class ForwardingStore implements Store {
  /// The one that does it; asked at every call.
  protected abstract Store store();

  @Override
  public String name() {
    return store().name();
  }

  @Override
  public void put(String object, Path source, String sha256) {
    store().put(object, source, sha256);
  }

  @Override
  public void adopt(String object, Path source, String sha256) {
    store().adopt(object, source, sha256);
  }

  @Override
  public void resume(String object, Path source, String sha256) {
    store().resume(object, source, sha256);
  }

  @Override
  public void put(String object, byte[] content) {
    store().put(object, content);
  }

  @Override
  public void putControl(String object, byte[] content) {
    store().putControl(object, content);
  }

  @Override
  public InputStream open(String object) {
    return store().open(object);
  }

  @Override
  public byte[] read(String object, int maxBytes) {
    return store().read(object, maxBytes);
  }

  @Override
  public List<StoredObject> list() {
    return store().list();
  }

  @Override
  public void delete(String object) {
    store().delete(object);
  }

  @Override
  public List<Trouble> troubles() {
    return store().troubles();
  }

  @Override
  public void checkSetup() {
    store().checkSetup();
  }

  @Override
  public Optional<Duration> lockTime() {
    return store().lockTime();
  }

  @Override
  public Optional<Instant> lockedUntil(String object) {
    return store().lockedUntil(object);
  }

  @Override
  public void extendLock(String object, Instant until) {
    store().extendLock(object, until);
  }

  @Override
  public Instant now() {
    return store().now();
  }

  @Override
  public void cleanUp() {
    store().cleanUp();
  }

  @Override
  public void close() {
    store().close();
  }
}
