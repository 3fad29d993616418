package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.status.Status.Stores;
import dev.lifeboat.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ShelfTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final Entry FORGED =
      new Entry(
          "20261122T090000Z-00000001",
          Map.of("local", "20261122T090000Z-00000001.manifest"),
          Optional.empty(),
          Optional.of("forged"),
          Map.of());

  private final AtomicBoolean active = new AtomicBoolean();
  private final AtomicInteger readings = new AtomicInteger();
  private final AtomicReference<List<Entry>> held = new AtomicReference<>(List.of());

  @Test
  void before_the_first_reading_nothing_is_known() throws InterruptedException {
    var slow = new CountDownLatch(1);
    try (Shelf shelf = open(() -> waitFor(slow))) {
      assertEquals(Stores.NOT_YET, shelf.reading().stores());
      assertEquals(Optional.empty(), shelf.latest());

      slow.countDown();
      await(() -> shelf.reading().stores() == Stores.READ);
      assertEquals(Optional.of(new Shelf.Contents(List.of(), NOW)), shelf.latest());
    }
  }

  @Test
  void the_stores_are_read_anew_as_soon_as_the_node_has_become_active()
      throws InterruptedException {
    try (Shelf shelf = open(held::get)) {
      await(() -> shelf.reading().stores() == Stores.READ);
      assertEquals(1, readings.get());
      held.set(List.of(FORGED));

      active.set(true);

      // Far sooner than the minute, and at no moment is the old reading shown as the present.
      assertTrue(!shelf.latest().equals(Optional.of(new Shelf.Contents(List.of(), NOW))));
      await(() -> shelf.latest().equals(Optional.of(new Shelf.Contents(List.of(FORGED), NOW))));
      assertEquals(2, readings.get());
    }
  }

  @Test
  void what_was_read_while_active_still_counts_when_the_node_steps_down()
      throws InterruptedException {
    active.set(true);
    try (Shelf shelf = open(() -> List.of(FORGED))) {
      await(() -> shelf.reading().stores() == Stores.READ);

      active.set(false);

      assertEquals(1, shelf.latest().orElseThrow().entries().size());
    }
  }

  @Test
  void stores_that_cannot_be_read_are_told_from_empty_ones() throws InterruptedException {
    try (Shelf shelf =
        open(
            () -> {
              throw new StoreException(StoreException.Reason.UNAVAILABLE, "the disk is gone");
            })) {
      await(() -> shelf.reading().stores() == Stores.UNREADABLE);
      assertEquals(Optional.empty(), shelf.readNow());
    }
  }

  @Test
  void a_bug_while_reading_ends_neither_the_thread_nor_the_caller() throws InterruptedException {
    var broken = new AtomicBoolean(true);
    try (Shelf shelf =
        open(
            () -> {
              if (broken.get()) {
                throw new IllegalStateException("a bug");
              }
              return List.of();
            })) {
      await(() -> shelf.reading().stores() == Stores.UNREADABLE);

      broken.set(false);

      assertTrue(shelf.readNow().isPresent());
    }
  }

  private Shelf open(Supplier<List<Entry>> stores) {
    return Shelf.open(
        () -> {
          List<Entry> read = stores.get();
          readings.incrementAndGet();
          return read;
        },
        active::get,
        InstantSource.fixed(NOW));
  }

  private static List<Entry> waitFor(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return List.of();
  }

  private static void await(Supplier<Boolean> condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.get()) {
      assertTrue(System.nanoTime() < deadline, "not within 20 s");
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
