package dev.lifeboat.store;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A store that need not be there when the agent starts: opened at its first use and, until that
/// succeeds, at every use; each of these fails as the opening did.
public final class LateStore implements Store {
  private final String name;
  private final Supplier<Store> opening;
  private @Nullable Store opened;
  private boolean closed;

  /// @param opening throws [StoreException] while the store cannot be opened
  public LateStore(String name, Supplier<Store> opening) {
    this.name = name;
    this.opening = opening;
  }

  private synchronized Store store() {
    if (closed) {
      throw new IllegalStateException("store " + name + " is closed");
    }
    Store store = opened == null ? opening.get() : opened;
    opened = store;
    return store;
  }

  @Override
  public String name() {
    return name;
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
  public void put(String object, byte[] content) {
    store().put(object, content);
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
  public synchronized List<Trouble> troubles() {
    return opened == null ? List.of() : opened.troubles();
  }

  @Override
  public void cleanUp() {
    store().cleanUp();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (opened != null) {
      opened.close();
    }
  }
}
