package dev.lifeboat.vault;

import dev.lifeboat.vault.VaultException.Reason;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/// The one HTTP client through which everything goes to a node, vault-java-driver's calls included:
/// it sends to known peers only, and answers within its deadline, within its size.
final class PeerHttpClient extends HttpClient {
  /*
   * Redirects. Every HTTP client that was tried sends `X-Vault-Token` on to whatever host a
   * `Location` names (java.net.http with NORMAL, HttpURLConnection by default, Vert.x). So the
   * client beneath never follows, and each hop is made here: the target's scheme, host and port
   * must be those of a configured address, or the request ends with REDIRECT_REFUSED and the target
   * has seen nothing of it. A standby answers 307 with the leader's address; a chain of more than
   * three is a loop. A body is sent again for 307 and 308 only; the older codes would turn a login
   * into a GET.
   *
   * Deadlines. HttpRequest.timeout ends when the headers are there, and a body may then take
   * forever. `send` therefore waits for the whole exchange, all hops included, and cancels it at
   * the
   * deadline. A streamed body is the exception: its handler completes at the headers, and
   * `SnapshotBody` guards the rest.
   */
  static final int LIMIT_BYTES = 4 << 20;
  private static final int MAX_HOPS = 3;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final HttpClient client;
  private final ExecutorService executor;
  private final Set<Authority> known;
  private final Duration timeout;
  private final RequestObserver observer;

  PeerHttpClient(
      Duration connectTimeout,
      Duration timeout,
      TlsRules tls,
      Set<Authority> known,
      RequestObserver observer) {
    this.executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("vault-http-", 0).factory());
    this.client =
        HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(connectTimeout)
            .sslContext(tls.context())
            .sslParameters(tls.parameters())
            .executor(executor)
            .build();
    this.known = Set.copyOf(known);
    this.timeout = timeout;
    this.observer = observer;
  }

  /// What `HttpClient` expects: bounded, redirects to known peers followed, counted.
  @Override
  public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException, InterruptedException {
    String endpoint = Endpoint.name(request.method(), request.uri().getPath());
    long start = System.nanoTime();
    String outcome = "interrupted";
    try {
      HttpResponse<T> response =
          exchange(
              request, HttpResponse.BodyHandlers.limiting(handler, LIMIT_BYTES), timeout, true);
      outcome = String.valueOf(response.statusCode());
      return response;
    } catch (IOException failed) {
      outcome = Failure.of(request.uri().toString(), failed).reason().label();
      throw failed;
    } finally {
      observer.requested(endpoint, outcome, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  /// One request and the hops that follow, uncounted.
  ///
  /// @param timeout for all of it together
  /// @param follow whether a redirect may be followed at all
  <T> HttpResponse<T> exchange(
      HttpRequest request, HttpResponse.BodyHandler<T> handler, Duration timeout, boolean follow)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    HttpRequest next = request;
    for (int hop = 0; ; hop++) {
      HttpResponse<T> response = once(next, handler, deadline);
      if (!REDIRECTS.contains(response.statusCode())) {
        return response;
      }
      if (response.body() instanceof AutoCloseable body) {
        closeQuietly(body);
      }
      URI target = target(next, response, follow);
      if (hop == MAX_HOPS) {
        throw refused(next.uri(), "redirects more than " + MAX_HOPS + " times", "");
      }
      next = HttpRequest.newBuilder(next, (name, value) -> true).uri(target).build();
    }
  }

  private <T> HttpResponse<T> once(
      HttpRequest request, HttpResponse.BodyHandler<T> handler, long deadline)
      throws IOException, InterruptedException {
    if (!known.contains(Authority.of(request.uri()))) {
      throw refused(request.uri(), "is not a known peer", "");
    }
    var answered = new AtomicBoolean();
    CompletableFuture<HttpResponse<T>> future =
        client.sendAsync(
            request,
            info -> {
              answered.set(true);
              return handler.apply(info);
            });
    try {
      return future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      future.cancel(true);
      var timedOut = new HttpTimeoutException("no complete answer in time");
      timedOut.initCause(late);
      throw timedOut;
    } catch (InterruptedException interrupted) {
      future.cancel(true);
      throw interrupted;
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause() == null ? failed : failed.getCause();
      throw new Failure.Classified(Failure.classify(cause, answered.get()), cause);
    }
  }

  private URI target(HttpRequest request, HttpResponse<?> response, boolean follow)
      throws IOException {
    Optional<URI> target =
        response
            .headers()
            .firstValue("Location")
            .filter(text -> !text.isBlank())
            .flatMap(PeerHttpClient::uri)
            .map(request.uri()::resolve)
            .filter(uri -> uri.getHost() != null);
    if (target.isEmpty()) {
      throw refused(request.uri(), "redirects to no address", "");
    }
    Authority to = Authority.of(target.get());
    if (!follow) {
      throw refused(request.uri(), "redirects to " + to + " what only this node can answer", "");
    }
    if (!known.contains(to) || target.get().getRawUserInfo() != null) {
      throw refused(
          request.uri(),
          "redirects to " + to + ", which is not a known peer",
          "when it is a node of this cluster, add it to vault.peers");
    }
    boolean resend = response.statusCode() == 307 || response.statusCode() == 308;
    if (!resend && !Set.of("GET", "LIST").contains(request.method())) {
      throw refused(request.uri(), "redirects a write with " + response.statusCode(), "");
    }
    return target.get();
  }

  private static Optional<URI> uri(String text) {
    try {
      return Optional.of(URI.create(text));
    } catch (IllegalArgumentException notAnAddress) {
      return Optional.empty();
    }
  }

  private static IOException refused(URI from, String message, String hint) {
    String text = from + ": " + message + (hint.isEmpty() ? "" : "\nhint: " + hint);
    return new IOException(text, new VaultException(Reason.REDIRECT_REFUSED, text));
  }

  private static void closeQuietly(AutoCloseable body) throws InterruptedException {
    try {
      body.close();
    } catch (InterruptedException interrupted) {
      throw interrupted;
    } catch (Exception leftover) {
      // The body of a redirect says nothing; its connection is gone either way.
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    executor.shutdownNow();
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    throw new UnsupportedOperationException("only send knows the deadline");
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request,
      HttpResponse.BodyHandler<T> handler,
      HttpResponse.PushPromiseHandler<T> push) {
    throw new UnsupportedOperationException("only send knows the deadline");
  }

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return client.cookieHandler();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return client.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return client.followRedirects();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return client.proxy();
  }

  @Override
  public SSLContext sslContext() {
    return client.sslContext();
  }

  @Override
  public SSLParameters sslParameters() {
    return client.sslParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return client.authenticator();
  }

  @Override
  public Version version() {
    return client.version();
  }

  @Override
  public Optional<Executor> executor() {
    return client.executor();
  }
}
