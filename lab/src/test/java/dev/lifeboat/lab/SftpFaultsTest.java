package dev.lifeboat.lab;

import static dev.lifeboat.store.StoreContract.assertRefused;
import static dev.lifeboat.store.StoreContract.assertSays;
import static dev.lifeboat.store.StoreContract.bytes;
import static dev.lifeboat.store.StoreContract.file;
import static dev.lifeboat.store.StoreContract.sha256;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.store.Store;
import dev.lifeboat.store.StoreContract;
import dev.lifeboat.store.StoreException;
import dev.lifeboat.store.StoreException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a network, a disk and a tired server do to a store on another machine: it is stored whole
/// and said so, or nothing is there and the reason is said.
class SftpFaultsTest {
  private static final byte[] SMALL = bytes(3000, 1);
  private static final byte[] BIG = bytes(8 << 20, 2);
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  @TempDir static Path folder;
  private static Sshd sshd;
  private static int places;

  @TempDir Path work;

  @BeforeAll
  static void start() {
    sshd = Sshd.start(folder.resolve("sshd"), "");
  }

  @AfterAll
  static void stop() {
    sshd.close();
  }

  private static SftpSite site() {
    places++;
    return SftpSite.in(sshd, Folders.create(folder.resolve("place-" + places)));
  }

  private void storesBig(Store store) throws Exception {
    store.put("object", file(work, BIG), sha256(BIG));
  }

  /// Asked past the proxy.
  private static void isAbsent(SftpSite site) {
    try (Store direct = site.open()) {
      assertEquals(List.of(), direct.list());
    }
  }

  private static void isWhole(SftpSite site, byte[] content) {
    try (Store direct = site.open()) {
      assertEquals(Map.of("object", (long) content.length), StoreContract.sizes(direct));
      assertArrayEquals(content, direct.read("object", content.length));
    }
  }

  private static List<Path> files(SftpSite site) throws IOException {
    try (var files = Files.list(site.folder())) {
      return files.toList();
    }
  }

  @Test
  void a_connection_that_broke_between_two_runs_is_made_again() {
    SftpSite site = site();
    try (var proxy = TcpProxy.before(sshd.port());
        Store store = site.through(proxy).open()) {
      store.put("object", SMALL);
      assertEquals(1, proxy.connections());
      proxy.cutNow();

      assertEquals(1, store.list().size());
      store.put("another", SMALL);
      assertEquals(2, proxy.connections());
    }
  }

  @Test
  void an_unused_connection_is_closed_and_made_again() {
    SftpSite site = site();
    try (var proxy = TcpProxy.before(sshd.port());
        Store store = site.through(proxy).open()) {
      store.put("object", SMALL);
      Await.until("the connection to be closed", PATIENCE, () -> proxy.open() == 0);

      assertEquals(1, store.list().size());
      assertEquals(2, proxy.connections());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000, 1_000_000, 8_000_000})
  void a_connection_cut_while_sending_fails_the_put_and_the_next_one_works(long bytes)
      throws Exception {
    SftpSite site = site();
    try (var proxy = TcpProxy.before(sshd.port());
        Store store = site.through(proxy).open()) {
      assertEquals(List.of(), store.list());
      proxy.cutAfterSent(bytes);
      assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, () -> storesBig(store)));
      isAbsent(site);

