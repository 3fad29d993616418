package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.store.CountedStore;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.local.LocalStore;
import java.util.ArrayList;
import java.util.List;

/// Every store of a configuration, opened together and closed together.
public final class OpenStores implements AutoCloseable {
  private final List<CountedStore> stores;

  private OpenStores(List<CountedStore> stores) {
    this.stores = List.copyOf(stores);
  }

  /// All of them or none.
  public static OpenStores open(BackupConfig config) {
    List<CountedStore> stores = new ArrayList<>();
    try {
      for (BackupConfig.LocalStoreConfig store : config.stores()) {
        stores.add(new CountedStore(LocalStore.open(store.name(), store.path())));
      }
      return new OpenStores(stores);
    } catch (RuntimeException e) {
      stores.forEach(Store::close);
      throw e;
    }
  }

  public List<Store> all() {
    return List.copyOf(stores);
  }

  /// The same stores, with what was put into each since they were opened.
  List<CountedStore> counted() {
    return stores;
  }

  @Override
  public void close() {
    stores.reversed().forEach(Store::close);
  }
}
