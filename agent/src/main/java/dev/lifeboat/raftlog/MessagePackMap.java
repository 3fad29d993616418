package dev.lifeboat.raftlog;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/// Finds a number in a map of MessagePack, and skips all else. Not by msgpack-core: at its first
/// use the JDK prints four lines of warning about `sun.misc.Unsafe` on the operator's terminal.
final class MessagePackMap {
  private final ByteBuffer in;

  private MessagePackMap(byte[] bytes) {
    this.in = ByteBuffer.wrap(bytes);
  }

  /// Empty when the map has no number of this name; [RaftLogException] when it is no map, or cut.
  static OptionalLong number(byte[] bytes, String name) {
    try {
      return new MessagePackMap(bytes).find(name);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new RaftLogException("the last entry of the log cannot be read", e);
    }
  }

  private OptionalLong find(String name) {
    int type = next();
    long fields =
        switch (type) {
          case 0xde -> unsigned(2);
          case 0xdf -> unsigned(4);
          default -> (type & 0xf0) == 0x80 ? type & 0x0f : -1;
        };
    if (fields < 0) {
      throw new IllegalArgumentException("no map");
    }
    for (long field = 0; field < fields; field++) {
      boolean found = text(next()).equals(name);
      int value = next();
      if (found) {
        return integer(value);
      }
      skip(value);
    }
    return OptionalLong.empty();
  }

  private int next() {
    return in.get() & 0xff;
  }

  private long unsigned(int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | next();
    }
    return value;
  }

  private String text(int type) {
    byte[] text = new byte[Math.min(length(type), in.remaining() + 1)];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private int length(int type) {
    return switch (type) {
      case 0xd9 -> (int) unsigned(1);
      case 0xda -> (int) unsigned(2);
      case 0xdb -> Math.toIntExact(Math.min(unsigned(4), Integer.MAX_VALUE));
      default -> {
        if ((type & 0xe0) != 0xa0) {
          throw new IllegalArgumentException("no text");
        }
        yield type & 0x1f;
      }
    };
  }

  /// Of a raft log, where they are not negative.
  private OptionalLong integer(int type) {
    if (type < 0x80) {
      return OptionalLong.of(type);
    }
    return switch (type) {
      case 0xcc, 0xd0 -> OptionalLong.of(unsigned(1));
      case 0xcd, 0xd1 -> OptionalLong.of(unsigned(2));
      case 0xce, 0xd2 -> OptionalLong.of(unsigned(4));
      case 0xcf, 0xd3 -> OptionalLong.of(unsigned(8));
      default -> OptionalLong.empty();
    };
  }

  private void skip(int type) {
    if (type < 0x80 || type >= 0xe0) {
      return;
    }
    if (type < 0x90) {
      skipAll(2L * (type & 0x0f));
    } else if (type < 0xa0) {
      skipAll(type & 0x0f);
    } else if (type < 0xc0) {
      skipBytes(type & 0x1f);
    } else {
      skipLong(type);
    }
  }

  private void skipLong(int type) {
    switch (type) {
      case 0xc0, 0xc2, 0xc3 -> {}
      case 0xc4, 0xd9 -> skipBytes(unsigned(1));
      case 0xc5, 0xda -> skipBytes(unsigned(2));
      case 0xc6, 0xdb -> skipBytes(unsigned(4));
      case 0xc7 -> skipBytes(unsigned(1) + 1);
      case 0xc8 -> skipBytes(unsigned(2) + 1);
      case 0xc9 -> skipBytes(unsigned(4) + 1);
      case 0xcc, 0xd0 -> skipBytes(1);
      case 0xcd, 0xd1, 0xd4 -> skipBytes(2);
      case 0xd5 -> skipBytes(3);
      case 0xca, 0xce, 0xd2 -> skipBytes(4);
      case 0xd6 -> skipBytes(5);
      case 0xcb, 0xcf, 0xd3 -> skipBytes(8);
      case 0xd7 -> skipBytes(9);
      case 0xd8 -> skipBytes(17);
      case 0xdc -> skipAll(unsigned(2));
      case 0xdd -> skipAll(unsigned(4));
      case 0xde -> skipAll(2 * unsigned(2));
      case 0xdf -> skipAll(2 * unsigned(4));
      default -> throw new IllegalArgumentException("no type " + type);
    }
  }

  private void skipBytes(long bytes) {
    if (bytes > in.remaining()) {
      throw new BufferUnderflowException();
    }
    in.position(in.position() + (int) bytes);
  }

  private void skipAll(long values) {
    for (long value = 0; value < values; value++) {
      skip(next());
    }
  }
}
