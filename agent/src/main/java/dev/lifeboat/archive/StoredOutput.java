package dev.lifeboat.archive;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// A container as Tink writes it: whole segments, counted on their way.
final class StoredOutput implements WritableByteChannel {
  private final OutputStream file;
  private long bytes;

  StoredOutput(OutputStream file) {
    this.file = file;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int count = source.remaining();
    int offset = source.arrayOffset() + source.position();
    file.write(source.array(), offset, count);
    source.position(source.limit());
    bytes += count;
    return count;
  }

  long bytes() {
    return bytes;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  /// The caller closes the file.
  @Override
  public void close() {}
}
