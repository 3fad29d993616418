package dev.lifeboat.postgresql;

import dev.lifeboat.postgresql.PostgresqlException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// A dump of the database while it arrives: the archive that `pg_dump --format=custom` writes, of
/// one instant after it was begun.
///
/// A read throws [PostgresqlException] when pg_dump ends with an error, and at its end only returns
/// −1 when it ended well; with reason `STALLED` when nothing came for the stall timeout. An
/// interrupt of the reading thread ends it within a second.
public final class Dump extends InputStream {
  private static final Duration LOOK = Duration.ofMillis(200);

  private final Programs programs;
  private final Programs.Running running;
  private final InputStream out;
  private final Thread watch;
  private final AtomicLong lastByteAt = new AtomicLong(System.nanoTime());
  private volatile boolean stalled;
  private boolean ended;

  private Dump(Programs programs, Programs.Running running, Duration stallTimeout) {
    this.programs = programs;
    this.running = running;
    this.out = running.process().getInputStream();
    Thread reader = Thread.currentThread();
    this.watch = Thread.ofVirtual().name("pg-dump-watch").start(() -> watch(reader, stallTimeout));
  }

  /// @param folder for the password file: only its owner can read it
  public static Dump begin(PostgresqlConfig config, Path folder, Duration stallTimeout) {
    Programs programs = Programs.open(config, folder);
    try {
      return new Dump(programs, programs.dump(stallTimeout), stallTimeout);
    } catch (PostgresqlException e) {
      programs.close();
      throw e;
    }
  }

  /// A read of a pipe is not woken by an interrupt, and waits for ever: the end of the program ends
  /// it.
  private void watch(Thread reader, Duration stallTimeout) {
    try {
      while (running.process().isAlive()) {
        Thread.sleep(LOOK);
        stalled = System.nanoTime() - lastByteAt.get() >= stallTimeout.toNanos();
        if (stalled || reader.isInterrupted()) {
          running.close();
          return;
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = out.read(buffer, offset, length);
    lastByteAt.set(System.nanoTime());
    if (count < 0 && !ended) {
      ended = true;
      if (stalled) {
        throw new PostgresqlException(
            Reason.STALLED,
            "the dump did not move on\nhint: does somebody hold a lock on a table? pg_locks says");
      }
      running.requireGood(Reason.DUMP);
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    watch.interrupt();
    running.close();
    out.close();
    programs.close();
  }
}
