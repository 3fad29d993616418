package dev.lifeboat.store;

import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;

/// A store that counts what is put into it, for `vault_backup_uploads_total` and
/// `vault_backup_upload_failures_total`; otherwise the store that it wraps.
public final class CountedStore extends ForwardingStore {
  private final Store store;
  private final LongAdder uploads = new LongAdder();
  private final LongAdder failures = new LongAdder();

  public CountedStore(Store store) {
    this.store = store;
  }

  /// Objects that were asked to be stored, whatever came of it.
  public long uploads() {
    return uploads.sum();
  }

  /// Those of them that were not.
  public long failures() {
    return failures.sum();
  }

  @Override
  protected Store store() {
    return store;
  }

  @Override
  public void put(String object, Path source, String sha256) {
    count(() -> store.put(object, source, sha256));
  }

  @Override
  public void resume(String object, Path source, String sha256) {
    count(() -> store.resume(object, source, sha256));
  }

  @Override
  public void adopt(String object, Path source, String sha256) {
    count(() -> store.adopt(object, source, sha256));
  }

  @Override
  public void put(String object, byte[] content) {
    count(() -> store.put(object, content));
  }

  @Override
  public void putControl(String object, byte[] content) {
    count(() -> store.putControl(object, content));
  }

  private void count(Runnable put) {
    uploads.increment();
    boolean stored = false;
    try {
      put.run();
      stored = true;
    } finally {
      if (!stored) {
        failures.increment();
      }
    }
  }
}
