package dev.lifeboat.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A bounded belt of reused buffers between the calling thread, which fills them, and one thread of
/// its own, which reads them as a stream.
///
/// [#run] answers or throws only when that thread has ended. Whichever side failed first is what it
/// throws; the other side is woken and stops at its next buffer.
final class Relay {
  /*
   * The producer may go on reading a buffer after it put it (to encrypt what is being verified):
   * only the producer ever writes into buffers, and it does so after the next take.
   *
   * States, all guarded by the lock:  open → ended (producer is through)   → done
   *                                   open → aborted (producer has failed) → done
   * and done may come early, when the consumer fails.
   */
  static final int BUFFER_BYTES = 128 << 10;

  private static final int BUFFERS = 8;

  /// Fills the belt; ends by returning.
  @FunctionalInterface
  interface Producer {
    void produce(Relay relay) throws IOException;
  }

  private record Chunk(byte[] buffer, int length) {}

  /// The consumer has ended, so there is nobody to produce for.
  private static final class ConsumerGone extends RuntimeException {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> empty = new ArrayDeque<>();
  private final Deque<Chunk> full = new ArrayDeque<>();
  private boolean ended;
  private boolean aborted;
  private boolean done;
  private @Nullable Throwable failedBeforeAbort;

  private Relay() {
    for (int i = 0; i < BUFFERS; i++) {
      empty.add(new byte[BUFFER_BYTES]);
    }
  }

  /// Runs `producer` here and `consumer` on a thread of its own.
  ///
  /// @param consumer must read to the end of its stream unless it throws; must not block elsewhere
  /// @throws IOException what the producer threw, or [InterruptedIOException] when this thread was
  ///   interrupted, which stays interrupted
  static <T> T run(String thread, Function<InputStream, T> consumer, Producer producer)
      throws IOException {
    var relay = new Relay();
    var result = new ConsumerRun<>(relay, consumer);
    Thread worker = Thread.ofPlatform().daemon().name(thread).start(result);
    try {
      producer.produce(relay);
      relay.end();
    } catch (ConsumerGone gone) {
      T early = result.get(); // throws its failure
      throw new IllegalStateException("the consumer stopped before the end: " + early, gone);
    } catch (Throwable failure) {
      relay.abort();
      join(worker);
      Throwable earlier = relay.failedBeforeAbort;
      if (earlier != null) {
        earlier.addSuppressed(failure);
        return result.get();
      }
      throw failure;
    }
    return result.get();
  }

  /// An empty buffer; waits for one.
  byte[] take() throws IOException {
    lock();
    try {
      await(() -> !empty.isEmpty() || done);
      if (done) {
        throw new ConsumerGone();
      }
      return empty.removeFirst();
    } finally {
      lock.unlock();
    }
  }

  /// Hands over the first `length` bytes of a taken buffer.
  void put(byte[] buffer, int length) throws IOException {
    lock();
    try {
      full.addLast(new Chunk(buffer, length));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end() throws IOException {
    lock();
    try {
      ended = true;
      changed.signalAll();
      await(() -> done);
    } finally {
      lock.unlock();
    }
  }

  private void abort() {
    lock.lock();
    try {
      aborted = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void consumerDone(@Nullable Throwable failure) {
    lock.lock();
    try {
      done = true;
      if (!aborted) {
        failedBeforeAbort = failure;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The next filled buffer, `null` at the end; gives back the one that was read.
  private @Nullable Chunk next(@Nullable Chunk read) throws IOException {
    lock.lock();
    try {
      if (read != null) {
        empty.addLast(read.buffer());
        changed.signalAll();
      }
      while (full.isEmpty() && !ended && !aborted) {
        changed.awaitUninterruptibly();
      }
      if (aborted) {
        throw new IOException("the other side has failed");
      }
      return full.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  private void lock() throws IOException {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void await(BooleanSupplier condition) throws IOException {
    try {
      while (!condition.getAsBoolean()) {
        changed.await();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IOException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    var interrupted = new InterruptedIOException("interrupted");
    interrupted.initCause(cause);
    return interrupted;
  }

  private static void join(Thread worker) {
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class ConsumerRun<T> implements Runnable {
    private final Relay relay;
    private final Function<InputStream, T> consumer;
    private @Nullable T value;
    private @Nullable Throwable failure;

    ConsumerRun(Relay relay, Function<InputStream, T> consumer) {
      this.relay = relay;
      this.consumer = consumer;
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // handed to the other thread, which throws it
    public void run() {
      try {
        value = consumer.apply(new Output(relay));
      } catch (Throwable e) {
        failure = e;
      } finally {
        relay.consumerDone(failure);
      }
    }

    /// Only after the consumer is done: the relay's lock orders the fields.
    T get() {
      switch (failure) {
        case null -> {
          return Objects.requireNonNull(value);
        }
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }

  private static final class Output extends InputStream {
    private final Relay relay;
    private @Nullable Chunk chunk;
    private int position;

    Output(Relay relay) {
      this.relay = relay;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      while (chunk == null || position == chunk.length()) {
        chunk = relay.next(chunk);
        position = 0;
        if (chunk == null) {
          return -1;
        }
      }
      int count = Math.min(length, chunk.length() - position);
      System.arraycopy(chunk.buffer(), position, buffer, offset, count);
      position += count;
      return count;
    }
  }
}
