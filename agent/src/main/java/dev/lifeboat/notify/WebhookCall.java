package dev.lifeboat.notify;

import dev.lifeboat.config.SecretException;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.notify.Delivery.Trouble;
import dev.lifeboat.notify.NotifyConfig.Webhook;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/// One POST of an event. A redirect is never followed: the headers may hold a secret.
final class WebhookCall {
  private static final int ANSWER_MAX = 500;

  private final Webhook webhook;
  private final Duration timeout;

  WebhookCall(Webhook webhook, Duration timeout) {
    this.webhook = webhook;
    this.timeout = timeout;
  }

  /// Whether another attempt may have another end.
  static boolean isPassing(Delivery delivery) {
    return delivery
        .trouble()
        .map(
            trouble ->
                trouble == Trouble.TIMEOUT
                    || trouble == Trouble.UNREACHABLE
                    || (trouble == Trouble.REFUSED
                        && delivery.words().matches("HTTP (429|5\\d\\d).*")))
        .orElse(false);
  }

  Delivery tell(EventKind kind, byte[] event) {
    long began = System.nanoTime();
    try (HttpClient client = client()) {
      String url = webhook.url().read().reveal();
      Optional<String> problem = NotifyConfig.problem(url);
      if (problem.isPresent()) {
        return Delivery.failed(Trouble.SETUP, "url-secret: " + problem.get(), since(began));
      }
      CompletableFuture<Answer> answer =
          client
              .sendAsync(
                  request(URI.create(url), kind, event), HttpResponse.BodyHandlers.ofInputStream())
              .thenApplyAsync(WebhookCall::read, Thread::startVirtualThread);
      try {
        return answered(answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS), began);
      } finally {
        // What is still going on, a body that drips included, is not waited for.
        var _ = answer.cancel(true);
        client.shutdownNow();
      }
    } catch (SecretException e) {
      return Delivery.failed(Trouble.SETUP, firstLine(e), since(began));
    } catch (IOException | GeneralSecurityException e) {
      return Delivery.failed(Trouble.SETUP, "ca-file: " + firstLine(e), since(began));
    } catch (TimeoutException e) {
      return Delivery.failed(
          Trouble.TIMEOUT, "no answer in %d s".formatted(timeout.toSeconds()), since(began));
    } catch (ExecutionException e) {
      return unanswered(e.getCause() == null ? e : e.getCause(), began);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Delivery.failed(Trouble.STOPPED, "told to stop", since(began));
    }
  }

  private HttpRequest request(URI url, EventKind kind, byte[] event) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .header("User-Agent", "lifeboat")
            .header("X-Lifeboat-Event", kind.label())
            .POST(HttpRequest.BodyPublishers.ofByteArray(event));
    for (Map.Entry<String, SecretSource> header : webhook.headers().entrySet()) {
      request.setHeader(header.getKey(), header.getValue().read().reveal());
    }
    return request.build();
  }

  private record Answer(int code, String beginning) {}

  private static Answer read(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      byte[] beginning = body.readNBytes(ANSWER_MAX);
      return new Answer(response.statusCode(), new String(beginning, StandardCharsets.UTF_8));
    } catch (IOException e) {
      return new Answer(response.statusCode(), "");
    }
  }

  private static Delivery answered(Answer answer, long began) {
    if (answer.code() / 100 == 2) {
      return Delivery.done("HTTP " + answer.code(), since(began));
    }
    String hint = answer.code() / 100 == 3 ? "a redirect, which is not followed " : "";
    return Delivery.failed(
        Trouble.REFUSED,
        "HTTP %d %s%s".formatted(answer.code(), hint, answer.beginning()),
        since(began));
  }

  private static Delivery unanswered(Throwable cause, long began) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof SSLException tls) {
        return Delivery.failed(Trouble.TLS, firstLine(tls), since(began));
      }
      if (each instanceof HttpTimeoutException) {
        return Delivery.failed(Trouble.TIMEOUT, "no answer in time", since(began));
      }
    }
    // The JDK says no more than its name of a connection that was refused.
    String words =
        cause.getMessage() == null
            ? cause.getClass().getSimpleName()
            : cause.getClass().getSimpleName() + " " + firstLine(cause);
    return Delivery.failed(Trouble.UNREACHABLE, words, since(began));
  }

  private HttpClient client() throws IOException, GeneralSecurityException {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout);
    if (webhook.caFile().isPresent()) {
      client.sslContext(trusting(webhook.caFile().get()));
    }
    return client.build();
  }

  private static SSLContext trusting(Path file) throws IOException, GeneralSecurityException {
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    int index = 0;
    try (InputStream pem = Files.newInputStream(file)) {
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        authorities.setCertificateEntry("ca-" + index++, each);
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static Duration since(long began) {
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
