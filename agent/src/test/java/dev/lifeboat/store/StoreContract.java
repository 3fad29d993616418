package dev.lifeboat.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The obligations of [Store], one test each. A store is proven by a test class that implements
/// this interface and nothing else; what only that store can do wrong is tested beside it.
public interface StoreContract {
  /// A handle on the one place of this test, which is empty at first; each call another handle, as
  /// another process would have.
  Store open();

  /// Leaves in that place what a process leaves that dies while it stores `object`.
  void leavePartial(String object, byte[] content) throws Exception;

  @Test
  default void an_object_put_from_bytes_reads_back() {
    try (Store store = open()) {
      store.put("a.manifest", "hello".getBytes(UTF_8));

      assertEquals("hello", new String(store.read("a.manifest", 5), UTF_8));
    }
  }

  @Test
  default void an_object_put_from_a_file_reads_back_and_the_file_stays(@TempDir Path work)
      throws Exception {
    Path source = file(work, bytes(100_000, 1));
    try (Store store = open()) {
      store.put("a.data", source, sha256(bytes(100_000, 1)));

      try (InputStream stored = store.open("a.data")) {
        assertArrayEquals(bytes(100_000, 1), stored.readAllBytes());
      }
      assertArrayEquals(bytes(100_000, 1), Files.readAllBytes(source));
    }
  }

  @Test
  default void an_adopted_file_reads_back_after_its_source_is_unlinked(@TempDir Path work)
      throws Exception {
    Path source = file(work, bytes(100_000, 2));
    try (Store store = open()) {
      store.adopt("a.data", source, sha256(bytes(100_000, 2)));
      Files.delete(source);

      assertArrayEquals(bytes(100_000, 2), store.read("a.data", 100_000));
    }
  }

