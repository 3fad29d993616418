package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.status.Status;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// What the stores held when they were last read: every minute, after each run and when this node
/// becomes active, on a thread of its own, so that neither a scrape nor a status page waits for a
/// disk.
final class Shelf implements AutoCloseable {
  private static final System.Logger logger = System.getLogger(Shelf.class.getName());
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  /// How soon a change of the leader is noticed.
  private static final Duration TICK = Duration.ofMillis(250);

  private final Supplier<List<Entry>> stores;
  private final BooleanSupplier active;
  private final InstantSource clock;
  private final Thread thread;
  private volatile Reading latest = new Reading(Status.Stores.NOT_YET, Optional.empty(), false);

  /// @param contents empty unless the stores were read
  /// @param active whether this node led when the reading began
  record Reading(Status.Stores stores, Optional<Contents> contents, boolean active) {}

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

  private Shelf(Supplier<List<Entry>> stores, BooleanSupplier active, InstantSource clock) {
    this.stores = stores;
    this.active = active;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("shelf").unstarted(this::keepFresh);
  }

  /// A store that is not required may be away: its backups are missing then, no more.
  ///
  /// @param active whether this node leads
  static Shelf open(
      Catalogue catalogue, BackupConfig config, BooleanSupplier active, InstantSource clock) {
    Set<String> optional =
        config.stores().stream()
            .filter(store -> !store.required())
            .map(StoreConfig::name)
            .collect(Collectors.toSet());
    return open(() -> catalogue.list(optional::contains), active, clock);
  }

  static Shelf open(Supplier<List<Entry>> stores, BooleanSupplier active, InstantSource clock) {
    Shelf shelf = new Shelf(stores, active, clock);
    shelf.thread.start();
    return shelf;
  }

  /// `NOT_YET` also when this node has become active since: the leader before it may have stored
  /// backups of which a reading of a minute ago knows nothing.
  Reading reading() {
    Reading last = latest;
    return outdated(last) ? new Reading(Status.Stores.NOT_YET, Optional.empty(), true) : last;
  }

  private boolean outdated(Reading reading) {
    return active.getAsBoolean() && !reading.active();
  }

  /// Empty until the first reading, and after one that failed: what was there an hour ago is no
  /// answer to what is there now.
  Optional<Contents> latest() {
    return reading().contents();
  }

  /// [#latest] after a [#refresh].
  Optional<Contents> readNow() {
    refresh();
    return latest();
  }

  /// Reads the stores now, on the calling thread.
  synchronized void refresh() {
    boolean leads = active.getAsBoolean();
    try {
      Contents contents = new Contents(stores.get(), clock.instant());
      latest = new Reading(Status.Stores.READ, Optional.of(contents), leads);
    } catch (StoreException e) {
      latest = new Reading(Status.Stores.UNREADABLE, Optional.empty(), leads);
      logger.log(
          System.Logger.Level.WARNING,
          "event=stores_unreadable reason=%s message=%s"
              .formatted(e.reason().label(), LogLines.quoted(String.valueOf(e.getMessage()))));
    } catch (RuntimeException e) {
      latest = new Reading(Status.Stores.UNREADABLE, Optional.empty(), leads);
      logger.log(System.Logger.Level.ERROR, "event=stores_unreadable reason=internal", e);
    }
  }

  private void keepFresh() {
    try {
      while (true) {
        refresh();
        long readAt = System.nanoTime();
        while (!outdated(latest) && System.nanoTime() - readAt < INTERVAL.toNanos()) {
          Thread.sleep(TICK);
        }
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
