package dev.lifeboat.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final Duration PAUSE = Duration.ofMillis(1);

  @Test
  void it_goes_on_after_a_round_that_throws_and_ends_when_it_is_closed() throws Exception {
    AtomicInteger rounds = new AtomicInteger();
    CountDownLatch three = new CountDownLatch(3);
    try (Rounds _ =
        Rounds.open(
            "test",
            PAUSE,
            () -> {
              rounds.incrementAndGet();
              three.countDown();
              throw new IllegalStateException("a bug");
            })) {
      assertTrue(three.await(10, TimeUnit.SECONDS));
    }

    Thread.sleep(50);
    int after = rounds.get();
    Thread.sleep(50);
    assertEquals(after, rounds.get());
  }

  @Test
  void a_round_that_is_cut_short_by_the_end_is_no_bug() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    try (Rounds _ =
        Rounds.open(
            "test",
            PAUSE,
            () -> {
              begun.countDown();
              try {
                Thread.sleep(60_000);
              } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                ended.countDown();
                throw new IllegalStateException("closed", stop);
              }
            })) {
      assertTrue(begun.await(10, TimeUnit.SECONDS));
    }

    assertTrue(ended.await(10, TimeUnit.SECONDS));
  }
}
