package dev.lifeboat.daemon;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Replication;
import dev.lifeboat.backup.Replication.Missing;
import dev.lifeboat.store.PacedStore;
import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Keeps the stores with `replicate-from` as full as their retention wants them, on the active
/// node, on one thread of its own.
///
/// Nothing is remembered: what a replica lacks is seen in the stores, so a new leader goes on where
/// the last one stopped. A backup has precedence: while one is taken, copying pauses where it is.
final class Replicas implements AutoCloseable {
  private static final System.Logger logger = System.getLogger(Replicas.class.getName());
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration CLEAN_UP = Duration.ofMillis(400);

  private final List<Link> links;
  private final Replication replication;
  private final Duties duties;
  private final ReplicaCounts counts;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Thread thread;

  /// One replica and where it copies from.
  static final class Link {
    private final StoreConfig config;
    private final Store source;
    private final Store target;
    private final Set<String> unwanted = new HashSet<>();
    private final Set<String> tried = new HashSet<>();
    private int failures;
    private long notBefore;
    private long verifyNotBefore;

    Link(StoreConfig config, Store source, Store target) {
      this.config = config;
      this.source = source;
      this.target = target;
    }

    private String name() {
      return target.name();
    }
  }

  /// What it looks at, and what it sets off.
  ///
  /// @param latest what the stores held when they were last read
  /// @param proof verifies a copy where it lies now
  record Duties(
      BooleanSupplier active,
      BooleanSupplier backingUp,
      Supplier<Optional<Shelf.Contents>> latest,
      Supplier<Optional<Shelf.Contents>> readNow,
      Verifications.Proof proof) {}

  Replicas(
      List<Link> links,
      Replication replication,
      Duties duties,
      ReplicaCounts counts,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.links = List.copyOf(links);
    this.replication = replication;
    this.duties = duties;
    this.counts = counts;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.thread = Thread.ofVirtual().name("replicas").unstarted(this::run);
    for (Link link : links) {
      link.notBefore = nanoTime.getAsLong();
      link.verifyNotBefore = link.notBefore;
    }
  }

  void begin() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(TICK);
        tick();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  /// One look at every replica that is due for one, and what comes of it.
  void tick() {
    if (!duties.active().getAsBoolean()) {
      counts.forgetMissing();
      return;
    }
    for (Link link : links) {
      if (Thread.currentThread().isInterrupted() || duties.backingUp().getAsBoolean()) {
        return;
      }
      if (nanoTime.getAsLong() - link.notBefore >= 0) {
        look(link);
      }
    }
  }

  private void look(Link link) {
    Optional<Shelf.Contents> contents = duties.latest().get();
    if (contents.isEmpty()) {
      return;
    }
    try {
      if (candidates(link, contents.get()).isEmpty()) {
        link.failures = 0;
        counts.complete(link.name(), clock.instant());
        verifyNext(link, contents.get());
        return;
      }
      synchronise(link, contents.get());
      link.failures = 0;
    } catch (StoreException e) {
      counts.failed(link.name(), e.reason());
      failed(link, String.valueOf(e.getMessage()), e.reason().label());
    } catch (RuntimeException e) {
      logger.log(System.Logger.Level.ERROR, "event=replica_bug store=" + link.name(), e);
      failed(link, "a bug; see the log", "internal");
    }
  }

  /// Of what the shelf knows, without another reading.
  private static Set<String> candidates(Link link, Shelf.Contents contents) {
    Set<String> ids = new HashSet<>();
    for (Entry entry : contents.entries()) {
      if (entry.trouble().isEmpty()
          && entry.stores().contains(link.source.name())
          && !entry.stores().contains(link.name())) {
        ids.add(entry.id());
      }
    }
    ids.removeAll(link.unwanted);
    return ids;
  }

  private void synchronise(Link link, Shelf.Contents contents) {
    Set<String> seen = candidates(link, contents);
    counts.forgetMissing(link.name());
    replication.cleanUp(link.target);
    List<Missing> missing = replication.missing(link.source, link.target, link.config.retention());
    counts.missing(link.name(), missing.size());
    ReadingPace pace = pace(link);
    Store source = new PacedStore(link.source, pace);
    StoreException damaged = null;
    int left = missing.size();
    for (Missing backup : missing) {
      try {
        replication.copy(backup, source, link.target);
        counts.copied(link.name(), backup.bytes());
        counts.missing(link.name(), --left);
        verify(link, backup, pace);
      } catch (StoreException e) {
        if (e.reason() != StoreException.Reason.CORRUPTED) {
          throw e;
        }
        // One that is damaged at its source must not keep the others from being safe.
        damaged = e;
        logger.log(
            System.Logger.Level.ERROR,
            "event=backup_not_replicated backup=%s store=%s message=%s"
                .formatted(
                    backup.id(), link.name(), LogLines.quoted(String.valueOf(e.getMessage()))));
      }
    }
    var _ = duties.readNow().get();
    if (damaged != null) {
      throw damaged;
    }
    missing.forEach(backup -> seen.remove(backup.id()));
    link.unwanted.clear();
    link.unwanted.addAll(seen);
    counts.complete(link.name(), clock.instant());
  }

  /// Its record says when the copy was first proven; the schedule of verifications goes on from it.
  private void verify(Link link, Missing backup, PacedStore.Pace pace) {
    duties.readNow().get().stream()
        .flatMap(contents -> contents.entries().stream())
        .filter(entry -> entry.id().equals(backup.id()))
        .filter(entry -> entry.stores().contains(link.name()))
        .findFirst()
        .ifPresent(entry -> verify(link, entry, pace));
  }

  /// A copy whose verification an agent did not live to see, or the store did not let happen.
  private void verifyNext(Link link, Shelf.Contents contents) {
    if (nanoTime.getAsLong() - link.verifyNotBefore < 0) {
      return;
    }
    contents.entries().stream()
        .filter(entry -> entry.trouble().isEmpty() && entry.stores().contains(link.name()))
        .filter(entry -> !entry.checks().containsKey(link.name()))
        .filter(entry -> !link.tried.contains(entry.id()))
        .findFirst()
        .ifPresent(
            entry -> {
              verify(link, entry, pace(link));
              var _ = duties.readNow().get();
            });
  }

  private void verify(Link link, Entry entry, PacedStore.Pace pace) {
    Turns.Turn turn = new Turns.Turn(entry, link.name());
    if (duties.proof().prove(turn, clock.instant(), pace)) {
      link.tried.add(entry.id());
    } else {
      // A newer backup need not wait for that.
      link.verifyNotBefore = nanoTime.getAsLong() + Scheduler.wait(1).toNanos();
    }
  }

  private ReadingPace pace(Link link) {
    return new ReadingPace(
        link.config.replica().orElseThrow().bytesPerSecond(), duties.active(), duties.backingUp());
  }

  private void failed(Link link, String message, String reason) {
    link.failures++;
    link.notBefore = nanoTime.getAsLong() + Scheduler.wait(link.failures).toNanos();
    logger.log(
        System.Logger.Level.WARNING,
        "event=replica_failed store=%s from=%s reason=%s message=%s"
            .formatted(link.name(), link.source.name(), reason, LogLines.quoted(message)));
  }

  /// What is being copied is given up; the next agent goes on.
  @Override
  public void close() {
    thread.interrupt();
    try {
      if (thread.getState() != Thread.State.NEW && !thread.join(CLEAN_UP)) {
        logger.log(System.Logger.Level.WARNING, "event=replicas_abandoned");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
