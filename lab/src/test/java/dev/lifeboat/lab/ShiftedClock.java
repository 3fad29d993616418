package dev.lifeboat.lab;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

/// A clock that goes on like every other and can be set.
final class ShiftedClock implements InstantSource {
  private final AtomicInteger schedulerLooks = new AtomicInteger();
  private volatile Duration shift = Duration.ZERO;

  ShiftedClock(Instant now) {
    set(now);
  }

  void set(Instant now) {
    shift = Duration.between(InstantSource.system().instant(), now);
  }

  @Override
  public Instant instant() {
    if (Thread.currentThread().getName().equals("scheduler")) {
      schedulerLooks.incrementAndGet();
    }
    return InstantSource.system().instant().plus(shift);
  }

  /// How often a scheduler that may act looked what is due; one on a standby does not look.
  int schedulerLooks() {
    return schedulerLooks.get();
  }
}
