package dev.lifeboat.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class RelayTest {
  @Test
  void bytes_arrive_in_order_and_whole() throws IOException {
    byte[] sent = new byte[3 * Relay.BUFFER_BYTES * 8 + 17];
    new Random(1).nextBytes(sent);

    byte[] arrived = Relay.run("test", RelayTest::readAll, relay -> send(relay, sent));

    assertEquals(Snaps.sha256(sent), Snaps.sha256(arrived));
  }

  @Test
  void a_producer_that_sends_nothing_gives_an_empty_stream() throws IOException {
    assertEquals(0, Relay.run("test", RelayTest::readAll, relay -> {}).length);
  }

  @Test
  void a_failing_producer_ends_the_consumer_and_is_what_is_thrown() {
    var told = new CountDownLatch(1);
    var failure = new IOException("connection reset");

    var e =
        assertThrows(
            IOException.class,
            () ->
                Relay.run(
                    "test",
                    in -> {
                      try {
                        return readAll(in);
                      } finally {
                        told.countDown();
                      }
                    },
                    relay -> {
                      send(relay, new byte[10]);
                      throw failure;
                    }));

    assertSame(failure, e);
    assertEquals(0, told.getCount());
  }

  @Test
  void a_failing_consumer_stops_a_producer_that_waits_for_room() {
    var failure = new IllegalArgumentException("bad sum");

    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Relay.run(
                    "test",
                    in -> {
                      throw failure;
                    },
                    relay -> send(relay, new byte[Relay.BUFFER_BYTES * 50])));

    assertSame(failure, e);
  }

  @Test
  void a_consumer_that_stops_before_the_end_is_a_bug() {
    assertThrows(
        IllegalStateException.class,
        () -> Relay.run("test", in -> 5, relay -> send(relay, new byte[Relay.BUFFER_BYTES * 50])));
  }

  @Test
  void the_first_failure_wins() {
    var first = new IllegalArgumentException("bad sum");
    var consumerFailed = new CountDownLatch(1);

    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Relay.run(
                    "test",
                    in -> {
                      consumerFailed.countDown();
                      throw first;
                    },
                    relay -> {
                      awaitGone(relay, consumerFailed);
                      throw new IOException("stalled");
                    }));

    assertSame(first, e);
  }

  @Test
  void an_interrupted_caller_stops_both_and_stays_interrupted() {
    var in = new CountDownLatch(1);
    Thread caller = Thread.currentThread();

    var e =
        assertThrows(
            InterruptedIOException.class,
            () ->
                Relay.run(
                    "test",
                    stream -> {
                      in.countDown();
                      caller.interrupt();
                      return blockedUntilAbort(stream);
                    },
                    relay -> {
                      while (true) {
                        relay.put(relay.take(), 1);
                      }
                    }));

    assertEquals("interrupted", e.getMessage());
    assertTrue(Thread.interrupted());
  }

  @Test
  void an_interrupt_while_the_consumer_finishes_stops_it_too() {
    Thread caller = Thread.currentThread();

    assertThrows(
        InterruptedIOException.class,
        () ->
            Relay.run(
                "test",
                stream -> {
                  caller.interrupt();
                  return readAll(stream);
                },
                relay -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    Thread.onSpinWait();
                  }
                }));

    assertTrue(Thread.interrupted());
  }

  /// The consumer counts down just before it throws; the relay knows a moment later.
  private static void awaitGone(Relay relay, CountDownLatch consumerFailed) throws IOException {
    try {
      assertTrue(consumerFailed.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    while (true) {
      relay.put(relay.take(), 1);
    }
  }

  private static int blockedUntilAbort(InputStream stream) {
    return readAll(stream).length;
  }

  private static void send(Relay relay, byte[] bytes) throws IOException {
    for (int at = 0; at < bytes.length; ) {
      byte[] buffer = relay.take();
      int count = Math.min(buffer.length, bytes.length - at);
      System.arraycopy(bytes, at, buffer, 0, count);
      relay.put(buffer, count);
      at += count;
    }
  }

  private static byte[] readAll(InputStream in) {
    try {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
