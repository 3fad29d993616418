package dev.lifeboat.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/// A container as Tink reads it: without the 8 KiB copies of [java.nio.channels.Channels], and
/// remembering the source's own failures, which Tink does not tell from a failed decryption.
final class StoredInput implements ReadableByteChannel {
  private final InputStream file;
  private @Nullable IOException failure;
  private long bytes;

  StoredInput(InputStream file) {
    this.file = file;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    int count;
    try {
      count =
          file.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
    } catch (IOException e) {
      failure = e;
      throw e;
    }
    if (count > 0) {
      target.position(target.position() + count);
      bytes += count;
    }
    return count;
  }

  void rethrowFailure() throws IOException {
    if (failure != null) {
      throw failure;
    }
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
