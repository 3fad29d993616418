package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.store.CountedStore;
import dev.lifeboat.store.LateStore;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.SftpConfig;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.local.LocalStore;
import dev.lifeboat.store.s3.S3Store;
import dev.lifeboat.store.sftp.SftpStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Every store of a configuration, opened together and closed together.
public final class OpenStores implements AutoCloseable {
  private final List<CountedStore> stores;

  private OpenStores(List<CountedStore> stores) {
    this.stores = List.copyOf(stores);
  }

  /// All of them or none; one that is not required may come later.
  public static OpenStores open(BackupConfig config) {
    List<CountedStore> stores = new ArrayList<>();
    try {
      for (StoreConfig store : config.stores()) {
        stores.add(
            new CountedStore(
                store.required() ? open(store) : new LateStore(store.name(), () -> open(store))));
      }
      return new OpenStores(stores);
    } catch (RuntimeException e) {
      stores.forEach(Store::close);
      throw e;
    }
  }

  /// As if there were no others than these; a [StoreException] when there is none of such a name.
  public static OpenStores only(BackupConfig config, List<String> names) {
    List<CountedStore> stores = new ArrayList<>();
    try {
      for (String name : names) {
        StoreConfig store = named(config, name);
        // Of several one is enough.
        stores.add(
            new CountedStore(
                names.size() == 1 ? open(store) : new LateStore(name, () -> open(store))));
      }
      return new OpenStores(stores);
    } catch (RuntimeException e) {
      stores.forEach(Store::close);
      throw e;
    }
  }

  private static StoreConfig named(BackupConfig config, String name) {
    return config.stores().stream()
        .filter(store -> store.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new StoreException(
                    StoreException.Reason.NOT_FOUND,
                    "the configuration has no store '%s'\nhint: there is %s"
                        .formatted(
                            name,
                            config.stores().stream()
                                .map(StoreConfig::name)
                                .collect(Collectors.joining(", ")))));
  }

  /// One alone, for whoever looks at each for itself.
  public static Store openOne(StoreConfig store) {
    return open(store);
  }

  private static Store open(StoreConfig store) {
    return switch (store.where()) {
      case StoreConfig.Local(Path path) -> LocalStore.open(store.name(), path);
      case S3Config s3 -> S3Store.open(store.name(), s3, InstantSource.system());
      case SftpConfig sftp -> SftpStore.open(store.name(), sftp, InstantSource.system());
    };
  }

  /// Those that backups are written into.
  public List<Store> written(BackupConfig config) {
    Set<String> names =
        config.written().stream().map(StoreConfig::name).collect(Collectors.toSet());
    return List.copyOf(stores.stream().filter(store -> names.contains(store.name())).toList());
  }

  /// The one of this name, which the configuration has.
  Store named(String name) {
    return stores.stream().filter(store -> store.name().equals(name)).findFirst().orElseThrow();
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
