package dev.lifeboat.lab;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/// Where a public name leads: a port that passes connections on to the server whose address the
/// record in Route 53 answers, as resolvers and clients do together. Addresses of the record stand
/// for ports here.
final class NamedDoor implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(200);

  private final TcpProxy proxy;
  private final Thread watcher;

  private NamedDoor(TcpProxy proxy, Thread watcher) {
    this.proxy = proxy;
    this.watcher = watcher;
  }

  /// @param answers address in the record → the node behind it
  static NamedDoor of(Moto moto, String zone, String name, Map<String, ClusterNode> answers) {
    var proxy = TcpProxy.before(port(answers, moto.answer(zone, name)));
    var watcher =
        Thread.ofVirtual().name("named-door").start(() -> follow(moto, zone, name, answers, proxy));
    return new NamedDoor(proxy, watcher);
  }

  private static void follow(
      Moto moto, String zone, String name, Map<String, ClusterNode> answers, TcpProxy proxy) {
    String led = moto.answer(zone, name);
    try {
      while (true) {
        Thread.sleep(LOOK);
        String leads = moto.answer(zone, name);
        if (!leads.equals(led)) {
          proxy.divert(port(answers, leads));
          led = leads;
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private static int port(Map<String, ClusterNode> answers, String answer) {
    return Objects.requireNonNull(answers.get(answer), answer).address().getPort();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + proxy.port());
  }

  @Override
  public void close() {
    watcher.interrupt();
    proxy.close();
  }
}
