package dev.lifeboat.daemon;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Catalogue.Survey;
import dev.lifeboat.backup.Manifest;
import dev.lifeboat.status.Status;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
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

  private final Supplier<Survey> stores;
  private final List<StoreConfig> configs;
  private final Set<String> required;
  private final KnownBackups known;
  private final BooleanSupplier active;
  private final InstantSource clock;
  private final Thread thread;
  private volatile Reading latest = Reading.without(Status.Stores.NOT_YET, false);

  /// @param contents of the stores that could be read; empty when none could
  /// @param failures by store that could not be read
  /// @param missing by store that was read: ids of backups that should be there, the oldest first
  /// @param active whether this node led when the reading began
  record Reading(
      Status.Stores stores,
      Optional<Contents> contents,
      Map<String, StoreException> failures,
      Map<String, List<String>> missing,
      boolean active) {
    private static Reading without(Status.Stores stores, boolean active) {
      return new Reading(stores, Optional.empty(), Map.of(), Map.of(), active);
    }
  }

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

  private Shelf(
      Supplier<Survey> stores,
      List<StoreConfig> configs,
      KnownBackups known,
      BooleanSupplier active,
      InstantSource clock) {
    this.stores = stores;
    this.configs = List.copyOf(configs);
    this.required =
        configs.stream()
            .filter(StoreConfig::required)
            .map(StoreConfig::name)
            .collect(Collectors.toSet());
    this.known = known;
    this.active = active;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("shelf").unstarted(this::keepFresh);
  }

  /// @param configs of every store
  /// @param known of the same stores
  /// @param active whether this node leads
  static Shelf open(
      Supplier<Survey> stores,
      List<StoreConfig> configs,
      KnownBackups known,
      BooleanSupplier active,
      InstantSource clock) {
    Shelf shelf = new Shelf(stores, configs, known, active, clock);
    shelf.thread.start();
    return shelf;
  }

  /// `NOT_YET` also when this node has become active since: the leader before it may have stored
  /// backups of which a reading of a minute ago knows nothing.
  Reading reading() {
    Reading last = latest;
    return outdated(last) ? Reading.without(Status.Stores.NOT_YET, true) : last;
  }

  private boolean outdated(Reading reading) {
    return active.getAsBoolean() && !reading.active();
  }

  /// What decisions are made on. Empty until the first reading, and after one that a required store
  /// failed: what was there an hour ago is no answer to what is there now, nor is a half of it. A
  /// store that is not required may be away.
  Optional<Contents> latest() {
    Reading last = reading();
    return last.contents()
        .filter(_ -> last.failures().keySet().stream().noneMatch(required::contains));
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
      Survey survey = stores.get();
      Instant now = clock.instant();
      survey.failures().forEach(Shelf::warn);
      Status.Stores read = StatusFacts.stores(survey, configs.size());
      latest =
          new Reading(
              read,
              read == Status.Stores.UNREADABLE
                  ? Optional.empty()
                  : Optional.of(new Contents(survey.entries(), now)),
              survey.failures(),
              known.missing(survey, now),
              leads);
    } catch (RuntimeException e) {
      latest = Reading.without(Status.Stores.UNREADABLE, leads);
      logger.log(System.Logger.Level.ERROR, "event=store_unreadable reason=internal", e);
    }
  }

  private static void warn(String store, StoreException e) {
    logger.log(
        System.Logger.Level.WARNING,
        "event=store_unreadable store=%s reason=%s message=%s"
            .formatted(store, e.reason().label(), LogLines.quoted(String.valueOf(e.getMessage()))));
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
