package dev.lifeboat.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/// One run's file while it is written. Its failures are the spool's own and say so, which keeps
/// them apart from those of the snapshot stream that come through the same call.
final class SpoolFile extends OutputStream {
  /*
   * The disk works while the snapshot still arrives: what was written is forced in the background
   * whenever it has come to this much, so that finish has little to wait for. The kernel tells of a
   * page that it could not write only once, to whoever forces next; so the failure of a force in
   * the background is kept, and is finish's own.
   */
  private static final int FORCE_BYTES = 32 << 20;

  private final Spool spool;
  private final BackupId id;
  private final FileChannel channel;
  private long notForced;
  private @Nullable Thread forcing;
  private volatile @Nullable IOException forceFailure;

  SpoolFile(Spool spool, BackupId id, FileChannel channel) {
    this.spool = spool;
    this.id = id;
    this.channel = channel;
  }

  static SpoolFile create(Spool spool, BackupId id) {
    try {
      return new SpoolFile(spool, id, spool.createPartial(id));
    } catch (IOException e) {
      throw failed(spool, "cannot create a file", e);
    }
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, count);
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw failed(spool, "cannot write", e);
    }
    notForced += count;
    if (notForced >= FORCE_BYTES && (forcing == null || !forcing.isAlive())) {
      notForced = 0;
      forcing = Thread.ofPlatform().daemon().name("spool-force").start(this::force);
    }
  }

  private void force() {
    try {
      channel.force(false);
    } catch (IOException e) {
      if (forceFailure == null) {
        forceFailure = e;
      }
    }
  }

  /// On the disk, and under its final name there.
  void finish() {
    try {
      awaitForce();
      channel.force(true);
      channel.close();
      spool.finish(id);
    } catch (IOException e) {
      throw failed(spool, "cannot make the file durable", e);
    }
  }

  private void awaitForce() throws IOException {
    if (forcing != null) {
      try {
        forcing.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ClosedByInterruptException();
      }
    }
    IOException failure = forceFailure;
    if (failure != null) {
      throw failure;
    }
  }

  static RunFailure failed(Spool spool, String what, IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return new RunFailure(FailureReason.INTERRUPTED, "the run was told to stop", e);
    }
    String text = String.valueOf(e.getMessage());
    boolean full =
        spool.isFull() || text.contains("No space left") || text.contains("quota exceeded");
    return new RunFailure(
        full ? FailureReason.DISK_FULL : FailureReason.STORE,
        "spool %s: %s: %s".formatted(spool.folder(), what, text)
            + "\nhint: %s there; backup.spool needs room for one backup"
                .formatted(spool.free() + " are free"),
        e);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
