package dev.lifeboat.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PacedStoreTest {
  private static final byte[] CONTENT = new byte[150_000];

  @TempDir Path folder;
  private final List<Integer> steps = new ArrayList<>();
  private Store store;

  @BeforeEach
  void a_store_with_an_object() throws Exception {
    store = new PacedStore(LocalStore.open("local", folder.resolve("store")), steps::add);
    CONTENT[70_000] = 7;
    Path file = Files.write(folder.resolve("file"), CONTENT);
    byte[] sum = MessageDigest.getInstance("SHA-256").digest(CONTENT);
    store.adopt("a.data", file, HexFormat.of().formatHex(sum));
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void what_is_read_is_told_in_small_steps() throws IOException {
    try (InputStream in = store.open("a.data")) {
      assertEquals(0, in.read());
      byte[] rest = in.readAllBytes();
      assertEquals(CONTENT.length - 1, rest.length);
      assertEquals(7, rest[69_999]);
      assertEquals(-1, in.read());
      assertThrows(IOException.class, () -> in.skip(1));
    }

    assertEquals(CONTENT.length, steps.stream().mapToInt(Integer::intValue).sum());
    assertTrue(steps.stream().allMatch(step -> step <= 64 << 10), steps.toString());
  }

  @Test
  void whoever_sets_the_pace_can_end_the_reading() throws IOException {
    var stopped =
        new PacedStore(
            store,
            _ -> {
              throw new IOException("told to stop");
            });

    try (InputStream in = stopped.open("a.data")) {
      assertEquals("told to stop", assertThrows(IOException.class, in::read).getMessage());
    }
  }

  @Test
  void everything_else_is_that_of_the_store() {
    store.put("b.key", new byte[] {1, 2});

    assertEquals("local", store.name());
    assertArrayEquals(new byte[] {1, 2}, store.read("b.key", 10));
    assertEquals(Map.of("a.data", (long) CONTENT.length, "b.key", 2L), StoreContract.sizes(store));
    assertEquals(List.of(), store.troubles());
    store.delete("a.data");
    store.cleanUp();
    assertEquals(Map.of("b.key", 2L), StoreContract.sizes(store));
    assertEquals(List.of(), steps);
  }
}
