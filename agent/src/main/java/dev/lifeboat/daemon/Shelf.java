package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// What the stores held when they were last read: every minute and after each run, on a thread of
/// its own, so that neither a scrape nor a status page waits for a disk.
final class Shelf implements AutoCloseable {
  private static final System.Logger logger = System.getLogger(Shelf.class.getName());
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final Supplier<List<Entry>> stores;
  private final InstantSource clock;
  private final Thread thread;
  private volatile Optional<Contents> latest = Optional.empty();

  /// @param entries newest first
  record Contents(List<Entry> entries, Instant at) {
    /// Of backups that can be trusted: a forged manifest must not keep a backup from being taken.
    /// Slots of a time before schedules had names count for every schedule.
    Set<Instant> slots(String schedule) {
      return trusted().stream()
          .filter(manifest -> manifest.schedule().orElse(schedule).equals(schedule))
          .flatMap(manifest -> manifest.slot().stream())
          .collect(Collectors.toSet());
    }

    List<Manifest> trusted() {
      return entries.stream()
          .filter(entry -> entry.trouble().isEmpty())
          .flatMap(entry -> entry.manifest().stream())
          .toList();
    }
  }

  private Shelf(Supplier<List<Entry>> stores, InstantSource clock) {
    this.stores = stores;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("shelf").unstarted(this::keepFresh);
  }

  /// A store that is not required may be away: its backups are missing then, no more.
  static Shelf open(Catalogue catalogue, BackupConfig config, InstantSource clock) {
    Set<String> optional =
        config.stores().stream()
            .filter(store -> !store.required())
            .map(StoreConfig::name)
            .collect(Collectors.toSet());
    return open(() -> catalogue.list(optional::contains), clock);
  }

  static Shelf open(Supplier<List<Entry>> stores, InstantSource clock) {
    Shelf shelf = new Shelf(stores, clock);
    shelf.thread.start();
    return shelf;
  }

  /// Empty until the first reading, and after one that failed: what was there an hour ago is no
  /// answer to what is there now.
  Optional<Contents> latest() {
    return latest;
  }

  /// [#latest] after a [#refresh].
  Optional<Contents> readNow() {
    refresh();
    return latest;
  }

  /// Reads the stores now, on the calling thread.
  synchronized void refresh() {
    try {
      latest = Optional.of(new Contents(stores.get(), clock.instant()));
    } catch (StoreException e) {
      latest = Optional.empty();
      logger.log(
          System.Logger.Level.WARNING,
          "event=stores_unreadable reason=%s message=%s"
              .formatted(e.reason().label(), LogLines.quoted(String.valueOf(e.getMessage()))));
    } catch (RuntimeException e) {
      latest = Optional.empty();
      logger.log(System.Logger.Level.ERROR, "event=stores_unreadable reason=internal", e);
    }
  }

  private void keepFresh() {
    try {
      while (true) {
        refresh();
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
