package dev.lifeboat.http;

import dev.lifeboat.metrics.Exposition;
import dev.lifeboat.status.Status;
import dev.lifeboat.status.StatusHtml;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// The HTTP server: `/metrics`, `/livez`, `/readyz`, `/`, `/status.json` and a 404 with a hint
/// elsewhere.
///
/// One event loop does the network; an answer is made on a worker thread, a few at a time, so that
/// neither a slow scraper nor a guesser of passwords holds up another.
public final class HttpEndpoint implements AutoCloseable {
  /*
   * Platform threads: on a virtual one java.io.BufferedWriter, which the exposition is written
   * with, begins with 512 characters and grows by what each write needs. That is some 20 MB of
   * copies and two thirds of the processor time of a scrape (JDK 25).
   */
  private static final int ANSWERS_AT_ONCE_MAX = 4;
  private static final int PASSWORD_CHECKS_AT_ONCE_MAX = 2;
  private static final int CONNECTIONS_MAX = 256;
  private static final int HEADER_BYTES_MAX = 8192;
  private static final int FIRST_LINE_BYTES_MAX = 4096;
  private static final int COMPRESS_BYTES_MIN = 1024;
  private static final Duration HEADER_TIMEOUT = Duration.ofSeconds(10);

  /// Longer than the usual scrape interval of a minute, so that a scraper keeps its connection.
  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(75);

  private static final Duration CONTROL_TIMEOUT = Duration.ofSeconds(10);

  private static final System.Logger logger = System.getLogger(HttpEndpoint.class.getName());

  private final HttpConfig config;
  private final Routes routes;
  private final BasicAuth auth;
  private final Vertx vertx;
  private final HttpServer server;
  private final Semaphore free = new Semaphore(ANSWERS_AT_ONCE_MAX);
  private final Semaphore checks = new Semaphore(PASSWORD_CHECKS_AT_ONCE_MAX);

  /// Connections that have not sent a whole request yet, with the timer that ends them; a closed
  /// one leaves too. Touched on the event loop alone.
  private final Map<HttpConnection, Long> waiting = new HashMap<>();

  private int connections;

  private HttpEndpoint(HttpConfig config, Routes routes) {
    this.config = config;
    this.routes = routes;
    this.auth = new BasicAuth(config.users());
    Optional<TlsFiles> tls = config.tls().map(TlsFiles::read);
    this.vertx = vertx();
    HttpServerOptions options = options(config);
    tls.ifPresent(files -> secure(options, files.options()));
    this.server =
        vertx
            .createHttpServer(options)
            .connectionHandler(this::connected)
            .requestHandler(this::requested)
            // A client that goes away in mid-answer is no event of ours.
            .exceptionHandler(e -> logger.log(Level.DEBUG, "event=connection_failed", e));
  }

  /// Listens before it returns; a port in use is an [java.io.UncheckedIOException] naming it.
  public static HttpEndpoint open(
      HttpConfig config, Exposition exposition, BooleanSupplier ready, Supplier<Status> status) {
    HttpEndpoint endpoint = new HttpEndpoint(config, new Routes(exposition, ready, status));
    try {
      var _ = wait(() -> endpoint.server.listen().await(CONTROL_TIMEOUT));
      return endpoint;
    } catch (IOException e) {
      endpoint.close();
      throw new UncheckedIOException(refusal(config, e), e);
    }
  }

  /// Where it listens, with the real port when 0 was configured.
  public URI address() {
    String host = config.host().contains(":") ? "[" + config.host() + "]" : config.host();
    return URI.create(
        (config.tls().isPresent() ? "https" : "http") + "://" + host + ":" + server.actualPort());
  }

