package dev.lifeboat.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.notify.Delivery.Trouble;
import dev.lifeboat.notify.NotifyConfig.Webhook;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real server of HTTP on loopback that answers what it is told to.
class WebhookCallTest {
  private static final Event EVENT =
      Event.test(new UUID(1, 2), Instant.parse("2026-11-22T02:00:07Z"), "vault-1");

  private final List<Integer> answers = Collections.synchronizedList(new ArrayList<>());
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer server;

  @TempDir Path folder;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(command -> Thread.ofVirtual().start(command));
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    heard.add(
        "%s %s %s %s"
            .formatted(
                exchange.getRequestURI(),
                exchange.getRequestHeaders().getFirst("X-Lifeboat-Event"),
                exchange.getRequestHeaders().getFirst("Authorization"),
                body.strip()));
    int code = answers.isEmpty() ? 200 : answers.removeFirst();
    if (code == 0) {
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return;
    }
    if (code == 302) {
      exchange.getResponseHeaders().set("Location", address("/elsewhere"));
    }
    byte[] said = ("code " + code).getBytes(UTF_8);
    exchange.sendResponseHeaders(code, said.length);
    exchange.getResponseBody().write(said);
    exchange.close();
  }

  @Test
  void the_event_is_posted_with_the_headers() throws Exception {
    Delivery delivery = deliver(target(address("/hook")));

    assertEquals(Optional.empty(), delivery.trouble(), delivery.words());
    assertEquals(
        List.of(
            "/hook test Bearer-of-secrets {\"lifeboat_event\":1,"
                + "\"id\":\"00000000-0000-0001-0000-000000000002\",\"event\":\"test\","
                + "\"at\":\"2026-11-22T02:00:07Z\",\"node\":\"vault-1\","
                + "\"summary\":\"This is a test; nothing happened.\"}"),
        heard);
  }

  @Test
  void a_server_that_is_in_trouble_is_asked_again_and_hears_the_same_event() throws Exception {
    answers.addAll(List.of(503, 429));

    assertTrue(deliver(target(address("/"))).good());
    assertEquals(3, heard.size());
    assertEquals(1, heard.stream().distinct().count());
  }

  @Test
  void a_server_that_stays_in_trouble_is_asked_three_times() throws Exception {
    answers.addAll(List.of(500, 500, 500, 500));

    Delivery delivery = deliver(target(address("/")));

    assertEquals(Optional.of(Trouble.REFUSED), delivery.trouble());
    assertEquals("HTTP 500 code 500", delivery.words());
    assertEquals(3, heard.size());
  }

  @Test
  void a_refusal_is_final() throws Exception {
    answers.add(403);

    assertEquals(Optional.of(Trouble.REFUSED), deliver(target(address("/"))).trouble());
    assertEquals(1, heard.size());
  }

  @Test
  void a_redirect_is_not_followed() throws Exception {
    answers.add(302);

    Delivery delivery = deliver(target(address("/")));

    assertEquals(Optional.of(Trouble.REFUSED), delivery.trouble());
    assertTrue(delivery.words().contains("a redirect, which is not followed"), delivery.words());
    assertEquals(1, heard.size());
  }

  @Test
  void a_server_that_does_not_answer_costs_its_time_and_no_more() throws Exception {
    answers.addAll(List.of(0, 0, 0));

    Delivery delivery = deliver(target(address("/")));

    assertEquals(Optional.of(Trouble.TIMEOUT), delivery.trouble());
    assertEquals(3, heard.size());
  }

  @Test
  void a_connection_that_is_half_open_costs_its_time_and_no_more() throws Exception {
    // The kernel accepts for it; nobody ever reads.
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String url = "http://127.0.0.1:" + silent.getLocalPort() + "/";

      assertEquals(Optional.of(Trouble.TIMEOUT), deliver(target(url)).trouble());
    }
  }

  @Test
  void nobody_at_the_address_is_said_so() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }

    Delivery delivery = deliver(target("http://127.0.0.1:" + port + "/"));

    assertEquals(Optional.of(Trouble.UNREACHABLE), delivery.trouble());
  }

  @Test
  void a_secret_that_cannot_be_read_is_a_failure_of_the_setup() throws Exception {
    Path open = Files.writeString(folder.resolve("url"), address("/"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
    Delivery delivery =
        deliver(target(new Webhook(new SecretSource.FromFile(open), Map.of(), Optional.empty())));

    assertEquals(Optional.of(Trouble.SETUP), delivery.trouble());
    assertTrue(delivery.words().contains("open to others"), delivery.words());
  }

  @Test
  void an_address_in_a_secret_must_be_one() throws Exception {
    Path file = folder.resolve("url");
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, "http://elsewhere.example/hook");
    Delivery delivery =
        deliver(target(new Webhook(new SecretSource.FromFile(file), Map.of(), Optional.empty())));

    assertEquals(Optional.of(Trouble.SETUP), delivery.trouble());
    assertEquals("url-secret: plain http leaves this machine", delivery.words());
  }

  private String address(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private static NotifyConfig target(String url) {
    return target(
        new Webhook(
            text(url), Map.of("Authorization", text("Bearer-of-secrets")), Optional.empty()));
  }

  private static NotifyConfig target(Webhook webhook) {
    return new NotifyConfig("hook", webhook, EnumSet.allOf(EventKind.class), Duration.ofSeconds(1));
  }

  private static SecretSource text(String text) {
    return new SecretSource.FromEnvironment("TEST", new Secret(text));
  }

  private static Delivery deliver(NotifyConfig target) throws InterruptedException {
    return Notifier.deliver(target, EVENT, Map.of(), Duration.ofMillis(1));
  }
}
