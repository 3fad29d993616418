package dev.lifeboat.restore;

import java.time.Duration;
import java.util.Optional;

/// Asks again and again until there is an answer, or the time is up.
final class Wait {
  private Wait() {}

  /// What is asked; empty for: not yet.
  interface Question<T> {
    Optional<T> ask() throws InterruptedException;
  }

  /// Whether it is so by now.
  interface Condition {
    boolean holds() throws InterruptedException;
  }

  /// What to say when the time is up.
  interface Late {
    RestoreException say() throws InterruptedException;
  }

  static <T> T until(Duration bound, Duration pause, Question<T> question, Late late)
      throws InterruptedException {
    long deadline = System.nanoTime() + bound.toNanos();
    while (true) {
      Optional<T> answer = question.ask();
      if (answer.isPresent()) {
        return answer.get();
      }
      if (System.nanoTime() >= deadline) {
        throw late.say();
      }
      Thread.sleep(pause);
    }
  }

  static void so(Duration bound, Duration pause, Condition condition, Late late)
      throws InterruptedException {
    boolean _ =
        until(bound, pause, () -> condition.holds() ? Optional.of(true) : Optional.empty(), late);
  }
}
