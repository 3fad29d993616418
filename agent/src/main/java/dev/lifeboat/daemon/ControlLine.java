package dev.lifeboat.daemon;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One end of a control connection: JSON values, one a line, each bounded in bytes and in time.
final class ControlLine implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final SocketChannel channel;
  private final Duration patience;
  private final ByteBuffer buffer;

  /// @param maxBytes of a line that is read; @param patience for one line, read or written
  ControlLine(SocketChannel channel, int maxBytes, Duration patience) {
    this.channel = channel;
    this.patience = patience;
    this.buffer = ByteBuffer.allocate(maxBytes);
  }

  /// The next line; empty at the end of the stream.
  Optional<JsonNode> read() throws IOException {
    try (Deadline deadline = new Deadline()) {
      for (int from = 0; ; ) {
        for (; from < buffer.position(); from++) {
          if (buffer.get(from) == '\n') {
            return Optional.of(take(from));
          }
        }
        if (!buffer.hasRemaining()) {
          throw new ProtocolException("a line longer than " + buffer.capacity() + " bytes");
        }
        if (channel.read(buffer) < 0) {
          if (buffer.position() > 0) {
            throw new ProtocolException("the line has no end");
          }
          return Optional.empty();
        }
        deadline.check();
      }
    }
  }

  private JsonNode take(int lineEnd) throws ProtocolException {
    byte[] line = new byte[lineEnd];
    buffer.flip().get(line).get();
    buffer.compact();
    try {
      return JSON.readTree(new String(line, StandardCharsets.UTF_8));
    } catch (JacksonException e) {
      throw new ProtocolException("the line is not JSON");
    }
  }

  void write(JsonNode value) throws IOException {
    byte[] line = (JSON.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    try (Deadline deadline = new Deadline()) {
      for (ByteBuffer rest = ByteBuffer.wrap(line); rest.hasRemaining(); ) {
        channel.write(rest);
        deadline.check();
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /// Closes the channel when time is up: a Unix socket of the JDK has no timeout of its own.
  private final class Deadline implements AutoCloseable {
    private final Thread timer;
    private volatile boolean over;

    Deadline() {
      timer = Thread.ofVirtual().name("control-deadline").start(this::expire);
    }

    private void expire() {
      try {
        Thread.sleep(patience);
        over = true;
        channel.close();
      } catch (InterruptedException e) {
        // The line came in time.
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    void check() throws IOException {
      if (over) {
        throw new ProtocolException("no line within " + patience.toSeconds() + " s");
      }
    }

    @Override
    public void close() {
      timer.interrupt();
    }
  }
}
