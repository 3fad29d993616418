package dev.lifeboat.daemon;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// A node that answers the three requests of a poll without a token, and gives its telemetry, as an
/// active OpenBao does.
public final class FakeNode implements AutoCloseable {
  private static final String HEALTH =
      """
      {"initialized":true,"sealed":false,"standby":false,"performance_standby":false,
       "replication_performance_mode":"primary","replication_dr_mode":"disabled",
       "server_time_utc":1763776800,"version":"2.7.2","enterprise":false,
       "cluster_name":"fake","cluster_id":"6b1b7c0e-0000-0000-0000-000000000000"}
      """;
  private static final String SEAL_STATUS =
      """
      {"type":"shamir","initialized":true,"sealed":false,"t":1,"n":1,"progress":0,"nonce":"",
       "version":"2.7.2","build_date":"","migration":false,"recovery_seal":false,
       "storage_type":"raft","cluster_name":"fake",
       "cluster_id":"6b1b7c0e-0000-0000-0000-000000000000"}
      """;

  private static final String TELEMETRY =
      """
      # TYPE vault_core_active gauge
      vault_core_active{cluster="fake"} 1
      """;

  private final HttpServer server;

  private FakeNode(HttpServer server) {
    this.server = server;
  }

  public static FakeNode start() {
    return start(0);
  }

  public static FakeNode start(int port) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      FakeNode node = new FakeNode(server);
      server.createContext("/v1/sys/health", exchange -> answer(exchange, HEALTH));
      server.createContext("/v1/sys/seal-status", exchange -> answer(exchange, SEAL_STATUS));
      server.createContext("/v1/sys/metrics", exchange -> answer(exchange, TELEMETRY));
      server.createContext("/v1/sys/leader", exchange -> answer(exchange, node.leader()));
      server.start();
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String leader() {
    return """
    {"ha_enabled":true,"is_self":true,"active_time":"2026-11-22T01:00:00Z",
     "leader_address":"%s","leader_cluster_address":"https://127.0.0.1:8201",
     "raft_committed_index":42,"raft_applied_index":42}
    """
        .formatted(address());
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
