package dev.lifeboat.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  private static final Secret TOKEN = new Secret("s.token");
  private static final String PATH = "sys/storage/raft/snapshot";
  private static final Duration STALL = Duration.ofMillis(400);

  private final FakeVault fake = FakeVault.open();
  private final FakeVault leader = FakeVault.open();
  private final VaultClient client = client(List.of(leader.address()));

  @AfterEach
  void close() {
    client.close();
    leader.close();
    fake.close();
  }

  @Test
  void a_snapshot_is_streamed_whole() throws IOException {
    fake.on(PATH, Reply.chunks(300, 10_000, Reply.cleanEnd()));

    try (SnapshotStream stream = client.own().snapshot(TOKEN, STALL)) {
      assertEquals(Authority.of(fake.address()), Authority.of(stream.node()));
      assertEquals(3_000_000, stream.body().readAllBytes().length);
    }
    assertEquals(TOKEN.reveal(), fake.requests().getFirst().token());
  }

  @Test
  void a_standbys_redirect_to_a_known_peer_is_followed_with_the_token() throws IOException {
    fake.on(PATH, Reply.redirect(307, leader.address() + "/v1/" + PATH));
    leader.on(PATH, Reply.chunks(1, 10, Reply.cleanEnd()));

    try (SnapshotStream stream = client.own().snapshot(TOKEN, STALL)) {
      assertEquals(leader.address(), stream.node());
      assertEquals(10, stream.body().readAllBytes().length);
    }
    assertEquals(TOKEN.reveal(), leader.requests().getFirst().token());
  }

  @Test
  void a_stream_that_stands_still_ends_within_the_stall_timeout() throws IOException {
    fake.on(PATH, Reply.chunks(2, 1000, Reply.hang()));

    try (SnapshotStream stream = client.own().snapshot(TOKEN, STALL)) {
      long start = System.nanoTime();
      assertEquals(Reason.STALLED, endOf(stream.body()));
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      assertTrue(millis >= STALL.toMillis(), () -> "after " + millis + " ms");
      assertTrue(millis < 10 * STALL.toMillis(), () -> "only after " + millis + " ms");
    }
  }

  @Test
  void a_slow_consumer_is_no_stall() throws Exception {
    // More than the sockets buffer, so that the server has to wait for us.
    fake.on(PATH, Reply.chunks(640, 65_536, Reply.cleanEnd()));

    try (SnapshotStream stream = client.own().snapshot(TOKEN, STALL)) {
      assertEquals(1000, stream.body().readNBytes(1000).length);
      pause(STALL.multipliedBy(3));
      assertEquals(640 * 65_536 - 1000, stream.body().readAllBytes().length);
    }
  }

  @Test
  void a_stream_that_is_cut_is_truncated() throws IOException {
    fake.on(PATH, Reply.chunks(3, 1000, Reply.cut()));
    try (SnapshotStream stream = client.own().snapshot(TOKEN, STALL)) {
      assertEquals(Reason.TRUNCATED, endOf(stream.body()));
    }

    fake.on(PATH, Reply.truncated(200, "half of it"));
    try (SnapshotStream stream = client.own().snapshot(TOKEN, STALL)) {
      assertEquals(Reason.TRUNCATED, endOf(stream.body()));
    }
  }

  @Test
  void a_clean_early_end_looks_like_any_end_and_is_for_the_archive_to_find() throws IOException {
    fake.on(PATH, Reply.chunks(1, 1000, Reply.cleanEnd()));

    try (SnapshotStream stream = client.own().snapshot(TOKEN, STALL)) {
      assertEquals(1000, stream.body().readAllBytes().length);
    }
  }

  @Test
  void closing_early_leaves_no_connection() throws Exception {
    fake.on(PATH, Reply.chunks(100_000, 65_536, Reply.cleanEnd()));
    for (int i = 0; i < 10; i++) {
      try (SnapshotStream stream = client.own().snapshot(TOKEN, STALL)) {
        assertEquals(10, stream.body().readNBytes(10).length);
      }
    }

    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (fake.connections() > 0 && System.nanoTime() < deadline) {
      pause(Duration.ofMillis(10));
    }
    assertEquals(0, fake.connections());
  }

  @Test
  void what_a_server_says_instead_of_a_snapshot_has_its_reason() {
    fake.on(PATH, Reply.denied());
    assertEquals(Reason.DENIED, reason());
    fake.on(PATH, Reply.json(503, "{\"errors\":[\"Vault is sealed\"]}"));
    assertEquals(Reason.SEALED, reason());
    fake.on(PATH, Reply.html(502));
    assertEquals(Reason.NOT_JSON, reason());
    fake.on(PATH, Reply.chunks(0, 0, Reply.hang()));
    fake.on(PATH, Reply.hang());
    assertEquals(Reason.TIMEOUT, reason());
  }

  @Test
  void single_bytes_can_be_read() throws IOException {
    fake.on(PATH, Reply.body(200, "application/gzip", new byte[] {(byte) 0xff, 1}));

    try (SnapshotStream stream = client.own().snapshot(TOKEN, STALL);
        var guarded = new SnapshotBody("x", stream.body(), STALL)) {
      assertEquals(0xff, guarded.read());
      assertEquals(1, guarded.read());
      assertEquals(-1, guarded.read());
    }
  }

  private Reason reason() {
    return VaultNodeTest.reason(() -> client.own().snapshot(TOKEN, STALL));
  }

  private static Reason endOf(InputStream body) {
    var ended = assertThrows(IOException.class, body::readAllBytes);
    return assertInstanceOf(VaultException.class, ended.getCause()).reason();
  }

  /// Waits without asking anything: the slowness is what is tested.
  private static void pause(Duration duration) throws InterruptedException {
    assertTrue(!new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS));
  }

  private VaultClient client(List<URI> peers) {
    return VaultClient.open(
        new VaultConfig(
            fake.address(),
            peers,
            0,
            Optional.empty(),
            VaultConfig.Tls.DEFAULT,
            new VaultConfig.Auth.None(),
            Duration.ofSeconds(1),
            Duration.ofMillis(1500)),
        RequestObserver.NONE);
  }
}
