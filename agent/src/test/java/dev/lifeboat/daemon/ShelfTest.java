package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Catalogue.Entry;
import dev.lifeboat.backup.Catalogue.Survey;
import dev.lifeboat.status.Status.Stores;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.store.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShelfTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final Entry FORGED =
      new Entry(
          "20261122T090000Z-00000001",
          Map.of("local", "20261122T090000Z-00000001.manifest"),
          Optional.empty(),
          Optional.of("forged"),
          Map.of());

  private static final List<StoreConfig> STORES =
      List.of(
          new StoreConfig("near", true, new StoreConfig.Local(Path.of("/near"))),
          new StoreConfig("far", false, new StoreConfig.Local(Path.of("/far"))));

  @TempDir Path folder;
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
    var gone = new StoreException(StoreException.Reason.UNAVAILABLE, "the disk is gone");
    try (Shelf shelf = openSurvey(() -> new Survey(List.of(), Map.of("near", gone, "far", gone)))) {
      await(() -> shelf.reading().stores() == Stores.UNREADABLE);
      assertEquals(Optional.empty(), shelf.readNow());
      assertEquals(Map.of(), shelf.reading().missing());
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

  @Test
  void without_a_required_store_the_rest_is_shown_and_nothing_is_decided()
      throws InterruptedException {
    try (Shelf shelf = openSurvey(() -> without("near"))) {
      await(() -> shelf.reading().stores() == Stores.PARTLY);

      assertEquals(1, shelf.reading().contents().orElseThrow().entries().size());
      assertEquals(Set.of("near"), shelf.reading().failures().keySet());
      assertEquals(Map.of("far", List.of()), shelf.reading().missing());
      assertEquals(Optional.empty(), shelf.latest());
    }
  }

  @Test
  void without_a_store_that_is_not_required_decisions_go_on() throws InterruptedException {
    try (Shelf shelf = openSurvey(() -> without("far"))) {
      await(() -> shelf.reading().stores() == Stores.PARTLY);

      assertEquals(1, shelf.latest().orElseThrow().entries().size());
    }
  }

  private static Survey without(String store) {
    return new Survey(
        List.of(FORGED),
        Map.of(store, new StoreException(StoreException.Reason.UNAVAILABLE, "it is away")));
  }

  private Shelf open(Supplier<List<Entry>> stores) {
    return openSurvey(() -> new Survey(stores.get(), Map.of()));
  }

  private Shelf openSurvey(Supplier<Survey> stores) {
    return Shelf.open(
        () -> {
          Survey read = stores.get();
          readings.incrementAndGet();
          return read;
        },
        STORES,
        KnownBackups.open(folder.resolve("known"), STORES),
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
