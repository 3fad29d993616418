package dev.lifeboat.archive;

import java.io.IOException;
import java.io.InputStream;

/// A stream whose bytes also go to the other thread of a [Relay]. Read by the relay's producer.
final class RelayedInput extends InputStream {
  private final InputStream source;
  private final Relay relay;
  private byte[] buffer = {};
  private int position;
  private int limit;

  RelayedInput(InputStream source, Relay relay) {
    this.source = source;
    this.relay = relay;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (position == limit) {
      buffer = relay.take();
      position = 0;
      limit = source.readNBytes(buffer, 0, buffer.length);
      relay.put(buffer, limit);
    }
    if (limit == 0) {
      return -1;
    }
    int count = Math.min(length, limit - position);
    System.arraycopy(buffer, position, target, offset, count);
    position += count;
    return count;
  }
}
