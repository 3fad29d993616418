package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.Cluster;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Looks all the time who leads, on a thread of its own.
final class Leaders implements AutoCloseable {
  private static final long LOOK_MILLIS = 200;

  private final Cluster cluster;
  private final InstantSource clock;
  private final List<Look> looks = new ArrayList<>();
  private final Thread thread;

  /// @param leader its name; empty while nobody leads
  private record Look(Instant at, Optional<String> leader) {}

  private Leaders(Cluster cluster, InstantSource clock) {
    this.cluster = cluster;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("leaders").unstarted(this::run);
  }

  static Leaders watch(Cluster cluster, InstantSource clock) {
    var leaders = new Leaders(cluster, clock);
    leaders.thread.start();
    return leaders;
  }

  private void run() {
    try {
      while (true) {
        Optional<String> leader = cluster.leader().map(node -> node.name());
        synchronized (looks) {
          looks.add(new Look(clock.instant(), leader));
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  /// Of these slots those during which there was a moment without a leader, or two leaders one
  /// after the other.
  Set<Instant> unled(List<Instant> slots, Duration length) {
    Set<Instant> unled = new HashSet<>();
    synchronized (looks) {
      for (Instant slot : slots) {
        Instant end = slot.plus(length);
        Set<Optional<String>> seen = new HashSet<>();
        looks.stream()
            .filter(look -> !look.at().isBefore(slot) && !look.at().isAfter(end))
            .forEach(look -> seen.add(look.leader()));
        if (seen.size() != 1 || seen.contains(Optional.<String>empty())) {
          unled.add(slot);
        }
      }
    }
    return unled;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
