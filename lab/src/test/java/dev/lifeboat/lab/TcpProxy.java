package dev.lifeboat.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Stands between a client and a server of any protocol on loopback, and stops forwarding or cuts
/// the connections when told to.
final class TcpProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 13;

  private volatile int upstream;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile long cutAfterSent = Long.MAX_VALUE;
  private volatile long cutAfterAnswered = Long.MAX_VALUE;
  private volatile long silentAfterSent = Long.MAX_VALUE;

  private TcpProxy(int upstream, ServerSocket listener) {
    this.upstream = upstream;
    this.listener = listener;
  }

  static TcpProxy before(int upstream) {
    try {
      var proxy = new TcpProxy(upstream, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      Thread.ofVirtual().name("tcp-proxy").start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  /// From here on new connections go to another server, as after a mistake in DNS.
  void divert(int newUpstream) {
    upstream = newUpstream;
    cutNow();
  }

  /// How many ends of connections are open.
  int open() {
    return open.size();
  }

  /// From here on nothing is forwarded, and nobody is told.
  void silence() {
    silentAfterSent = sent.get();
  }

  /// The same, after that many more bytes to the server.
  void silenceAfterSent(long bytes) {
    silentAfterSent = sent.get() + bytes;
  }

  void cutNow() {
    open.forEach(TcpProxy::close);
  }

  /// Once, after that many more bytes to the server.
  void cutAfterSent(long bytes) {
    cutAfterSent = sent.get() + bytes;
  }

  /// Once, after that many more bytes from the server.
  void cutAfterAnswered(long bytes) {
    cutAfterAnswered = answered.get() + bytes;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = connected(client);
        connections.incrementAndGet();
        open.add(client);
        open.add(server);
        Thread.ofVirtual().start(() -> pump(client, server, true));
        Thread.ofVirtual().start(() -> pump(server, client, false));
      } catch (IOException e) {
        // Closed, or nobody listens there: the client finds out by itself.
      }
    }
  }

  /// Whose server is down is hung up on.
  private Socket connected(Socket client) throws IOException {
    try {
      return new Socket(InetAddress.getLoopbackAddress(), upstream);
    } catch (IOException e) {
      close(client);
      throw e;
    }
  }

  private void pump(Socket from, Socket to, boolean toServer) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (sent.get() >= silentAfterSent) {
          continue;
        }
        out.write(buffer, 0, read);
        if (toServer && sent.addAndGet(read) >= cutAfterSent) {
          cutAfterSent = Long.MAX_VALUE;
          cutNow();
        }
        if (!toServer && answered.addAndGet(read) >= cutAfterAnswered) {
          cutAfterAnswered = Long.MAX_VALUE;
          cutNow();
        }
      }
    } catch (IOException e) {
      // One of the two ends went away, as it may.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is gone already.
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cutNow();
  }
}
