package dev.lifeboat.store;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A store whose objects are read no faster than a [Pace] lets them be; otherwise the store that it
/// wraps. Small objects, which [#read] gets, are not held up.
public final class PacedStore extends ForwardingStore {
  private static final int STEP_BYTES = 64 << 10;

  private final Store store;
  private final Pace pace;

  /// Holds a reader up. Called by the thread that reads.
  @FunctionalInterface
  public interface Pace {
    /// Returns when the next bytes may be read; an [IOException] ends the reading for good.
    ///
    /// @param bytes that were just read, at most 64 KiB
    void taken(int bytes) throws IOException;
  }

  public PacedStore(Store store, Pace pace) {
    this.store = store;
    this.pace = pace;
  }

  @Override
  protected Store store() {
    return store;
  }

  @Override
  public InputStream open(String object) {
    return new PacedInput(store.open(object), pace);
  }

  private static final class PacedInput extends FilterInputStream {
    private final Pace pace;

    PacedInput(InputStream in, Pace pace) {
      super(in);
      this.pace = pace;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = in.read(target, offset, Math.min(length, STEP_BYTES));
      if (count > 0) {
        pace.taken(count);
      }
      return count;
    }

    @Override
    public long skip(long count) throws IOException {
      throw new IOException("read in order only");
    }
  }
}
