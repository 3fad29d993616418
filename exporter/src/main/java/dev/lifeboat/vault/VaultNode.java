package dev.lifeboat.vault;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultException.Reason;
import io.github.jopenlibs.vault.EnvironmentLoader;
import io.github.jopenlibs.vault.Vault;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/// One node's API. Every call blocks, is bounded in time and in size, and throws [VaultException]
/// when it did not give what it says.
public final class VaultNode {
  /// The method that lists; `java.net.http` takes any word.
  private static final String LIST = "LIST";

  private static final int BUFFER_BYTES = 1 << 16;
  private static final String MOUNTS = "sys/internal/ui/mounts/";
  private static final String METRICS = "sys/metrics?format=prometheus";

  private final URI address;
  private final VaultConfig config;
  private final PeerHttpClient http;
  private final RequestObserver observer;

  /// What was sent: which method, where, with whose rights.
  private record Call(String method, String path, Optional<Secret> token, byte[] body) {
    static Call open(String path) {
      return new Call("GET", path, Optional.empty(), new byte[0]);
    }

    static Call get(String path, Secret token) {
      return new Call("GET", path, Optional.of(token), new byte[0]);
    }
  }

  /// Does not know vault-java-driver's variables: it would take a token out of `VAULT_TOKEN` or
  /// `~/.vault-token` that nobody configured.
  private static final class NoEnvironment extends EnvironmentLoader {
    @Override
    @SuppressWarnings("NullAway") // The driver's way of saying: not set.
    public String loadVariable(String name) {
      return null;
    }
  }

  VaultNode(URI address, VaultConfig config, PeerHttpClient http, RequestObserver observer) {
    this.address = address;
    this.config = config;
    this.http = http;
    this.observer = observer;
  }

  public URI address() {
    return address;
  }

  /// No token; any HTTP code with a health body is an answer.
  public Health health() {
    String what = what("sys/health");
    return ask(
        Call.open("sys/health"),
        false,
        (status, body) -> {
          if (body.length == 0) {
            throw Failure.of(what, status, body);
          }
          JsonNode json = Json.parse(what, body);
          if (!json.path("initialized").isBoolean()) {
            throw status / 100 == 2
                ? new VaultException(Reason.NOT_JSON, what + ": the answer is no health answer")
                : Failure.of(what, status, body);
          }
          return Health.from(status, json);
        });
  }

  /// No token.
  public SealStatus sealStatus() {
    Call call = Call.open("sys/seal-status");
    JsonNode json = json(call, false);
    requireField(call, json, "sealed");
    return SealStatus.from(json);
  }

  /// No token.
  public Leader leader() {
    Call call = Call.open("sys/leader");
    JsonNode json = json(call, false);
    requireField(call, json, "ha_enabled");
    return Leader.from(json);
  }

  public RaftConfiguration raftConfiguration(Secret token) {
    String path = "sys/storage/raft/configuration";
    return RaftConfiguration.from(what(path), read(path, token));
  }

  public AutopilotState autopilot(Secret token) {
    String path = "sys/storage/raft/autopilot/state";
    return AutopilotState.from(what(path), read(path, token));
  }

  /// No token. Only HashiCorp Vault has it; OpenBao answers 404.
  public ReplicationStatus replication() {
    Call call = Call.open("sys/replication/status");
    return ReplicationStatus.from(what(call.path()), json(call, false));
  }

  public HaStatus haStatus(Secret token) {
    String path = "sys/ha-status";
    return HaStatus.from(what(path), read(path, token));
  }

