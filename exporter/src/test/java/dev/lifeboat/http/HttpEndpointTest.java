package dev.lifeboat.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.collector.Collector;
import dev.lifeboat.golden.Tool;
import dev.lifeboat.watch.NodeStates;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpEndpointTest {
  private HttpEndpoint endpoint;

  @BeforeAll
  void open() {
    endpoint = Endpoints.open(Endpoints.plain());
  }

  @AfterAll
  void close() {
    endpoint.close();
  }

  @Test
  void metrics_pass_promtool(@TempDir Path folder) throws Exception {
    HttpResponse<String> answer = Endpoints.get(endpoint, "/metrics");

    assertEquals(200, answer.statusCode());
    assertEquals("text/plain; version=0.0.4; charset=utf-8", header(answer, "content-type"));
    Tool.promtoolCheck(folder, answer.body());
  }

  @Test
  void openmetrics_is_sent_to_those_who_ask() throws Exception {
    HttpResponse<String> answer =
        Endpoints.get(endpoint, "/metrics", "accept", "application/openmetrics-text;version=1.0.0");

    assertEquals(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        header(answer, "content-type"));
    assertTrue(answer.body().endsWith("# EOF\n"));
  }

  @Test
  void pages_are_compressed_for_those_who_ask() throws Exception {
    byte[] packed;
    try (HttpClient client = Endpoints.client()) {
      var answer =
          client.send(
              HttpRequest.newBuilder(Endpoints.uri(endpoint, "/metrics"))
                  .header("accept-encoding", "gzip")
                  .build(),
              BodyHandlers.ofByteArray());
      assertEquals(Optional.of("gzip"), answer.headers().firstValue("content-encoding"));
      packed = answer.body();
    }
    try (var gzip = new GZIPInputStream(new java.io.ByteArrayInputStream(packed))) {
      String page = new String(gzip.readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(page.contains("vault_node_up 1.0"));
      assertTrue(packed.length * 3 < page.length(), packed.length + " of " + page.length());
    }
  }

  @Test
  void the_probes_say_that_we_live_and_are_ready() throws Exception {
    var ready = new AtomicBoolean();
    try (HttpEndpoint starting =
        HttpEndpoint.open(
            Endpoints.plain(),
            Endpoints.exposition(),
            ready::get,
            () -> Endpoints.status(NodeStates.beforeFirstPoll()))) {
      HttpResponse<String> early = Endpoints.get(starting, "/readyz");
      assertEquals(503, early.statusCode());
      assertEquals("not ready: the first poll of the node is not done yet\n", early.body());
      assertEquals("ok\n", Endpoints.get(starting, "/livez").body());

      ready.set(true);

      assertEquals(200, Endpoints.get(starting, "/readyz").statusCode());
    }
  }

  @Test
  void the_status_is_there_as_page_and_as_json() throws Exception {
    HttpResponse<String> page = Endpoints.get(endpoint, "/");
    HttpResponse<String> json = Endpoints.get(endpoint, "/status.json");

    assertEquals("text/html; charset=utf-8", header(page, "content-type"));
    assertTrue(page.body().contains("<h1>vault-a</h1>"));
    assertEquals("application/json", header(json, "content-type"));
    assertTrue(json.body().contains("\"state\" : \"active\""), json.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/metric", "/livez/", "/../etc/passwd", "/%2e%2e", "/favicon.ico"})
  void elsewhere_there_is_a_hint(String path) throws Exception {
    HttpResponse<String> answer = Endpoints.get(endpoint, path);

    assertEquals(404, answer.statusCode());
    assertTrue(
        answer
            .body()
            .contains("hint: there are /metrics, / (status page), /status.json, /livez and"),
        answer.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"})
  void other_methods_are_not_allowed(String method) throws Exception {
    HttpResponse<String> answer = Endpoints.send(endpoint, method, "/metrics");

    assertEquals(405, answer.statusCode());
    assertEquals("GET, HEAD", header(answer, "allow"));
  }

  @Test
  void head_is_get_without_the_body() throws Exception {
    HttpResponse<String> answer = Endpoints.send(endpoint, "HEAD", "/");

    assertEquals(200, answer.statusCode());
    assertEquals("", answer.body());
    assertEquals("text/html; charset=utf-8", header(answer, "content-type"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics", "/status.json", "/livez", "/readyz", "/nowhere"})
  void every_answer_is_fenced_in(String path) throws Exception {
    HttpResponse<String> answer = Endpoints.get(endpoint, path);

    assertEquals("no-store", header(answer, "cache-control"));
    assertEquals("nosniff", header(answer, "x-content-type-options"));
    assertTrue(header(answer, "content-security-policy").startsWith("default-src 'none'; "));
    assertEquals(Optional.empty(), answer.headers().firstValue("server"));
  }

  @Test
  void a_page_that_fails_is_a_sentence_and_the_others_go_on() throws Exception {
    try (HttpEndpoint broken =
        HttpEndpoint.open(
            Endpoints.plain(),
            Endpoints.exposition(),
            () -> true,
            () -> {
              throw new IllegalStateException("secret detail");
            })) {
      HttpResponse<String> answer = Endpoints.get(broken, "/");

      assertEquals(500, answer.statusCode());
      assertEquals("this page failed\nhint: the reason is in the agent's log\n", answer.body());
      assertEquals(200, Endpoints.get(broken, "/metrics").statusCode());
    }
  }

  @Test
  void more_scrapes_than_fit_are_sent_away_and_live_on() throws Exception {
    var begun = new Semaphore(0);
    var go = new CountDownLatch(1);
    try (HttpEndpoint slow = Endpoints.open(Endpoints.plain(), waiting(begun, go));
        ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> first = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        first.add(pool.submit(() -> Endpoints.get(slow, "/metrics")));
      }
      assertTrue(begun.tryAcquire(4, 20, TimeUnit.SECONDS));

      HttpResponse<String> fifth = Endpoints.get(slow, "/metrics");
      HttpResponse<String> probe = Endpoints.get(slow, "/livez");
      go.countDown();

      assertEquals(503, fifth.statusCode());
      assertEquals("1", header(fifth, "retry-after"));
      assertTrue(fifth.body().startsWith("too many requests"), fifth.body());
      assertEquals(200, probe.statusCode());
      for (var each : first) {
        assertEquals(200, each.get().statusCode());
      }
      assertEquals(200, Endpoints.get(slow, "/metrics").statusCode());
    }
  }

  @Test
  void many_scrapes_are_answered_whole() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
      List<Future<HttpResponse<String>>> all = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        all.add(pool.submit(() -> Endpoints.get(endpoint, "/metrics")));
      }
      for (var each : all) {
        assertEquals(200, each.get().statusCode());
        assertTrue(each.get().body().contains("vault_node_up 1.0"));
      }
    }
  }

  @Test
  void a_client_that_does_not_read_holds_up_nobody() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.address().getPort());
        sockets.add(socket);
        byte[] ask = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        for (int request = 0; request < 20; request++) {
          socket.getOutputStream().write(ask);
        }
        socket.getOutputStream().write("GET /met".getBytes(StandardCharsets.US_ASCII));
      }

      assertEquals("ok\n", Endpoints.get(endpoint, "/livez").body());
      awaitScrape();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void a_header_without_end_is_refused() throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), endpoint.address().getPort())) {
      socket.setSoTimeout(10_000);
      String header = "GET / HTTP/1.1\r\nx: " + "y".repeat(20_000) + "\r\n\r\n";
      socket.getOutputStream().write(header.getBytes(StandardCharsets.US_ASCII));

      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertTrue(answer.startsWith("HTTP/1.1 431 "), answer);
    }
  }

  @Test
  void a_port_in_use_is_named_with_a_hint() {
    HttpConfig taken =
        new HttpConfig("127.0.0.1", endpoint.address().getPort(), Optional.empty(), Map.of());

    var refused = assertThrows(UncheckedIOException.class, () -> Endpoints.open(taken).close());

    String message = String.valueOf(refused.getMessage());
    assertTrue(
        message.startsWith("cannot listen on 127.0.0.1:" + taken.port() + ": Address"), message);
    assertTrue(message.contains("\nhint: find what listens there with 'ss -ltnp'"), message);
  }

  @Test
  void nothing_listens_and_no_thread_is_left_after_close() throws Exception {
    HttpEndpoint brief = Endpoints.open(Endpoints.plain());
    int port = brief.address().getPort();
    assertEquals(200, Endpoints.get(brief, "/livez").statusCode());

    brief.close();

    assertThrows(
        IOException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
  }

  @Test
  void a_kept_connection_serves_many_scrapes() throws Exception {
    try (HttpClient client = Endpoints.client()) {
      HttpRequest request = HttpRequest.newBuilder(Endpoints.uri(endpoint, "/livez")).build();
      for (int i = 0; i < 50; i++) {
        assertArrayEquals(
            "ok\n".getBytes(StandardCharsets.UTF_8),
            client.send(request, BodyHandlers.ofByteArray()).body());
      }
    }
  }

  /// Until those who do not read have had their turns, a scrape may be told to come again.
  private void awaitScrape() throws IOException, InterruptedException, ExecutionException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    int status;
    do {
      status = Endpoints.get(endpoint, "/metrics").statusCode();
    } while (status == 503 && System.nanoTime() < end);
    assertEquals(200, status);
  }

  private static Collector waiting(Semaphore begun, CountDownLatch go) {
    return new Collector() {
      @Override
      public String name() {
        return "waiting";
      }

      @Override
      public MetricSnapshots collect() {
        begun.release();
        try {
          assertTrue(go.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return new MetricSnapshots();
      }
    };
  }

  private static String header(HttpResponse<?> answer, String name) {
    assertFalse(answer.headers().firstValue(name).isEmpty(), name);
    return answer.headers().firstValue(name).orElseThrow();
  }
}
