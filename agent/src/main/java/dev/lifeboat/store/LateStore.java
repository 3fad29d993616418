package dev.lifeboat.store;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A store that need not be there when the agent starts: opened at its first use and, until that
/// succeeds, at every use; each of these fails as the opening did.
public final class LateStore extends ForwardingStore {
  private final String name;
  private final Supplier<Store> opening;
  private @Nullable Store opened;
  private boolean closed;

  /// @param opening throws [StoreException] while the store cannot be opened
  public LateStore(String name, Supplier<Store> opening) {
    this.name = name;
    this.opening = opening;
  }

  @Override
  protected synchronized Store store() {
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
  public synchronized List<Trouble> troubles() {
    return opened == null ? List.of() : opened.troubles();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (opened != null) {
      opened.close();
    }
  }
}