  /// Vault's own telemetry of this very node.
  ///
  /// A standby would pass the question on and answer with the active node's figures (OpenBao
  /// without standby reads, Vault before 1.3). The header forbids it: what cannot be answered here
  /// is a redirect then, and so a `REDIRECT_REFUSED`.
  ///
  /// @param token empty where the listener has `unauthenticated_metrics_access`
  public NativeMetrics metrics(Optional<Secret> token) {
    Call call = new Call("GET", METRICS, token, new byte[0]);
    return ask(
        call,
        false,
        (status, body) -> {
          String what = what(call.path());
          if (status != 200) {
            throw Failure.of(what, status, body);
          }
          String text = new String(body, ISO_8859_1);
          if (text.startsWith("{") || !text.endsWith("\n")) {
            throw new VaultException(
                text.startsWith("{") ? Reason.REFUSED : Reason.TRUNCATED,
                what + ": the answer is no whole text of Prometheus");
          }
          return new NativeMetrics(text);
        });
  }

  /// `GET /v1/{path}`; the whole answer body.
  public JsonNode read(String path, Secret token) {
    return json(Call.get(path, token), true);
  }

  /// `LIST /v1/{path}`; the whole answer body. Nothing there is `NOT_FOUND`.
  public JsonNode list(String path, Secret token) {
    return json(new Call(LIST, path, Optional.of(token), new byte[0]), true);
  }

  /// What a token may do with each of these paths, such as `read` or `root`. A question, though it
  /// is asked with `POST /v1/sys/capabilities-self`.
  public Map<String, Set<String>> capabilities(List<String> paths, Secret token) {
    JsonNode answer =
        post(
            "sys/capabilities-self",
            Optional.of(token),
            Map.of("paths", paths),
            config.requestTimeout());
    Map<String, Set<String>> capabilities = new TreeMap<>();
    for (String path : paths) {
      Set<String> given = new TreeSet<>();
      answer.path("data").path(path).forEach(each -> given.add(each.asString("")));
      capabilities.put(path, given);
    }
    return capabilities;
  }

  /// A login, renewal or revocation of our own token: the only writes of this package.
  JsonNode post(String path, Optional<Secret> token, Object body, Duration timeout) {
    Call call = new Call("POST", path, token, Json.bytes(body));
    return ask(
        call,
        true,
        timeout,
        (status, answer) -> answer.length == 0 ? emptyObject() : json(call, status, answer));
  }

  private static JsonNode emptyObject() {
    return Json.parse("", new byte[] {'{', '}'});
  }

  /// `GET /v1/sys/storage/raft/snapshot`, redirects to known peers followed.
  public SnapshotStream snapshot(Secret token, Duration stallTimeout) {
    Call call = Call.get("sys/storage/raft/snapshot", token);
    // The first byte may take as long as any other: the server writes the archive as it goes.
    Duration timeout =
        stallTimeout.compareTo(config.requestTimeout()) > 0
            ? stallTimeout
            : config.requestTimeout();
    HttpResponse<InputStream> response =
        observed(
            call,
            () -> {
              HttpResponse<InputStream> answer =
                  http.exchange(request(call, timeout), VaultNode::streamed, timeout, true);
              return new Answer<>(answer.statusCode(), () -> opened(call, answer));
            });
    Authority from = Authority.of(response.uri());
    var body = new SnapshotBody(response.uri().toString(), response.body(), stallTimeout);
    return new SnapshotStream(
        URI.create(from.toString()), new BufferedInputStream(body, BUFFER_BYTES));
  }

  private HttpResponse<InputStream> opened(Call call, HttpResponse<InputStream> answer)
      throws IOException {
    if (answer.statusCode() != 200) {
      try (InputStream body = answer.body()) {
        throw Failure.of(what(call.path()), answer.statusCode(), body.readAllBytes());
      }
    }
    return answer;
  }

  /// Only a snapshot is streamed; what a server says instead comes whole, within the deadline.
  private static HttpResponse.BodySubscriber<InputStream> streamed(HttpResponse.ResponseInfo info) {
    return info.statusCode() == 200
        ? BodySubscribers.ofInputStream()
        : BodySubscribers.mapping(
            BodySubscribers.limiting(BodySubscribers.ofByteArray(), PeerHttpClient.LIMIT_BYTES),
            ByteArrayInputStream::new);
  }

