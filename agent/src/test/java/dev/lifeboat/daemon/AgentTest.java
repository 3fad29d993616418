package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.backup.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A whole exporter in this process, against a scripted node.
@Timeout(60)
class AgentTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;
  private final Inbox inbox = new Inbox();
  private final HttpClient http = HttpClient.newHttpClient();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private Path file = Path.of("");
  private Path socket = Path.of("");
  private String more = "";
  private int port;

  @BeforeEach
  void names() throws IOException {
    file = folder.resolve("lifeboat.conf");
    socket = folder.resolve("control.sock");
  }

  @AfterEach
  void stop() throws Exception {
    inbox.stop();
    ended.get(10, TimeUnit.SECONDS);
    http.close();
  }

  @Test
  void serves_metrics_and_status_and_is_ready_after_the_first_poll() throws Exception {
    try (FakeNode node = FakeNode.start()) {
      start(node.address());

      await(() -> get("/readyz").statusCode() == 200);

      assertTrue(get("/metrics").body().contains("\nvault_node_active 1.0\n"));
      assertEquals("active", status().path("node").path("state").asString());
    }
  }

  @Test
  void runs_without_the_node_and_says_that_it_is_unreachable() throws Exception {
    start(URI.create("http://127.0.0.1:" + freePort()));

    await(() -> get("/readyz").statusCode() == 200);

    assertEquals("unreachable", status().path("node").path("state").asString());
    assertTrue(get("/metrics").body().contains("\nvault_node_up 0.0\n"));
  }

  @Test
  void notices_when_the_node_comes() throws Exception {
    int nodePort = freePort();
    start(URI.create("http://127.0.0.1:" + nodePort));
    await(() -> get("/readyz").statusCode() == 200);

    try (FakeNode _ = FakeNode.start(nodePort)) {
      await(() -> status().path("node").path("state").asString().equals("active"));
    }
  }

  @Test
  void a_right_configuration_is_taken_over_at_a_reload() throws Exception {
    try (FakeNode node = FakeNode.start()) {
      start(node.address());
      await(() -> get("/readyz").statusCode() == 200);
      int before = port;

      port = freePort();
      write(node.address());
      var reply = ControlClient.ask(socket, "reload", Progress.NONE);

      assertTrue(reply instanceof ControlClient.Reply.Done, reply.toString());
      await(() -> get("/readyz").statusCode() == 200);
      assertMetric("vault_exporter_config_last_reload_successful 1.0");
      assertTrue(isFree(before), "the old port is still served");
    }
  }

  @Test
  void looks_at_everything_that_it_is_told_to() throws Exception {
    Files.writeString(folder.resolve("audit.log"), "{}\n");
    try (FakeNode node = FakeNode.start()) {
      more =
          """
          collectors {
            storage.raft-folder = "%1$s"
            audit.files { file = "%1$s/audit.log" }
            telemetry { enabled = true, interval = 1s }
            probe { address = "%2$s", interval = 100ms }
          }
          """
              .formatted(folder, node.address());
      start(node.address());

      assertMetric("vault_core_active{cluster=\"fake\"} 1");
      assertMetric("vault_probe_success 1.0");
      assertMetric("vault_node_audit_file_exists{device=\"file\"} 1.0");
      // There is no database in this folder, and nobody at the cluster's address.
      assertMetric("vault_exporter_collector_success{collector=\"storage\"} 0.0");
      assertMetric("vault_exporter_collector_success{collector=\"certificates\"} 0.0");
      assertMetric("vault_exporter_collector_success{collector=\"replication\"} 1.0");
    }
  }

  @Test
  void an_authority_that_is_none_is_refused_and_the_old_configuration_goes_on() throws Exception {
    try (FakeNode node = FakeNode.start()) {
      start(node.address());
      await(() -> get("/readyz").statusCode() == 200);

      Path ca = Files.writeString(folder.resolve("ca.pem"), "hello");
      more =
          "collectors.probe { address = \"https://127.0.0.1:1\", ca-file = \"%s\" }".formatted(ca);
      write(node.address());
      inbox.reload();

      await(
          () ->
              get("/metrics").body().contains("vault_exporter_config_last_reload_successful 0.0"));
    }
  }

  @Test
  void a_wrong_configuration_changes_nothing_and_is_reported() throws Exception {
    try (FakeNode node = FakeNode.start()) {
      start(node.address());
      await(() -> get("/readyz").statusCode() == 200);

      Files.writeString(file, "http.prot = 1\nwatch.interval = 0s");
      var reply = (ControlClient.Reply.Failed) ControlClient.ask(socket, "reload", Progress.NONE);

      assertEquals("configuration", reply.reason());
      assertTrue(reply.message().contains("lifeboat.conf:1: http.prot"), reply.message());
      assertTrue(reply.message().contains("2 problems"), reply.message());
      assertMetric("vault_exporter_config_last_reload_successful 0.0");
    }
  }

  @Test
  void when_the_new_port_is_taken_the_old_configuration_goes_on() throws Exception {
    try (FakeNode node = FakeNode.start();
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      start(node.address());
      await(() -> get("/readyz").statusCode() == 200);
      int before = port;

      port = taken.getLocalPort();
      write(node.address());
      inbox.reload();
      port = before;

      await(
          () ->
              get("/metrics").body().contains("vault_exporter_config_last_reload_successful 0.0"));
      assertEquals(200, get("/livez").statusCode());
    }
  }

  @Test
  void a_backup_cannot_be_had_from_an_exporter() throws Exception {
    try (FakeNode node = FakeNode.start()) {
      start(node.address());
      await(() -> Files.exists(socket));

      var reply = (ControlClient.Reply.Failed) ControlClient.ask(socket, "backup", Progress.NONE);

      assertEquals("not_configured", reply.reason());
    }
  }

  @Test
  void stops_in_under_two_seconds_and_leaves_no_socket() throws Exception {
    try (FakeNode node = FakeNode.start()) {
      start(node.address());
      await(() -> get("/readyz").statusCode() == 200);
      long began = System.nanoTime();

      inbox.stop();
      ended.get(10, TimeUnit.SECONDS);

      assertTrue(System.nanoTime() - began < Duration.ofSeconds(2).toNanos());
      assertTrue(Files.notExists(socket));
      assertTrue(isFree(port));
    }
  }

  private void start(URI node) throws IOException {
    // Not before the node has its own: it could be given this one.
    port = freePort();
    write(node);
    Agent agent =
        new Agent(
            new Agent.Host(
                () -> LifeboatConfig.read(file, Map.of()),
                _ -> {},
                Map.of(),
                InstantSource.system(),
                Milestones.NONE,
                "test",
                "4f2a9c1d0b3e"),
            inbox);
    Thread.ofPlatform()
        .start(
            () -> {
              try {
                agent.run(LifeboatConfig.read(file, Map.of()));
                ended.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                ended.completeExceptionally(e);
              }
            });
  }

  private void write(URI node) throws IOException {
    Files.writeString(
        file,
        """
        vault { address = "%s", connect-timeout = 200ms, request-timeout = 500ms }
        watch.interval = 500ms
        http.port = %d
        control.socket = "%s"
        %s
        """
            .formatted(node, port, socket, more));
  }

  private JsonNode status() throws Exception {
    // The socket opens after the HTTP port.
    await(() -> Files.exists(socket));
    var reply = ControlClient.ask(socket, "status", Progress.NONE);
    return ((ControlClient.Reply.Done) reply).value().path("json");
  }

  private record Answer(int statusCode, String body) {}

  /// Code 0 while nobody listens.
  private Answer get(String path) throws InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    try {
      var answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      return new Answer(answer.statusCode(), answer.body());
    } catch (IOException e) {
      return new Answer(0, "");
    }
  }

  private void assertMetric(String line) throws Exception {
    await(() -> get("/metrics").body().contains("\n" + line + "\n"));
  }

  private void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (ended.isCompletedExceptionally()) {
        // Says why it has ended.
        ended.get();
      }
      assertTrue(System.nanoTime() < deadline, "not within " + PATIENCE);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
