package dev.lifeboat.store;

import static dev.lifeboat.store.StoreContract.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A wrapped store keeps the contract of the one within.
final class CountedStoreTest implements StoreContract {
  @TempDir Path folder;

  @Override
  public Store open() {
    return new CountedStore(LocalStore.open("here", folder.resolve("store")));
  }

  @Override
  public void leavePartial(String object, byte[] content) throws IOException {
    Files.write(folder.resolve("store").resolve(".partial-0-" + object), content);
  }

  @Test
  void puts_are_counted_and_so_are_those_that_failed() throws Exception {
    try (CountedStore store = new CountedStore(LocalStore.open("here", folder.resolve("store")))) {
      store.put("a", new byte[1]);
      store.adopt("b", Files.write(folder.resolve("b"), new byte[1]), "");
      assertRefused(StoreException.Reason.EXISTS, () -> store.put("a", new byte[1]));
      assertRefused(
          StoreException.Reason.CORRUPTED, () -> store.put("c", folder.resolve("b"), "00"));

      assertEquals(4, store.uploads());
      assertEquals(2, store.failures());
    }
  }
}
