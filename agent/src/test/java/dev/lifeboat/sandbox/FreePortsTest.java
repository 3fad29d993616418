package dev.lifeboat.sandbox;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreePortsTest {
  private static final InetAddress HOST = InetAddress.ofLiteral("127.0.0.1");

  @Test
  void ports_are_different_and_below_the_range_of_outgoing_connections() {
    Set<Integer> seen = new HashSet<>();
    try (var ports = FreePorts.reserve(HOST, 20)) {
      for (int i = 0; i < 20; i++) {
        int port = ports.next();
        assertTrue(port >= 20_000 && port < 32_000, "port " + port);
        seen.add(port);
      }
    }
    assertEquals(20, seen.size());
  }

  @Test
  void a_port_is_held_until_it_is_handed_out() throws IOException {
    try (var ports = FreePorts.reserve(HOST, 1)) {
      int port = ports.next();

      assertDoesNotThrow(() -> bind(port).close());
    }
  }

  @Test
  void a_port_that_is_held_cannot_be_bound() throws IOException {
    try (var socket = new ServerSocket(0, 1, HOST)) {
      assertThrows(BindException.class, () -> bind(socket.getLocalPort()).close());
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    return new ServerSocket(port, 1, HOST);
  }
}
