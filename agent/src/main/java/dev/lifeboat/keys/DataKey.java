package dev.lifeboat.keys;

import java.security.SecureRandom;
import java.util.Arrays;

/// The 32 bytes that encrypt one backup. Never stored unwrapped, never printed.
///
/// Closing zeroes them. Tink makes copies of its own while it works that nobody can zero: closing
/// shortens the time in which a memory dump holds the key, it is no guarantee.
public final class DataKey implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] raw;
  private boolean closed;

  private DataKey(byte[] raw) {
    this.raw = raw;
  }

  public static DataKey generate() {
    byte[] raw = new byte[KeyLine.KEY_BYTES];
    RANDOM.nextBytes(raw);
    return new DataKey(raw);
  }

  /// Copies `raw`; zeroing the argument is the caller's.
  public static DataKey of(byte[] raw) {
    if (raw.length != KeyLine.KEY_BYTES) {
      throw new IllegalArgumentException(
          "a data key has %d bytes, found %d".formatted(KeyLine.KEY_BYTES, raw.length));
    }
    return new DataKey(raw.clone());
  }

  /// A copy of the key. There are two right uses, handing it to a cipher and wrapping it, and both
  /// zero the copy in a `finally`; any other search result for this name is a mistake.
  public synchronized byte[] revealBytes() {
    if (closed) {
      throw new IllegalStateException("this data key was closed");
    }
    return raw.clone();
  }

  @Override
  public synchronized void close() {
    closed = true;
    Arrays.fill(raw, (byte) 0);
  }

  @Override
  public String toString() {
    return "***";
  }
}
