package dev.lifeboat.store.local;

import static dev.lifeboat.store.StoreContract.assertRefused;
import static dev.lifeboat.store.StoreContract.assertSays;
import static dev.lifeboat.store.StoreContract.bytes;
import static dev.lifeboat.store.StoreContract.sha256;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreContract;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalStoreTest implements StoreContract {
  @TempDir Path folder;

  @Override
  public Store open() {
    return LocalStore.open("here", folder.resolve("store"));
  }

  @Override
  public void leavePartial(String object, byte[] content) throws IOException {
    Files.write(folder.resolve("store").resolve(".partial-0123456789abcdef-" + object), content);
  }

  @Test
  void the_folder_is_0700_and_an_object_0600() throws Exception {
    try (Store store = open()) {
      store.put("a", new byte[1]);
    }

    assertEquals("rwx------", permissions(folder.resolve("store")));
    assertEquals("rw-------", permissions(folder.resolve("store/a")));
  }

  @Test
  void an_adopted_file_shares_its_blocks() throws Exception {
    Path source = Files.write(folder.resolve("spooled"), bytes(10, 1));
    try (Store store = open()) {
      store.adopt("a.data", source, sha256(bytes(10, 1)));
    }

    assertEquals(2, Files.getAttribute(folder.resolve("store/a.data"), "unix:nlink"));
  }

  @Test
  void a_symbolic_link_is_not_adopted() throws Exception {
    Path source = Files.write(folder.resolve("spooled"), bytes(10, 1));
    Path link = Files.createSymbolicLink(folder.resolve("link"), source);
    try (Store store = open()) {
      assertThrows(IllegalArgumentException.class, () -> store.adopt("a", link, "00"));
    }
  }

  @Test
  void what_is_no_object_is_not_listed() throws Exception {
    try (Store store = open()) {
      Files.createDirectory(folder.resolve("store/lost"));
      Files.createSymbolicLink(folder.resolve("store/link"), folder);
      Files.write(folder.resolve("store/a name with spaces"), new byte[1]);

      assertEquals(List.of(), store.list());
      assertRefused(Reason.UNAVAILABLE, () -> store.read("link", 10));
    }
  }

  @Test
  void a_full_disk_is_told_with_its_path_and_leaves_nothing() throws Exception {
    Store store = over(new FailingDisk(new IOException("No space left on device")));

    StoreException e = assertRefused(Reason.FULL, () -> store.put("a", bytes(100, 1)));

    assertSays(folder.resolve("a").toString(), e);
    assertSays("hint: free space there, now ", e);
    assertFolderIsEmpty();
  }

  @Test
  void a_quota_is_a_full_disk() throws Exception {
    Store store = over(new FailingDisk(new IOException("Disk quota exceeded")));

    assertRefused(Reason.FULL, () -> store.put("a", bytes(100, 1)));
    assertFolderIsEmpty();
  }

  @Test
  void a_failing_disk_is_unavailable() throws Exception {
    Store store = over(new FailingDisk(new IOException("Input/output error")));

    StoreException e = assertRefused(Reason.UNAVAILABLE, () -> store.put("a", bytes(100, 1)));
    assertSays("Input/output error", e);
    assertFolderIsEmpty();
  }

  @Test
  void a_folder_that_may_not_be_written_is_denied() {
    Store store =
        over(
            new Disk() {
              @Override
              public FileChannel create(Path file) throws IOException {
                throw new AccessDeniedException(file.toString());
              }
            });

    StoreException e = assertRefused(Reason.DENIED, () -> store.put("a", new byte[1]));
    assertSays("hint: the user that runs lifeboat", e);
  }

  @Test
  void a_byte_changed_on_its_way_to_the_disk_is_found_by_reading_back() throws Exception {
    Store store =
        over(
            new Disk() {
              @Override
              public void write(FileChannel to, ByteBuffer bytes) throws IOException {
                byte[] changed = new byte[bytes.remaining()];
                bytes.get(changed);
                changed[changed.length / 2] ^= 1;
                Disk.REAL.write(to, ByteBuffer.wrap(changed));
              }
            });

    StoreException e = assertRefused(Reason.CORRUPTED, () -> store.put("a", bytes(100, 1)));
    assertSays("read back", e);
    assertFolderIsEmpty();
  }

  @Test
  void a_link_refused_by_the_file_system_becomes_a_copy() throws Exception {
    Path onAnotherFileSystem = Path.of("/dev/shm");
    Path source = Files.createTempFile(onAnotherFileSystem, "lifeboat", ".bin");
    try (Store store = open()) {
      Files.write(source, bytes(5000, 1));
      store.adopt("a.data", source, sha256(bytes(5000, 1)));

      assertArrayEquals(bytes(5000, 1), store.read("a.data", 5000));
    } finally {
      Files.delete(source);
    }
  }

  @Test
  void a_folder_that_went_away_is_unavailable_not_empty() throws Exception {
    try (Store store = open()) {
      Files.delete(folder.resolve("store"));

      assertRefused(Reason.UNAVAILABLE, store::list);
      assertRefused(Reason.UNAVAILABLE, () -> store.put("a", new byte[1]));
      assertRefused(Reason.UNAVAILABLE, () -> store.read("a", 1));
      assertRefused(Reason.UNAVAILABLE, store::cleanUp);
    }
  }

  @Test
  void a_file_where_the_folder_should_be_is_refused_at_opening() throws Exception {
    Files.write(folder.resolve("store"), new byte[1]);

    StoreException e = assertRefused(Reason.UNAVAILABLE, this::open);
    assertSays(folder.resolve("store").toString(), e);
  }

  private Store over(Disk disk) {
    return new LocalStore("here", folder, disk);
  }

  private void assertFolderIsEmpty() throws IOException {
    try (var entries = Files.list(folder)) {
      assertEquals(List.of(), entries.toList());
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private record FailingDisk(IOException failure) implements Disk {
    @Override
    public void write(FileChannel to, ByteBuffer bytes) throws IOException {
      throw failure;
    }
  }
}