  /// vault-java-driver on our own HTTP client (redirects to known peers only, our TLS, our limits),
  /// for `canary`, `unseal` and logins. It reads nothing from the environment. Paths are sent as
  /// they are written (engine version 1): for KV version 2 say `secret/data/NAME` yourself. Its
  /// exceptions become ours by [#failure].
  public Vault driver(Secret token) {
    return driver(Optional.of(token));
  }

  /// The same without a token and in the root namespace, for what a sealed node can be asked.
  public Vault driver() {
    return driver(Optional.empty(), Optional.empty());
  }

  /// The same with a token in the root namespace, where all below `sys/` is.
  public Vault rootDriver(Secret token) {
    return driver(Optional.of(token), Optional.empty());
  }

  /// `DELETE /v1/{path}` with a nonce in its body, without which Vault cancels no rekey of the last
  /// ten minutes. For `rekey` alone: vault-java-driver sends no body with it.
  public void cancel(String path, Secret token, String nonce) {
    Call call = new Call("DELETE", path, Optional.of(token), Json.bytes(Map.of("nonce", nonce)));
    boolean ignored =
        ask(
            call,
            true,
            (status, body) -> {
              if (status / 100 != 2) {
                throw Failure.of(what(path), status, body);
              }
              return true;
            });
  }

  Vault driver(Optional<Secret> token) {
    return driver(token, config.namespace());
  }

  private Vault driver(Optional<Secret> token, Optional<String> namespace) {
    int seconds = Math.toIntExact(config.requestTimeout().plusMillis(999).toSeconds());
    var settings =
        new io.github.jopenlibs.vault.VaultConfig()
            .environmentLoader(new NoEnvironment())
            .address(address.toString())
            .openTimeout(seconds)
            .readTimeout(seconds)
            .engineVersion(1)
            .httpClient(http);
    try {
      if (namespace.isPresent()) {
        settings.nameSpace(namespace.get());
      }
      token.ifPresent(secret -> settings.token(secret.reveal()));
      return Vault.create(settings.build());
    } catch (io.github.jopenlibs.vault.VaultException impossible) {
      throw new IllegalStateException("vault-java-driver refuses its settings", impossible);
    }
  }

  /// What a failure of vault-java-driver means.
  ///
  /// @param path what was asked, such as `auth/approle/login`
  public VaultException failure(String path, io.github.jopenlibs.vault.VaultException failed) {
    int status = failed.getHttpStatusCode();
    return status == 0
        ? Failure.of(what(path), failed)
        : Failure.ofDriver(what(path), status, String.valueOf(failed.getMessage()));
  }

  /// Sends what neither this class nor the driver can: a body of any length, streamed. To this node
  /// only; no redirect is followed, so it arrives once or not at all.
  ///
  /// @param path below `/v1/`
  /// @param timeout of all of it
  /// @return the HTTP status, of the 2xx
  public int send(String path, Secret token, HttpRequest.BodyPublisher body, Duration timeout)
      throws InterruptedException {
    Call call = new Call("POST", path, Optional.of(token), new byte[0]);
    HttpRequest request =
        HttpRequest.newBuilder(request(call, timeout), (name, value) -> true)
            .method(call.method(), body)
            .build();
    try {
      return observed(
          call,
          () -> {
            HttpResponse<byte[]> answer =
                http.exchange(
                    request,
                    HttpResponse.BodyHandlers.limiting(
                        BodyHandlers.ofByteArray(), PeerHttpClient.LIMIT_BYTES),
                    timeout,
                    false);
            return new Answer<>(answer.statusCode(), () -> taken(call, answer));
          });
    } catch (VaultException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw e;
    }
  }