      storesBig(store);
      store.cleanUp();
      assertEquals(List.of(site.folder().resolve("object")), files(site));
    }
    isWhole(site, BIG);
  }

  @Test
  void a_connection_cut_while_reading_back_fails_the_put() throws Exception {
    SftpSite site = site();
    try (var proxy = TcpProxy.before(sshd.port());
        Store store = site.through(proxy).open()) {
      assertEquals(List.of(), store.list());
      proxy.cutAfterAnswered(2_000_000);
      assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, () -> storesBig(store)));
      isAbsent(site);
    }
  }

  @Test
  void a_server_that_is_killed_in_the_middle_of_a_put_leaves_nothing_whole() throws Exception {
    try (var own = Sshd.start(work.resolve("own"), "")) {
      SftpSite site = SftpSite.in(own, Folders.create(work.resolve("place")));
      try (var proxy = TcpProxy.before(own.port());
          Store store = site.through(proxy).open()) {
        assertEquals(List.of(), store.list());
        proxy.silenceAfterSent(3_000_000);
        var failed = new CompletableFuture<StoreException>();
        Thread.ofVirtual()
            .start(
                () -> failed.complete(assertThrows(StoreException.class, () -> storesBig(store))));
        Await.until("bytes to arrive", PATIENCE, () -> partialBytes(site) > 1_000_000);
        own.kill();
        assertEquals(Reason.UNAVAILABLE, failed.get(25, TimeUnit.SECONDS).reason());
        assertRefused(Reason.UNAVAILABLE, store::list);
        own.restart();
      }
      try (Store store = site.open()) {
        assertEquals(List.of(), store.list());
        storesBig(store);
      }
      isWhole(site, BIG);
    }
  }

  private static long partialBytes(SftpSite site) {
    try {
      long sum = 0;
      for (Path file : files(site)) {
        sum += Files.size(file);
      }
      return sum;
    } catch (IOException e) {
      return 0;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000_000})
  void a_server_that_falls_silent_does_not_hang_the_run(long bytes) throws Exception {
    SftpSite site = site();
    try (var proxy = TcpProxy.before(sshd.port());
        Store store = site.through(proxy).open()) {
      assertEquals(List.of(), store.list());
      proxy.silenceAfterSent(bytes);
      StoreException e =
          assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, () -> storesBig(store)));
      assertSays("hint: can this machine reach 127.0.0.1", e);
      assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, store::list));
    }
    isAbsent(site);
  }

  @Test
  void an_interrupt_ends_a_put_at_once_and_stays() throws Exception {
    SftpSite site = site();
    try (var proxy = TcpProxy.before(sshd.port());
        Store store = site.through(proxy).open()) {
      assertEquals(List.of(), store.list());
      proxy.silenceAfterSent(1_000_000);
      var interrupted = new CompletableFuture<Boolean>();
      Thread thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    assertThrows(StoreException.class, () -> storesBig(store));
                    interrupted.complete(Thread.currentThread().isInterrupted());
                  });
      Await.until("the put to begin", PATIENCE, () -> partialBytes(site) > 100_000);
      thread.interrupt();
      assertTrue(interrupted.get(5, TimeUnit.SECONDS));
    }
    isAbsent(site);
  }

  @Test
  void an_object_that_breaks_off_is_read_on_from_there() throws Exception {
    SftpSite site = site();
    try (Store direct = site.open()) {
      storesBig(direct);
    }
    try (var proxy = TcpProxy.before(sshd.port());
        Store store = site.through(proxy).open();
        InputStream in = store.open("object")) {
      byte[] first = in.readNBytes(1_000_000);
      proxy.cutNow();
      byte[] second = in.readNBytes(3_000_000);
      proxy.cutAfterAnswered(100_000);
      byte[] rest = in.readAllBytes();

      var whole = new java.io.ByteArrayOutputStream();
      for (byte[] part : List.of(first, second, rest)) {
        whole.writeBytes(part);
      }
      assertArrayEquals(BIG, whole.toByteArray());
      assertEquals(3, proxy.connections());
    }
  }

  @Test
  void an_object_that_was_changed_while_it_was_read_is_not_mixed() throws Exception {
    SftpSite site = site();
    try (Store direct = site.open()) {
      storesBig(direct);
    }
    try (var proxy = TcpProxy.before(sshd.port());
        Store store = site.through(proxy).open();
        InputStream in = store.open("object")) {
      byte[] ignored = in.readNBytes(1000);
      Files.write(site.folder().resolve("object"), bytes(BIG.length - 1, 9));
      proxy.cutNow();
      StoreException e = assertThrows(StoreException.class, in::readAllBytes);
      assertEquals(Reason.UNAVAILABLE, e.reason(), e.getMessage());
      assertSays("changed while it was read", e);
    }
  }

  @Test
  void a_full_disk_is_full_and_a_read_only_one_denies() throws Exception {
    try (var disk = Tmpfs.mount(work.resolve("disk"), "4m")) {
      SftpSite site = site().within(disk.folder());
      try (Store store = site.open()) {
        assertRefused(Reason.FULL, () -> storesBig(store));
        assertEquals(List.of(), files(site));
        store.put("object", SMALL);
        disk.readOnly();

        StoreException e = assertRefused(Reason.DENIED, () -> store.put("a", SMALL));
        assertSays("read-only", e);
        assertRefused(Reason.DENIED, () -> store.delete("object"));
        assertEquals(1, store.list().size());
      }
    }
  }

  @Test
  void a_server_that_may_not_write_or_delete_denies() throws Exception {
    try (var own = Sshd.start(work.resolve("own"), "-R")) {
      SftpSite site = SftpSite.in(own, Folders.create(work.resolve("place")));
      Files.write(site.folder().resolve("object"), SMALL);
      try (Store store = site.open()) {
        assertRefused(Reason.DENIED, () -> store.put("a", SMALL));
        assertRefused(Reason.DENIED, () -> store.delete("object"));
        assertArrayEquals(SMALL, store.read("object", SMALL.length));
      }
    }
  }

  @Test
  void nobody_listening_is_told_with_the_address() throws Exception {
    int port;
    try (var socket = new java.net.ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    try (var proxy = TcpProxy.before(port);
        Store store = site().through(proxy).open()) {
      assertTimeout(PATIENCE, () -> assertRefused(Reason.UNAVAILABLE, store::list));
    }
  }
}
