package dev.lifeboat.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/// A fake: a scripted HTTP server on loopback that answers what a test tells it to, in all the ways
/// in which a real server never answers on demand (cut, late, stalled, as HTML, elsewhere).
///
/// For tests of what we do with an answer. It knows nothing of seals or tokens; what a real OpenBao
/// or Vault does is proven in `lab`. Every connection serves one request.
public final class FakeVault implements AutoCloseable {
  /// @param path with its query
  /// @param headers by lower-case name
  public record Request(String method, String path, Map<String, String> headers, String body) {
    /// What was sent as `X-Vault-Token`; empty for none.
    public String token() {
      return headers.getOrDefault("x-vault-token", "");
    }

    public String namespace() {
      return headers.getOrDefault("x-vault-namespace", "");
    }
  }

  private final ServerSocket server;
  private final boolean tls;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<String, Function<Request, Reply>> scripts = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Thread acceptor;

  private FakeVault(ServerSocket server, boolean tls) {
    this.server = server;
    this.tls = tls;
    this.acceptor = Thread.ofVirtual().name("fake-vault").start(this::accept);
  }

  public static FakeVault open() {
    try {
      return new FakeVault(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), false);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /// @param protocols such as `TLSv1.3`
  public static FakeVault openTls(SSLContext context, boolean clientAuth, String... protocols) {
    try {
      var server =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
      server.setNeedClientAuth(clientAuth);
      server.setEnabledProtocols(protocols);
      return new FakeVault(server, true);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  public URI address() {
    return URI.create((tls ? "https" : "http") + "://127.0.0.1:" + server.getLocalPort());
  }

  /// @param path below `/v1/`, such as `sys/health`
  public FakeVault on(String path, Reply reply) {
    return script(path, request -> reply);
  }

  public FakeVault script(String path, Function<Request, Reply> script) {
    scripts.put("/v1/" + path, script);
    return this;
  }

  /// Every request so far, in the order of their coming.
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  public List<Request> requests(String path) {
    return requests.stream().filter(request -> request.path().equals("/v1/" + path)).toList();
  }

  public void forget() {
    requests.clear();
  }

  /// How many connections are open now.
  public int connections() {
    return connections.size();
  }

  /// Answers like the active node of OpenBao 2.7.2 on raft, alone in its cluster.
  public FakeVault active() {
    health(200, true, false, false);
    on("sys/leader", Reply.json(200, leader(true, address())));
    on(
        "sys/storage/raft/configuration",
        Reply.json(
            200,
            """
            {"data":{"config":{"index":0,"servers":[{"node_id":"n1","address":"127.0.0.1:8201",
            "leader":true,"protocol_version":"3","voter":true}]}}}\
            """));
    on(
        "sys/storage/raft/autopilot/state",
        Reply.json(
            200,
            """
            {"data":{"failure_tolerance":0,"healthy":true,"leader":"n1","voters":["n1"],
            "servers":{"n1":{"id":"n1","name":"n1","address":"127.0.0.1:8201",
            "node_status":"alive","last_contact":"0s","last_term":3,"last_index":9007199254740993,
            "healthy":true,"stable_since":"2026-11-22T10:21:59.656519343Z","status":"leader",
            "version":"2.7.2","node_type":"voter"}}}}\
            """));
    return on(
        "sys/ha-status",
        Reply.json(
            200,
            """
            {"data":{"nodes":[{"hostname":"vm","api_address":"http://127.0.0.1:8200",
            "cluster_address":"https://127.0.0.1:8201","active_node":true,"last_echo":null,
            "version":"2.7.2"}]}}\
            """));
  }

  /// Answers like a standby whose leader is elsewhere.
  public FakeVault standby(URI leader) {
    health(429, true, false, true);
    return on("sys/leader", Reply.json(200, leader(false, leader)));
  }

  public FakeVault sealed() {
    health(503, true, true, true);
    return on("sys/leader", Reply.json(503, "{\"errors\":[\"Vault is sealed\"]}"));
  }

  public FakeVault uninitialized() {
    health(501, false, true, true);
    return on("sys/leader", Reply.json(503, "{\"errors\":[\"Vault is sealed\"]}"));
  }

  private void health(int status, boolean initialized, boolean sealed, boolean standby) {
    String cluster = sealed ? "" : ",\"cluster_name\":\"vault-cluster-1\",\"cluster_id\":\"c1\"";
    on(
        "sys/health",
        Reply.json(
            status,
            """
            {"initialized":%b,"sealed":%b,"standby":%b,"replication_performance_mode":"%s",\
            "replication_dr_mode":"disabled","server_time_utc":1795342301,"version":"2.7.2"%s}\
            """
                .formatted(initialized, sealed, standby, sealed ? "unknown" : "primary", cluster)));
    on(
        "sys/seal-status",
        Reply.json(
            200,
            """
            {"type":"shamir","initialized":%b,"sealed":%b,"t":2,"n":3,"progress":0,"nonce":"",\
            "recovery_seal":false,"version":"2.7.2","commit_date":"2026-10-26T20:32:27Z",\
            "migration":false,"storage_type":"raft"%s}\
            """
                .formatted(initialized, sealed, cluster)));
  }

  private static String leader(boolean self, URI address) {
    return """
        {"ha_enabled":true,"is_self":%b,"active_time":"%s","leader_address":"%s",\
        "leader_cluster_address":"https://127.0.0.1:8201","raft_committed_index":50,\
        "raft_applied_index":49}\
        """
        .formatted(self, self ? "2026-11-22T10:21:59.66Z" : "0001-01-01T00:00:00Z", address);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.add(socket);
        Thread.ofVirtual().name("fake-vault-call").start(() -> serve(socket));
      } catch (IOException over) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Request request = read(new BufferedInputStream(socket.getInputStream()));
      requests.add(request);
      String path = request.path().replaceFirst("\\?.*", "");
      Function<Request, Reply> script = scripts.get(path);
      Reply reply = script == null ? Reply.json(404, "{\"errors\":[]}") : script.apply(request);
      reply.write(new Reply.Wire(socket, closed));
    } catch (IOException | InterruptedException gone) {
      // The client went away, or the test is over.
    } finally {
      connections.remove(socket);
    }
  }

  private static Request read(InputStream in) throws IOException {
    String[] first = line(in).split(" ", -1);
    if (first.length < 3) {
      throw new IOException("no request");
    }
    var headers = new LinkedHashMap<String, String>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        throw new IOException("no header");
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Request(
        first[0], first[1], Map.copyOf(headers), new String(in.readNBytes(length), UTF_8));
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the client went away");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
      // Until it has ended the kernel may still take a connection, and it would be served.
      acceptor.join();
      for (Socket socket : connections) {
        socket.close();
      }
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// What is written to one request, byte by byte if need be.
  @FunctionalInterface
  public interface Reply {
    /// @param over ends when the fake is closed: whoever waits, waits for it
    record Wire(Socket socket, CountDownLatch over) {
      public OutputStream out() throws IOException {
        return socket.getOutputStream();
      }
    }

    void write(Wire wire) throws IOException, InterruptedException;

    static Reply json(int status, String body) {
      return body(status, "application/json", body.getBytes(UTF_8));
    }

    static Reply html(int status) {
      return body(status, "text/html", "<html><body>Bad Gateway</body></html>".getBytes(UTF_8));
    }

    static Reply body(int status, String type, byte[] body) {
      return wire -> {
        wire.out().write(head(status, type, "Content-Length: " + body.length));
        wire.out().write(body);
        wire.out().flush();
      };
    }

    static Reply redirect(int status, String location) {
      return wire -> {
        wire.out().write(head(status, "text/plain", "Location: " + location, "Content-Length: 0"));
        wire.out().flush();
      };
    }

    /// A login's answer.
    static Reply grant(String token, int ttlSeconds, boolean renewable) {
      return json(
          200,
          """
          {"lease_id":"","renewable":false,"lease_duration":0,"auth":{"client_token":"%s",\
          "accessor":"a","policies":["p"],"token_policies":["p"],\
          "metadata":{},"lease_duration":%d,"renewable":%b,"entity_id":"","token_type":"service",\
          "orphan":true}}\
          """
              .formatted(token, ttlSeconds, renewable));
    }

    /// The answer to `lookup-self`.
    static Reply lookup(int ttlSeconds, boolean renewable) {
      return json(200, "{\"data\":{\"ttl\":%d,\"renewable\":%b}}".formatted(ttlSeconds, renewable));
    }

    /// Of a token in its last second, as both products answer.
    static Reply lookupAtItsEnd() {
      return json(
          200,
          "{\"data\":{\"ttl\":0,\"renewable\":false,\"expire_time\":\"2026-11-22T10:00:00.5Z\"}}");
    }

    static Reply denied() {
      return json(403, "{\"errors\":[\"permission denied\"]}");
    }

    /// Says it has twice as much as it sends.
    static Reply truncated(int status, String half) {
      return wire -> {
        byte[] body = half.getBytes(UTF_8);
        wire.out().write(head(status, "application/json", "Content-Length: " + 2 * body.length));
        wire.out().write(body);
        wire.out().flush();
      };
    }

    /// Chunks of `size` bytes each; what comes after them is `end`.
    static Reply chunks(int count, int size, Reply end) {
      return wire -> {
        wire.out().write(head(200, "application/gzip", "Transfer-Encoding: chunked"));
        byte[] chunk = new byte[size];
        for (int i = 0; i < count; i++) {
          wire.out().write((Integer.toHexString(size) + "\r\n").getBytes(UTF_8));
          wire.out().write(chunk);
          wire.out().write("\r\n".getBytes(UTF_8));
          wire.out().flush();
        }
        end.write(wire);
      };
    }

    /// The last chunk: a clean end, wherever the content may stand.
    static Reply cleanEnd() {
      return wire -> {
        wire.out().write("0\r\n\r\n".getBytes(UTF_8));
        wire.out().flush();
      };
    }

    /// The connection is closed at once.
    static Reply cut() {
      return wire -> wire.socket().close();
    }

    /// Nothing more, for as long as the fake is open.
    static Reply hang() {
      return wire -> wire.over().await();
    }

    /// Not HTTP at all.
    static Reply raw(String text) {
      return wire -> {
        wire.out().write(text.getBytes(UTF_8));
        wire.out().flush();
      };
    }

    private static byte[] head(int status, String type, String... headers) {
      String head =
          "HTTP/1.1 %d X\r\nContent-Type: %s\r\nConnection: close\r\n%s\r\n\r\n"
              .formatted(status, type, String.join("\r\n", headers));
      return head.getBytes(UTF_8);
    }
  }
}
