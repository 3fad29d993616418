package dev.lifeboat.restore;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/// Whether anybody answers at an address, from here: a connection and nothing more.
final class Reach {
  private static final int CONNECT_MS = 2000;

  private Reach() {}

  static boolean answers(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// @param authority `host:port`
  static boolean answers(String authority) {
    int colon = authority.lastIndexOf(':');
    return answers(authority.substring(0, colon), Integer.parseInt(authority.substring(colon + 1)));
  }
}
