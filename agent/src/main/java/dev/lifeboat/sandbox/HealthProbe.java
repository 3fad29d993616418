package dev.lifeboat.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Asks one server whether it answers at all; sends no token and follows no redirect.
final class HealthProbe implements AutoCloseable {
  private final HttpClient client;
  private final HttpRequest question;

  private HealthProbe(HttpClient client, HttpRequest question) {
    this.client = client;
    this.question = question;
  }

  static HealthProbe of(ServerConfig config) {
    var client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(2));
    config.tls().ifPresent(tls -> client.sslContext(trusting(tls.caFile())));
    return new HealthProbe(
        client.build(),
        HttpRequest.newBuilder(config.apiAddress().resolve("/v1/sys/health"))
            .timeout(Duration.ofSeconds(2))
            .build());
  }

  /// Any status will do: a sealed server says 503, a fresh one 501.
  boolean answers() {
    try {
      client.send(question, BodyHandlers.discarding());
      return true;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static SSLContext trusting(Path caFile) {
    try (InputStream pem = Files.newInputStream(caFile)) {
      var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int number = 0;
      for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        trusted.setCertificateEntry("ca-" + number++, certificate);
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted);
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new SandboxException(
          SandboxException.Reason.SETUP, "cannot use the certificate authority " + caFile, e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
