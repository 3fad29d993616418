package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.BackupOutcome;
import dev.lifeboat.backup.FailureReason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BackupRunsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final BackupOutcome.Failed STOPPED =
      new BackupOutcome.Failed(FailureReason.INTERRUPTED, "stopped", "", Duration.ZERO);

  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicReference<BackupOutcome> told = new AtomicReference<>();
  private final BackupRuns runs =
      new BackupRuns(
          (_, progress) -> {
            progress.at("snapshot", 7);
            try {
              release.await();
              return new BackupOutcome.Failed(FailureReason.SEALED, "sealed", "", Duration.ZERO);
            } catch (InterruptedException e) {
              return STOPPED;
            }
          },
          (_, outcome) -> told.set(outcome));

  @Test
  void one_at_a_time() throws InterruptedException {
    var first = runs.begin(Optional.empty()).orElseThrow();
    assertEquals(Optional.empty(), runs.begin(Optional.empty()));

    release.countDown();

    assertTrue(first.await(PATIENCE).isPresent());
    assertTrue(runs.begin(Optional.empty()).isPresent());
  }

  @Test
  void closing_interrupts_the_run_and_waits_for_it() {
    var _ = runs.begin(Optional.empty()).orElseThrow();

    runs.close();

    assertEquals(STOPPED, told.get());
    assertEquals(Optional.empty(), runs.begin(Optional.empty()));
  }

  @Test
  void draining_lets_the_run_go_on_and_no_other_begin() throws InterruptedException {
    var run = runs.begin(Optional.empty()).orElseThrow();

    runs.drain();
    release.countDown();

    assertInstanceOf(BackupOutcome.Failed.class, run.await(PATIENCE).orElseThrow());
    assertEquals(Optional.empty(), runs.begin(Optional.empty()));
    runs.resume();
    assertTrue(runs.begin(Optional.empty()).isPresent());
  }

  @Test
  void a_bug_is_an_outcome_too() throws InterruptedException {
    BackupRuns broken =
        new BackupRuns(
            (_, _) -> {
              throw new IllegalStateException("bug");
            },
            (_, outcome) -> told.set(outcome));

    var outcome = broken.begin(Optional.empty()).orElseThrow().await(PATIENCE).orElseThrow();

    assertEquals(FailureReason.INTERNAL, ((BackupOutcome.Failed) outcome).reason());
    assertEquals(outcome, told.get());
  }
}