  /// Takes a renewed certificate, key or client CA from their files, for new connections. When they
  /// are not good, throws [UncheckedIOException] and goes on with the old ones.
  public void reload() {
    if (config.tls().isEmpty()) {
      return;
    }
    ServerSSLOptions renewed = TlsFiles.read(config.tls().get()).options();
    try {
      var _ = wait(() -> server.updateSSLOptions(renewed).await(CONTROL_TIMEOUT));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the certificate or key in %s is not good, the old one stays in use: %s"
              .formatted(config.tls().get().certificateFile(), e.getMessage()),
          e);
    }
  }

  /// Ends every connection; an answer under way is cut.
  @Override
  public void close() {
    try {
      var _ = wait(() -> vertx.close().await(CONTROL_TIMEOUT));
    } catch (IOException e) {
      logger.log(Level.WARNING, "event=http_close_failed", e);
    }
  }

  private static Vertx vertx() {
    // The system's own resolver; Vert.x's would read files and open sockets that we never need.
    System.setProperty("vertx.disableDnsResolver", "true");
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(ANSWERS_AT_ONCE_MAX + PASSWORD_CHECKS_AT_ONCE_MAX)
            .setInternalBlockingPoolSize(1)
            .setUseDaemonThread(true)
            .setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS)
            .setBlockedThreadCheckInterval(10)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false)));
  }

  private static HttpServerOptions options(HttpConfig config) {
    return new HttpServerOptions()
        .setHost(config.host())
        .setPort(config.port())
        .setHttp2ClearTextEnabled(false)
        .setCompressionSupported(true)
        .setCompressionContentSizeThreshold(COMPRESS_BYTES_MIN)
        .setDecompressionSupported(false)
        .setMaxHeaderSize(HEADER_BYTES_MAX)
        .setMaxInitialLineLength(FIRST_LINE_BYTES_MAX)
        .setIdleTimeoutUnit(TimeUnit.SECONDS)
        .setIdleTimeout((int) IDLE_TIMEOUT.toSeconds())
        .setAcceptBacklog(CONNECTIONS_MAX);
  }

  private static void secure(HttpServerOptions options, ServerSSLOptions tls) {
    options
        .setSsl(true)
        .setUseAlpn(false)
        .setKeyCertOptions(tls.getKeyCertOptions())
        .setTrustOptions(tls.getTrustOptions())
        .setClientAuth(tls.getClientAuth())
        .setEnabledSecureTransportProtocols(tls.getEnabledSecureTransportProtocols())
        .setSslHandshakeTimeout(tls.getSslHandshakeTimeout())
        .setSslHandshakeTimeoutUnit(tls.getSslHandshakeTimeoutUnit());
  }

  private void connected(HttpConnection connection) {
    connections++;
    waiting.put(connection, vertx.setTimer(HEADER_TIMEOUT.toMillis(), _ -> connection.close()));
    connection.closeHandler(
        _ -> {
          connections--;
          arrived(connection);
        });
    if (connections > CONNECTIONS_MAX) {
      connection.close();
    }
  }

  private void arrived(HttpConnection connection) {
    Long timer = waiting.remove(connection);
    if (timer != null) {
      vertx.cancelTimer(timer);
    }
  }

  private void requested(HttpServerRequest request) {
    arrived(request.connection());
    String path = Objects.requireNonNullElse(request.path(), "*");
    String method = request.method().name();
    String accept = Objects.requireNonNullElse(request.getHeader("accept"), "");
    String credentials = Objects.requireNonNullElse(request.getHeader("authorization"), "");
    boolean head = method.equals("HEAD");
    HttpServerResponse response = request.response();
    if (Routes.open(path)) {
      // On the event loop itself: it answers for as long as that one turns.
      send(response, head, routes.answer(method, path, accept));
      return;
    }
    boolean known = !auth.required() || auth.known(credentials);
    if (!known && credentials.isEmpty()) {
      send(response, head, unauthorized());
      return;
    }
    Semaphore permits = known ? free : checks;
    if (!permits.tryAcquire()) {
      send(response, head, busy());
      return;
    }
    vertx
        .executeBlocking(
            () ->
                known || auth.verify(credentials)
                    ? routes.answer(method, path, accept)
                    : unauthorized(),
            false)
        .otherwise(e -> failed(path, e))
        .onSuccess(answer -> send(response, head, answer))
        .eventually(
            () -> {
              permits.release();
              return Future.succeededFuture();
            })
        .onFailure(e -> logger.log(Level.DEBUG, "event=request_dropped", e));
  }

  private static Answer failed(String path, Throwable e) {
    logger.log(Level.ERROR, "event=request_failed path=" + path, e);
    return Answer.text(500, "this page failed\nhint: the reason is in the agent's log");
  }

  private static Answer unauthorized() {
    return Answer.text(401, "a user and password are needed\nhint: see http.users")
        .with("www-authenticate", "Basic realm=\"lifeboat\", charset=\"UTF-8\"");
  }

  private static Answer busy() {
    return Answer.text(
            503, "too many requests are being answered at this moment\nhint: ask again in a second")
        .with("retry-after", "1");
  }

  private static void send(HttpServerResponse response, boolean head, Answer answer) {
    if (response.closed() || response.ended()) {
      return;
    }
    response
        .setStatusCode(answer.status())
        .putHeader("content-type", answer.contentType())
        .putHeader("cache-control", "no-store")
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("referrer-policy", "no-referrer")
        .putHeader("content-security-policy", StatusHtml.CONTENT_SECURITY_POLICY);
    answer.headers().forEach(response::putHeader);
    if (head) {
      response.putHeader("content-length", Integer.toString(answer.body().length));
      var _ = response.end();
    } else {
      var _ = response.end(Buffer.buffer(answer.body()));
    }
  }

  private static String refusal(HttpConfig config, IOException e) {
    String address = config.host() + ":" + config.port();
    return e.getCause() instanceof BindException && config.port() != 0
        ? "cannot listen on %s: %s\nhint: find what listens there with 'ss -ltnp', or set http.port"
            .formatted(address, e.getCause().getMessage())
        : "cannot listen on %s: %s\nhint: see http.host, http.port and http.tls"
            .formatted(address, e.getMessage());
  }

  /// Vert.x throws what went wrong as it is, checked exceptions included.
  private static <T> T wait(Callable<T> call) throws IOException {
    try {
      return call.call();
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new IOException(Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
    }
  }
}
