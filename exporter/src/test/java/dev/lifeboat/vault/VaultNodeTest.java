package dev.lifeboat.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.FakeVault.Reply;
import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VaultNodeTest {
  private static final Secret TOKEN = new Secret("s.AAAAAAAAAAAAAAAAAAAAAAAA");

  private final FakeVault fake = FakeVault.open();
  private final List<String> observed = Collections.synchronizedList(new ArrayList<>());
  private final VaultClient client = client(List.of(), Optional.empty());

  @AfterEach
  void close() {
    client.close();
    fake.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 429, 472, 473, 474, 501, 503, 530, 299, 500})
  void any_code_with_a_health_body_is_an_answer(int code) {
    fake.on(
        "sys/health", Reply.json(code, "{\"initialized\":true,\"sealed\":false,\"standby\":true}"));

    Health health = client.own().health();

    assertEquals(code, health.status());
    assertTrue(health.initialized() && health.standby());
    assertEquals(List.of("sys_health " + code), observed);
  }

  @Test
  void what_is_cancelled_has_its_nonce_in_the_body_and_no_namespace() {
    fake.on("sys/rekey/init", Reply.json(204, ""));
    try (VaultClient team = client(List.of(), Optional.of("team-a/"))) {
      team.own().cancel("sys/rekey/init", TOKEN, "n1");
    }

    var request = fake.requests("sys/rekey/init").getFirst();
    assertEquals("DELETE", request.method());
    assertEquals("{\"nonce\":\"n1\"}", request.body());
    assertEquals("", request.namespace());
    fake.on("sys/rekey/init", Reply.json(400, "{\"errors\":[\"invalid request\"]}"));
    assertEquals(
        Reason.REFUSED,
        assertThrows(VaultException.class, () -> client.own().cancel("sys/rekey/init", TOKEN, "n2"))
            .reason());
  }

  @Test
  void health_of_both_products_is_read_whole() {
    fake.active();
    Health bao = client.own().health();
    assertEquals(Product.OPENBAO, bao.product());
    assertEquals(Optional.of("primary"), bao.replicationPerformanceMode());
    assertEquals(Optional.of("c1"), bao.clusterId());
    assertEquals(Optional.empty(), bao.removedFromCluster());
    assertEquals(1795342301, bao.serverTimeSeconds());

    fake.on(
        "sys/health",
        Reply.json(
            200,
            """
            {"initialized":true,"sealed":false,"standby":false,"performance_standby":false,
            "replication_performance_mode":"disabled","version":"2.0.0","enterprise":false,
            "removed_from_cluster":false}\
            """));
    Health vault = client.own().health();
    assertEquals(Product.VAULT, vault.product());
    assertEquals(Optional.of(false), vault.removedFromCluster());
  }

  @Test
  void the_leader_answer_keeps_integers_exact_and_drops_the_year_one() {
    fake.standby(URI.create("https://Vault-2:8200"));
    Leader standby = client.own().leader();
    assertEquals(Optional.empty(), standby.activeTime());
    assertEquals(Optional.of(URI.create("https://Vault-2:8200")), standby.address());

    fake.on("sys/leader", Reply.json(200, "{\"ha_enabled\":false}"));
    Leader alone = client.own().leader();
    assertEquals(OptionalLong.empty(), alone.raftAppliedIndex());

    fake.active();
    assertEquals(OptionalLong.of(49), client.own().leader().raftAppliedIndex());
    assertEquals(9007199254740993L, client.own().autopilot(TOKEN).servers().getFirst().lastIndex());
    assertEquals("n1", client.own().raftConfiguration(TOKEN).servers().getFirst().nodeId());
    assertEquals(Optional.empty(), client.own().haStatus(TOKEN).nodes().getFirst().lastEcho());
    assertEquals(
        Optional.of(Instant.parse("2026-11-22T10:21:59.656519343Z")),
        client.own().autopilot(TOKEN).servers().getFirst().stableSince());
  }

  @Test
  void telemetry_is_asked_of_this_very_node() {
    fake.on("sys/metrics", Reply.body(200, "text/plain", "a 1\n".getBytes(UTF_8)));

    assertEquals("a 1\n", client.own().metrics(Optional.of(TOKEN)).text());
    FakeVault.Request request = fake.requests().getLast();
    assertEquals("/v1/sys/metrics?format=prometheus", request.path());
    assertEquals("true", request.headers().get("x-vault-no-request-forwarding"));
    assertEquals("s.AAAAAAAAAAAAAAAAAAAAAAAA", request.token());
    assertEquals(List.of("sys_metrics 200"), observed);
  }

  @Test
  void telemetry_that_is_none_is_refused() {
    fake.on("sys/metrics", Reply.body(200, "text/plain", "a 1\nb".getBytes(UTF_8)));
    assertEquals(Reason.TRUNCATED, reason(() -> client.own().metrics(Optional.empty())));

    fake.on("sys/metrics", Reply.json(200, "{\"Gauges\":[]}"));
    assertEquals(Reason.REFUSED, reason(() -> client.own().metrics(Optional.empty())));

    fake.on("sys/metrics", Reply.redirect(307, "https://vault-2:8200/v1/sys/metrics"));
    assertEquals(Reason.REDIRECT_REFUSED, reason(() -> client.own().metrics(Optional.empty())));

    fake.on("sys/metrics", Reply.json(400, "{\"errors\":[\"prometheus is not enabled\"]}"));
    assertEquals(Reason.REFUSED, reason(() -> client.own().metrics(Optional.empty())));
  }

  @Test
  void replication_is_read_as_it_is_documented() {
    fake.on(
        "sys/replication/status",
        Reply.json(
            200,
            """
            {"data":{"dr":{"mode":"secondary","state":"stream-wals","last_remote_wal":455,
              "primaries":[{"api_address":"https://a:8200","cluster_address":"https://a:8201",
                "connection_status":"connected","last_heartbeat":"2026-11-22T10:40:46-07:00"}]},
             "performance":{"mode":"primary","state":"running","last_wal":456,
              "secondaries":[{"cluster_address":"https://b:8201","connection_status":"lost"}]}}}
            """));

    List<ReplicationStatus.Kind> kinds = client.own().replication().kinds();

    assertEquals(
        new ReplicationStatus.Kind(
            "dr",
            "secondary",
            "stream-wals",
            OptionalLong.empty(),
            OptionalLong.of(455),
            List.of(
                new ReplicationStatus.Peer(
                    "https://a:8201", true, Optional.of(Instant.parse("2026-11-22T17:40:46Z"))))),
        kinds.getFirst());
    assertEquals(
        List.of(new ReplicationStatus.Peer("https://b:8201", false, Optional.empty())),
        kinds.getLast().peers());

    fake.on("sys/replication/status", Reply.json(200, "{\"data\":{\"mode\":\"disabled\"}}"));
    assertEquals(List.of(), client.own().replication().kinds());
  }

  @Test
  void seal_status_tells_shares_and_product() {
    fake.sealed();

    SealStatus status = client.own().sealStatus();

    assertEquals(2, status.threshold());
    assertEquals(3, status.shares());
    assertTrue(status.sealed());
    assertEquals(Product.OPENBAO, status.product());
  }

  @Test
  void unreachable_late_cut_and_foreign_answers_are_told_apart() {
    assertEquals(Reason.TRUNCATED, health(Reply.truncated(200, "{\"initialized\":true")));
    assertEquals(Reason.TRUNCATED, health(Reply.json(200, "{\"initialized\":true")));
    assertEquals(Reason.NOT_JSON, health(Reply.html(200)));
    assertEquals(Reason.NOT_JSON, health(Reply.html(502)));
    assertEquals(Reason.NOT_JSON, health(Reply.json(200, "{}")));
    assertEquals(Reason.NOT_JSON, health(Reply.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n")));
    assertEquals(Reason.UNREACHABLE, health(Reply.cut()));
    assertEquals(Reason.TIMEOUT, health(Reply.hang()));

    fake.close();
    assertEquals(Reason.UNREACHABLE, reason(() -> client.own().health()));
  }

  @Test
  void who_is_not_reached_is_told_as_on_the_status_page() {
    fake.on("sys/health", Reply.cut());
    assertTrue(message().startsWith(": the connection broke before an answer came"), message());

    fake.close();

    assertEquals(
        ": the connection is refused or there is no route\n"
            + "hint: see whether the server runs, and whether vault.address is its API address",
        message());
  }

  private String message() {
    String said = assertThrows(VaultException.class, () -> client.own().health()).getMessage();
    return said.replace(fake.address() + "/v1/sys/health: cannot be reached", "");
  }

  /// As Go's server answers, with which both products are made.
  @Test
  void plain_http_to_a_port_of_tls_is_told_with_what_to_write() {
    fake.on(
        "sys/health",
        Reply.raw(
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"));

    var e = assertThrows(VaultException.class, () -> client.own().health());

    assertEquals(Reason.TLS, e.reason());
    assertTrue(
        e.getMessage()
            .endsWith(": the server speaks TLS there\nhint: write https:// in vault.address"),
        e.getMessage());
  }

  @Test
  void a_body_that_stands_still_ends_at_the_request_timeout() {
    fake.on("sys/leader", Reply.chunks(1, 10, Reply.hang()));
    long start = System.nanoTime();

    assertEquals(Reason.TIMEOUT, reason(() -> client.own().leader()));

    assertTrue(System.nanoTime() - start < Duration.ofSeconds(5).toNanos());
  }

  @Test
  void an_unknown_host_is_unreachable() {
    var config = config(URI.create("http://vault.invalid:8200"), List.of(), Optional.empty());
    try (var lost = VaultClient.open(config, RequestObserver.NONE)) {
      var e = assertThrows(VaultException.class, () -> lost.own().health());
      assertEquals(Reason.UNREACHABLE, e.reason());
      assertTrue(e.getMessage().contains("no such host is known\nhint: "), e.getMessage());
    }
  }

  @Test
  void a_body_larger_than_the_limit_is_refused() {
    fake.on("sys/leader", Reply.body(200, "application/json", new byte[(4 << 20) + 1]));

    var refused = assertThrows(VaultException.class, () -> client.own().leader());

    assertEquals(Reason.NOT_JSON, refused.reason());
    assertTrue(refused.getMessage().contains("exceeds capacity"), refused.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "400, REFUSED",
    "403, DENIED",
    "404, NOT_FOUND",
    "405, REFUSED",
    "412, REFUSED",
    "429, SERVER_ERROR",
    "500, SERVER_ERROR",
    "502, SERVER_ERROR",
    "503, SERVER_ERROR"
  })
  void every_code_has_its_reason_and_is_counted(int code, Reason reason) {
    fake.on("secret/x", Reply.json(code, "{\"errors\":[\"some text\"]}"));

    assertEquals(reason, reason(() -> client.own().read("secret/x", TOKEN)));
    assertEquals(List.of("read " + code), observed);
  }

  @Test
  void a_sealed_node_says_so() {
    fake.sealed();

    assertEquals(Reason.SEALED, reason(() -> client.own().leader()));
  }

  @Test
  void an_error_is_quoted_in_bounds_and_without_tokens() {
    String text = "no handler for " + TOKEN.reveal() + "\\u0007 " + "x".repeat(500);
    fake.on("secret/x", Reply.json(404, "{\"errors\":[\"" + text + "\",\"b\",\"c\"]}"));

    String message =
        assertThrows(VaultException.class, () -> client.own().read("secret/x", TOKEN)).getMessage();

    assertTrue(message.contains("no handler for ***"), message);
    assertTrue(message.length() < 400, message);
  }

  @Test
  void an_answer_without_the_parts_it_must_have_is_not_taken() {
    fake.on("sys/storage/raft/configuration", Reply.json(200, "{\"data\":{}}"));
    fake.on("sys/storage/raft/autopilot/state", Reply.json(200, "{}"));
    fake.on("sys/ha-status", Reply.json(200, "[]"));
    fake.on("sys/seal-status", Reply.json(200, "7"));
    fake.on("sys/leader", Reply.json(200, ""));

    assertEquals(Reason.NOT_JSON, reason(() -> client.own().raftConfiguration(TOKEN)));
    assertEquals(Reason.NOT_JSON, reason(() -> client.own().autopilot(TOKEN)));
    assertEquals(Reason.NOT_JSON, reason(() -> client.own().haStatus(TOKEN)));
    assertEquals(Reason.NOT_JSON, reason(() -> client.own().sealStatus()));
    assertEquals(Reason.NOT_JSON, reason(() -> client.own().leader()));
  }

  @Test
  void the_namespace_goes_with_every_request_that_has_rights() {
    fake.active().on("secret/x", Reply.json(200, "{}"));
    try (var inside = client(List.of(), Optional.of("team-a"))) {
      inside.own().health();
      inside.own().read("secret/x", TOKEN);
      inside.own().list("secret/x", TOKEN);

      assertEquals(
          List.of("", "team-a", "team-a"),
          fake.requests().stream().map(FakeVault.Request::namespace).toList());
      assertEquals("LIST", fake.requests().getLast().method());
      assertEquals(TOKEN.reveal(), fake.requests().getLast().token());
    }
  }

  @Test
  void what_needs_no_token_is_asked_without_one() {
    fake.active();

    client.own().health();
    client.own().sealStatus();
    client.own().leader();

    assertTrue(fake.requests().stream().allMatch(request -> request.token().isEmpty()));
    assertEquals(List.of("sys_health 200", "sys_seal_status 200", "sys_leader 200"), observed);
  }

  @Test
  void the_driver_reads_nothing_from_the_environment(@TempDir Path home) throws Exception {
    Files.writeString(home.resolve(".vault-token"), "s.of-somebody-else");
    String before = System.setProperty("user.home", home.toString());
    try {
      fake.on("auth/approle/login", Reply.grant("t", 60, true));

      client.own().driver(Optional.empty()).auth().loginByAppRole("approle", "r", "s");

      assertEquals("", fake.requests().getFirst().token());
    } finally {
      System.setProperty("user.home", before);
    }
  }

  @Test
  void a_failure_of_the_driver_becomes_ours() {
    fake.on("auth/approle/login", Reply.json(400, "{\"errors\":[\"invalid secret id\"]}"));
    var refused =
        assertThrows(
            io.github.jopenlibs.vault.VaultException.class,
            () -> client.own().driver(TOKEN).auth().loginByAppRole("approle", "r", "s"));

    VaultException ours = client.own().failure("auth/approle/login", refused);

    assertEquals(Reason.REFUSED, ours.reason());
    assertTrue(ours.getMessage().endsWith("answers 400: invalid secret id"), ours.getMessage());
    assertFalse(ours.reason().retryable());
  }

  @Test
  void the_active_node_is_found_through_whoever_answers() throws IOException {
    try (var leader = FakeVault.open().active();
        var both = client(List.of(leader.address()), Optional.empty())) {
      fake.standby(leader.address());
      assertEquals(leader.address(), both.active().address());

      fake.sealed();
      assertEquals(leader.address(), both.active().address());

      fake.active();
      assertEquals(fake.address(), both.active().address());
    }
  }

  @Test
  void nobody_leading_and_nobody_answering_are_told_apart() {
    fake.on("sys/leader", Reply.json(200, "{\"ha_enabled\":true,\"is_self\":false}"));
    assertEquals(Reason.NO_LEADER, reason(client::active));

    fake.standby(URI.create("https://elsewhere:8200"));
    assertEquals(Reason.REDIRECT_REFUSED, reason(client::active));

    fake.close();
    assertEquals(Reason.UNREACHABLE, reason(client::active));
  }

  @Test
  void a_node_is_known_by_scheme_host_and_port_however_they_are_written() {
    try (var known = client(List.of(URI.create("https://Vault-2.example.org")), Optional.empty())) {
      assertEquals(
          URI.create("https://Vault-2.example.org"),
          known.node(URI.create("HTTPS://vault-2.EXAMPLE.org.:443/")).address());
      assertEquals(
          Reason.REDIRECT_REFUSED,
          reason(() -> known.node(URI.create("http://vault-2.example.org:443"))));
    }
  }

  @Test
  void an_interrupt_ends_a_request_that_hangs() throws InterruptedException {
    fake.on("sys/health", Reply.hang());
    var reason = new AtomicReference<Reason>();
    Thread asking = Thread.ofPlatform().start(() -> reason.set(reason(client.own()::health)));
    while (fake.requests().isEmpty()) {
      Thread.onSpinWait();
    }

    asking.interrupt();

    assertTrue(asking.join(Duration.ofSeconds(1)));
    assertEquals(Reason.UNREACHABLE, reason.get());
  }

  private Reason health(Reply reply) {
    fake.on("sys/health", reply);
    return reason(() -> client.own().health());
  }

  static Reason reason(Executable call) {
    return assertThrows(VaultException.class, call).reason();
  }

  private VaultClient client(List<URI> peers, Optional<String> namespace) {
    return VaultClient.open(
        config(fake.address(), peers, namespace),
        (endpoint, outcome, took) -> observed.add(endpoint + " " + outcome));
  }

  private static VaultConfig config(URI address, List<URI> peers, Optional<String> namespace) {
    return new VaultConfig(
        address,
        peers,
        0,
        namespace,
        VaultConfig.Tls.DEFAULT,
        new VaultConfig.Auth.None(),
        Duration.ofSeconds(1),
        Duration.ofMillis(1500));
  }
}
