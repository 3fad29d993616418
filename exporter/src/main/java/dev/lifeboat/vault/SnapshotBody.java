package dev.lifeboat.vault;

import dev.lifeboat.vault.VaultException.Reason;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A body that gives up when the server stands still, and says why it ended.
///
/// `java.net.http` has no timeout for a body. A watcher on a virtual thread closes the body when
/// one read has waited longer than the stall timeout, which wakes that read. Only the time inside
/// `read` counts: a slow consumer, and so back pressure, is no stall.
final class SnapshotBody extends FilterInputStream {
  private static final long OUTSIDE = Long.MIN_VALUE;

  private final String what;
  private final Duration stallTimeout;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile long readingSince = OUTSIDE;
  private volatile boolean stalled;

  SnapshotBody(String what, InputStream body, Duration stallTimeout) {
    super(body);
    this.what = what;
    this.stallTimeout = stallTimeout;
    Thread.ofVirtual().name("vault-stall").start(this::watch);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /// Waits for the first bytes only, then takes what else has come already: the transport hands out
  /// small pieces, and a consumer that asks for much should get much.
  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    readingSince = System.nanoTime();
    try {
      int total = in.read(buffer, offset, length);
      while (total > 0 && total < length && in.available() > 0) {
        int more = in.read(buffer, offset + total, length - total);
        if (more < 0) {
          break;
        }
        total += more;
      }
      return total;
    } catch (IOException failed) {
      throw ended(failed);
    } finally {
      readingSince = OUTSIDE;
    }
  }

  private IOException ended(IOException failed) {
    if (stalled) {
      String text = what + ": the stream stood still for " + stallTimeout.toMillis() + " ms";
      return new IOException(text, new VaultException(Reason.STALLED, text, failed));
    }
    if (closed.getCount() == 0) {
      return failed;
    }
    String text = what + ": the stream ended early";
    return new IOException(text, new VaultException(Reason.TRUNCATED, text, failed));
  }

  private void watch() {
    long limit = stallTimeout.toNanos();
    long wait = limit;
    try {
      while (!closed.await(wait, TimeUnit.NANOSECONDS)) {
        long since = readingSince;
        long waited = since == OUTSIDE ? 0 : System.nanoTime() - since;
        if (waited >= limit) {
          stalled = true;
          in.close();
          return;
        }
        // A read that begins right after this look is seen at the latest a quarter too late.
        wait = Math.max(1_000_000, Math.min(limit / 4, limit - waited));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (IOException alreadyGone) {
      // Closing was to wake the reader, and it has.
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    in.close();
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
