package dev.lifeboat.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.store.StoreException.Reason;
import dev.lifeboat.store.local.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LateStoreTest implements StoreContract {
  @TempDir Path folder;

  @Override
  public Store open() {
    return new LateStore("late", () -> LocalStore.open("late", folder.resolve("store")));
  }

  @Override
  public void leavePartial(String object, byte[] content) throws IOException {
    Files.write(folder.resolve("store").resolve(".partial-0123456789abcdef-" + object), content);
  }

  @Test
  void it_is_opened_once_and_at_every_use_until_then() {
    AtomicInteger openings = new AtomicInteger();
    try (Store store =
        new LateStore(
            "late",
            () -> {
              if (openings.incrementAndGet() < 3) {
                throw new StoreException(Reason.UNAVAILABLE, "store late: not mounted yet");
              }
              return LocalStore.open("late", folder.resolve("store"));
            })) {
      assertEquals(0, openings.get());
      StoreContract.assertRefused(Reason.UNAVAILABLE, store::list);
      StoreContract.assertRefused(Reason.UNAVAILABLE, () -> store.put("a", new byte[1]));
      store.put("a", new byte[1]);
      assertEquals(1, store.list().size());
      assertEquals(3, openings.get());
    }
  }

  @Test
  void closed_it_is_not_opened_again() {
    Store store = open();
    store.close();

    assertThrows(IllegalStateException.class, store::list);
  }

  @Test
  void the_troubles_of_the_store_are_its_own_once_it_is_open() {
    try (Store store = new CountedStore(new LateStore("late", Covered::new))) {
      assertEquals(List.of(), store.troubles());
      assertEquals(List.of(), store.list());
      assertEquals("a", store.troubles().getFirst().object());
    }
  }

  /// A store in which somebody deleted an object.
  private static final class Covered extends ForwardingStore {
    @Override
    public String name() {
      return "covered";
    }

    @Override
    public List<StoredObject> list() {
      return List.of();
    }

    @Override
    public List<Trouble> troubles() {
      return List.of(new Trouble("a", "somebody has deleted it"));
    }

    @Override
    protected Store store() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
