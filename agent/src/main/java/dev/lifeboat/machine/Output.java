package dev.lifeboat.machine;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/// What a program prints, kept up to a length; the rest is counted and thrown away, so that the
/// program never blocks on it.
final class Output extends OutputStream {
  static final int OUT_MAX = 16 << 20;
  static final int ERR_MAX = 64 << 10;

  private final int maxBytes;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private long total;

  Output(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public void write(int one) {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    total += length;
    kept.write(bytes, offset, Math.min(length, maxBytes - kept.size()));
  }

  /// How much was printed, kept or not.
  synchronized long total() {
    return total;
  }

  synchronized boolean isTooMuch() {
    return total > maxBytes;
  }

  synchronized byte[] bytes() {
    return kept.toByteArray();
  }
}