  private int taken(Call call, HttpResponse<byte[]> answer) {
    if (answer.statusCode() / 100 != 2) {
      throw Failure.of(what(call.path()), answer.statusCode(), answer.body());
    }
    return answer.statusCode();
  }

  private void requireField(Call call, JsonNode json, String name) {
    if (!json.path(name).isBoolean()) {
      throw new VaultException(
          Reason.NOT_JSON, what(call.path()) + ": the answer has no '" + name + "'");
    }
  }

  private JsonNode json(Call call, boolean follow) {
    return ask(call, follow, (status, body) -> json(call, status, body));
  }

  private JsonNode json(Call call, int status, byte[] body) {
    if (status / 100 != 2) {
      throw Failure.of(what(call.path()), status, body);
    }
    return Json.parse(what(call.path()), body);
  }

  private <T> T ask(Call call, boolean follow, BiFunction<Integer, byte[], T> reader) {
    return ask(call, follow, config.requestTimeout(), reader);
  }

  private <T> T ask(
      Call call, boolean follow, Duration timeout, BiFunction<Integer, byte[], T> reader) {
    return observed(
        call,
        () -> {
          HttpResponse<byte[]> response =
              http.exchange(
                  request(call, timeout),
                  BodyHandlers.limiting(BodyHandlers.ofByteArray(), PeerHttpClient.LIMIT_BYTES),
                  timeout,
                  follow);
          return new Answer<>(
              response.statusCode(), () -> reader.apply(response.statusCode(), response.body()));
        });
  }

  /// What came, not read yet.
  private record Answer<T>(int status, Content<T> content) {}

  private interface Content<T> {
    T read() throws IOException;
  }

  private interface Exchange<T> {
    Answer<T> run() throws IOException, InterruptedException;
  }

  /// Runs it, tells the observer how it ended, and makes every failure a [VaultException]. A
  /// failure that the server told is counted by its code, any other by its reason.
  private <T> T observed(Call call, Exchange<T> exchange) {
    long start = System.nanoTime();
    String outcome = "interrupted";
    int status = 0;
    try {
      Answer<T> answer = exchange.run();
      status = answer.status();
      T content = answer.content().read();
      outcome = String.valueOf(status);
      return content;
    } catch (VaultException failed) {
      outcome = status >= 300 ? String.valueOf(status) : failed.reason().label();
      throw failed;
    } catch (IOException failed) {
      VaultException known = Failure.of(what(call.path()), failed);
      outcome = known.reason().label();
      throw known;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new VaultException(
          Reason.UNREACHABLE, what(call.path()) + ": interrupted", interrupted);
    } finally {
      observer.requested(
          Endpoint.name(call.method(), call.path()),
          outcome,
          Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private HttpRequest request(Call call, Duration timeout) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.resolve("/v1/" + call.path()))
            .timeout(timeout)
            .header("Accept", "application/json, application/gzip")
            .header("X-Vault-Request", "true")
            .method(
                call.method(),
                call.body().length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(call.body()));
    call.token().ifPresent(token -> request.header("X-Vault-Token", header(token)));
    if (call.path().equals(METRICS)) {
      request.header("X-Vault-No-Request-Forwarding", "true");
    }
    // What is below sys/ is the node's own and exists in the root namespace only: with the header
    // OpenBao answers 400 "operation unavailable in namespaces" to a health check or a snapshot.
    // Only which mounts there are is asked where the secrets are.
    if (!call.path().startsWith("sys/") || call.path().startsWith(MOUNTS)) {
      config.namespace().ifPresent(name -> request.header("X-Vault-Namespace", name));
    }
    return request.build();
  }

  /// The JDK quotes the value of a header that it refuses; a token must not come that far.
  private static String header(Secret token) {
    if (!token.isOneWord()) {
      throw new VaultException(
          VaultException.Reason.NO_CREDENTIAL, "the token has characters that no token has");
    }
    return token.reveal();
  }

  private String what(String path) {
    return address + "/v1/" + path;
  }
}
