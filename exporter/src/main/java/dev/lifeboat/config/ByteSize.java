package dev.lifeboat.config;

/// A number of bytes that prints itself as people read it (`64 MiB`).
public record ByteSize(long bytes) implements Comparable<ByteSize> {
  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size cannot be negative, found " + bytes);
    }
  }

  public static ByteSize mebibytes(long count) {
    return new ByteSize(Math.multiplyExact(count, 1L << 20));
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }

  @Override
  public String toString() {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = -1;
    do {
      value /= 1024;
      unit++;
    } while (value >= 1024 && unit < units.length - 1);
    return value == Math.rint(value)
        ? "%d %s".formatted((long) value, units[unit])
        : "%.1f %s".formatted(value, units[unit]);
  }
}
