package dev.lifeboat.sandbox;

import dev.lifeboat.sandbox.SandboxException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;

/// Free TCP ports of one loopback address, held until each is handed out.
///
/// They are drawn from below the range that Linux takes for outgoing connections (32768 and up): a
/// port that `bind(0)` gives can become the near end of somebody's connection while our server is
/// down for a moment, and the server would not come back.
public final class FreePorts implements AutoCloseable {
  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_000;
  private static final int TRIES = 200;

  private final Deque<ServerSocket> held = new ArrayDeque<>();

  private FreePorts() {}

  /// Holds `count` ports of the address.
  public static FreePorts reserve(InetAddress address, int count) {
    var ports = new FreePorts();
    for (int tries = 0; ports.held.size() < count; tries++) {
      if (tries == TRIES) {
        ports.close();
        throw new SandboxException(
            Reason.SETUP, "found no " + count + " free ports on " + address.getHostAddress());
      }
      ports.tryToHold(new InetSocketAddress(address, randomPort()));
    }
    return ports;
  }

  /// Lets go of the next one: to be bound at once by whoever gets it.
  public int next() {
    try (var socket = held.removeFirst()) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void tryToHold(InetSocketAddress wanted) {
    try {
      var socket = new ServerSocket();
      try {
        socket.bind(wanted, 1);
        held.add(socket);
      } catch (IOException taken) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int randomPort() {
    return ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
  }

  @Override
  public void close() {
    while (!held.isEmpty()) {
      next();
    }
  }
}
