package dev.lifeboat.daemon;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.store.PacedStore;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// How fast a scheduled verification reads: within a bandwidth, not at all while a backup is taken,
/// and no further when this node no longer leads or the agent stops.
final class ReadingPace implements PacedStore.Pace {
  private static final long NANOS = 1_000_000_000L;

  /// How soon the end of a backup, or being told to stop, is noticed.
  private static final long SLICE_NANOS = NANOS / 10;

  private final double nanosPerByte;
  private final BooleanSupplier active;
  private final BooleanSupplier backingUp;
  private volatile boolean stopped;
  private long freeAt = System.nanoTime();

  ReadingPace(
      Optional<ByteSize> bytesPerSecond, BooleanSupplier active, BooleanSupplier backingUp) {
    this.nanosPerByte = bytesPerSecond.map(each -> (double) NANOS / each.bytes()).orElse(0.0);
    this.active = active;
    this.backingUp = backingUp;
  }

  @Override
  public void taken(int bytes) throws InterruptedIOException {
    // Time that was not used is lost, or a pause would be followed by a burst.
    freeAt = Math.max(freeAt, System.nanoTime()) + (long) (bytes * nanosPerByte);
    while (true) {
      if (stopped) {
        throw new InterruptedIOException("the agent stops");
      }
      if (!active.getAsBoolean()) {
        throw new InterruptedIOException("this node no longer leads");
      }
      long left = freeAt - System.nanoTime();
      if (left <= 0 && !backingUp.getAsBoolean()) {
        return;
      }
      sleep(left <= 0 ? SLICE_NANOS : Math.min(left, SLICE_NANOS));
    }
  }

  private static void sleep(long nanos) throws InterruptedIOException {
    try {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /// For good.
  void stop() {
    stopped = true;
  }
}