  @Test
  default void a_big_object_is_stored_whole(@TempDir Path work) throws Exception {
    byte[] big = bytes(20 << 20, 3);
    try (Store store = open()) {
      store.put("big.data", file(work, big), sha256(big));

      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream stored = store.open("big.data")) {
        stored.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      }
      assertEquals(sha256(big), HexFormat.of().formatHex(digest.digest()));
      assertEquals(Map.of("big.data", (long) (20 << 20)), sizes(store));
    }
  }

  @Test
  default void an_empty_object_is_an_object() {
    try (Store store = open()) {
      store.put("empty", new byte[0]);

      assertEquals(0, store.read("empty", 10).length);
      assertEquals(Map.of("empty", 0L), sizes(store));
    }
  }

  @Test
  default void a_second_handle_sees_the_object() {
    try (Store first = open();
        Store second = open()) {
      first.put("a", new byte[] {1});

      assertArrayEquals(new byte[] {1}, second.read("a", 1));
    }
  }

  @Test
  default void a_taken_name_is_refused_and_keeps_its_content(@TempDir Path work) throws Exception {
    Path other = file(work, bytes(10, 4));
    try (Store store = open()) {
      store.put("a", "first".getBytes(UTF_8));

      assertRefused(Reason.EXISTS, () -> store.put("a", "second".getBytes(UTF_8)));
      assertRefused(Reason.EXISTS, () -> store.put("a", other, sha256(bytes(10, 4))));
      assertRefused(Reason.EXISTS, () -> store.adopt("a", other, sha256(bytes(10, 4))));
      assertEquals("first", new String(store.read("a", 10), UTF_8));
    }
  }

  @Test
  default void of_many_writers_of_one_name_one_wins_and_its_content_stands() throws Exception {
    int writers = 8;
    for (int round = 0; round < 5; round++) {
      String object = "race-" + round;
      CyclicBarrier start = new CyclicBarrier(writers);
      List<Callable<Integer>> puts = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        int me = writer;
        puts.add(() -> putAtOnce(start, object, me));
      }

      List<Integer> winners = new ArrayList<>();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Future<Integer> put : threads.invokeAll(puts)) {
          if (put.get() >= 0) {
            winners.add(put.get());
          }
        }
      }

      assertEquals(1, winners.size(), "winners of " + object + ": " + winners);
      try (Store store = open()) {
        assertArrayEquals(bytes(5000, winners.getFirst()), store.read(object, 5000));
      }
    }
  }

  /// The writer's number when it won, -1 when the name was taken.
  private int putAtOnce(CyclicBarrier start, String object, int writer) throws Exception {
    try (Store store = open()) {
      start.await();
      store.put(object, bytes(5000, writer));
      return writer;
    } catch (StoreException e) {
      assertEquals(Reason.EXISTS, e.reason());
      return -1;
    }
  }

  @Test
  default void a_wrong_sha256_stores_nothing_and_leaves_the_name_free(@TempDir Path work)
      throws Exception {
    Path source = file(work, bytes(1000, 5));
    try (Store store = open()) {
      assertRefused(Reason.CORRUPTED, () -> store.put("a.data", source, sha256(bytes(1000, 6))));

      assertEquals(List.of(), store.list());
      assertRefused(Reason.NOT_FOUND, () -> store.read("a.data", 1000));
      store.put("a.data", source, sha256(bytes(1000, 5)));
      assertArrayEquals(bytes(1000, 5), store.read("a.data", 1000));
    }
  }

  @Test
  default void a_source_that_is_not_there_is_no_object_not_found(@TempDir Path work) {
    try (Store store = open()) {
      assertRefused(
          Reason.UNAVAILABLE, () -> store.put("a.data", work.resolve("none"), sha256(bytes(1, 1))));
      assertEquals(List.of(), store.list());
    }
  }

  @Test
  default void what_is_not_there_is_not_found() {
    try (Store store = open()) {
      assertRefused(Reason.NOT_FOUND, () -> store.open("none").close());
      assertRefused(Reason.NOT_FOUND, () -> store.read("none", 10));
    }
  }

  @Test
  default void an_object_larger_than_it_may_be_is_not_read_into_memory() {
    try (Store store = open()) {
      store.put("a", new byte[11]);

      assertRefused(Reason.CORRUPTED, () -> store.read("a", 10));
      assertEquals(11, store.read("a", 11).length);
    }
  }

  @Test
  default void the_list_is_sorted_and_has_sizes() {
    try (Store store = open()) {
      for (String object : List.of("c", "a", "b.data", "B", "a-1")) {
        store.put(object, object.getBytes(UTF_8));
      }

      assertEquals(
          List.of("B", "a", "a-1", "b.data", "c"),
          store.list().stream().map(Store.StoredObject::name).toList());
      store.list().forEach(object -> assertEquals(object.name().length(), object.bytes()));
    }
  }

  @Test
  default void deleting_is_idempotent_and_frees_the_name() {
    try (Store store = open()) {
      store.put("a", new byte[] {1});

      store.delete("a");
      store.delete("a");

      assertEquals(List.of(), store.list());
      store.put("a", new byte[] {2});
      assertArrayEquals(new byte[] {2}, store.read("a", 1));
    }
  }

  @Test
  default void left_over_partials_are_not_listed_and_go_at_clean_up() throws Exception {
    try (Store store = open()) {
      store.put("whole", new byte[] {1});
      leavePartial("half", new byte[] {1, 2, 3});

      assertEquals(Map.of("whole", 1L), sizes(store));
      assertRefused(Reason.NOT_FOUND, () -> store.read("half", 10));
      store.cleanUp();
      store.cleanUp();

      assertEquals(Map.of("whole", 1L), sizes(store));
      store.put("half", new byte[] {9});
      assertArrayEquals(new byte[] {9}, store.read("half", 1));
    }
  }

  @Test
  default void clean_up_of_one_handle_leaves_the_writer_of_another_alone() throws Exception {
    byte[] content = bytes(3 << 20, 7);
    try (Store writer = open();
        Store cleaner = open();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> written =
          threads.submit(
              () -> {
                for (int i = 0; i < 10; i++) {
                  writer.put("w" + i, content);
                }
              });
      while (!written.isDone()) {
        cleaner.cleanUp();
      }

      written.get();
      assertEquals(10, cleaner.list().size());
    }
  }

  @Test
  default void a_name_that_could_leave_the_store_is_a_bug_of_the_caller() {
    try (Store store = open()) {
      for (String bad :
          List.of("", ".", "..", "../a", "a/b", "/a", ".hidden", "-rf", "a b", "ä", "a\n")) {
        assertThrows(IllegalArgumentException.class, () -> store.put(bad, new byte[1]), bad);
        assertThrows(IllegalArgumentException.class, () -> store.open(bad).close(), bad);
        assertThrows(IllegalArgumentException.class, () -> store.read(bad, 1), bad);
        assertThrows(IllegalArgumentException.class, () -> store.delete(bad), bad);
      }
      assertThrows(IllegalArgumentException.class, () -> store.put("a".repeat(201), new byte[1]));
      assertEquals(List.of(), store.list());
    }
  }

  @Test
  default void a_failure_names_the_store_and_the_object() {
    try (Store store = open()) {
      StoreException e = assertThrows(StoreException.class, () -> store.read("none.key", 10));

      assertSays(store.name(), e);
      assertSays("none.key", e);
    }
  }

  @Test
  default void a_control_object_is_an_object_like_any_other() {
    try (Store store = open()) {
      store.putControl("a.check", new byte[] {1});

      assertRefused(Reason.EXISTS, () -> store.putControl("a.check", new byte[] {2}));
      assertEquals(Map.of("a.check", 1L), sizes(store));
      assertArrayEquals(new byte[] {1}, store.read("a.check", 1));
      store.delete("a.check");
      assertEquals(List.of(), store.list());
    }
  }

  @Test
  default void a_control_object_whose_name_does_not_say_so_is_a_bug_of_the_caller() {
    try (Store store = open()) {
      for (String bad : List.of("a", "a.data", "a.manifest", "check", "../a.check")) {
        assertThrows(IllegalArgumentException.class, () -> store.putControl(bad, new byte[1]), bad);
      }
      assertEquals(List.of(), store.list());
    }
  }

  @Test
  default void an_object_is_dated_by_the_clock_of_the_store() {
    try (Store store = open()) {
      Instant before = store.now();
      store.put("a", new byte[] {1});
      Instant modified = store.list().getFirst().modified();
      Instant after = store.now();

      // S3 and SFTP tell whole seconds only, each rounded in its own way.
      assertTrue(!modified.isBefore(before.minusSeconds(1)), before + " " + modified);
      assertTrue(!modified.isAfter(after.plusSeconds(1)), modified + " " + after);
      assertEquals(1, store.list().size());
    }
  }

  @Test
  default void the_version_stays_while_the_object_does() throws Exception {
    try (Store store = open();
        Store other = open()) {
      store.put("a", new byte[] {1});
      String version = store.list().getFirst().version();

      assertEquals(version, other.list().getFirst().version());
      store.delete("a");
      store.put("a", new byte[] {2, 3});
      assertNotEquals(version, other.list().getFirst().version());
    }
  }

  /// Every object by name, with its bytes.
  static Map<String, Long> sizes(Store store) {
    Map<String, Long> sizes = new TreeMap<>();
    store.list().forEach(object -> sizes.put(object.name(), object.bytes()));
    return sizes;
  }

  /// An action of a test, which may throw anything.
  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  static StoreException assertRefused(Reason reason, Action action) {
    StoreException e = assertThrows(StoreException.class, action::run);
    assertEquals(reason, e.reason(), e.getMessage());
    return e;
  }

  static void assertSays(String part, Throwable thrown) {
    String message = String.valueOf(thrown.getMessage());
    assertTrue(message.contains(part), message);
  }

  static byte[] bytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static Path file(Path folder, byte[] content) throws IOException {
    return Files.write(Files.createTempFile(folder, "source", ".bin"), content);
  }

  static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
