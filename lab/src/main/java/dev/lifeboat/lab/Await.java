package dev.lifeboat.lab;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for something another process does, looking every 50 ms.
public final class Await {
  private static final long LOOK_MILLIS = 50;

  private Await() {}

  /// Until it holds; [LabException] naming `what` after `bound`.
  public static void until(String what, Duration bound, BooleanSupplier holds) {
    until(what, bound, () -> holds.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  /// Until there is a value.
  public static <T> T until(String what, Duration bound, Supplier<Optional<T>> value) {
    long start = System.nanoTime();
    while (true) {
      var found = value.get();
      if (found.isPresent()) {
        return found.get();
      }
      if (System.nanoTime() - start > bound.toNanos()) {
        throw new LabException("waited " + bound.toSeconds() + " s in vain for " + what);
      }
      pause(what);
    }
  }

  private static void pause(String what) {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted while waiting for " + what, e);
    }
  }
}
