package dev.lifeboat.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpTlsTest {
  @TempDir static Path folder;
  private TestCertificate server;
  private TestCertificate client;

  @BeforeAll
  void makeCertificates() {
    server = TestCertificate.make(folder, "server");
    client = TestCertificate.make(folder, "client");
  }

  @Test
  void tls_1_3_is_preferred_and_1_2_accepted() throws Exception {
    try (HttpEndpoint endpoint = Endpoints.open(Endpoints.tls(files(Optional.empty())))) {
      assertEquals("https", endpoint.address().getScheme());
      assertEquals(200, get(endpoint, server.trusting()));
      assertEquals("TLSv1.3", negotiated(endpoint, "TLSv1.3", "TLSv1.2"));
      assertEquals("TLSv1.2", negotiated(endpoint, "TLSv1.2"));
    }
  }

  @Test
  void tls_below_1_2_is_refused_with_the_right_alert() throws Exception {
    try (HttpEndpoint endpoint = Endpoints.open(Endpoints.tls(files(Optional.empty())));
        Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), endpoint.address().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(clientHelloOfTls11());

      byte[] answer = socket.getInputStream().readNBytes(7);

      // An alert record (21), two bytes long: fatal (2), protocol_version (70).
      assertEquals(21, answer[0]);
      assertArrayEquals(new byte[] {0, 2, 2, 70}, java.util.Arrays.copyOfRange(answer, 3, 7));
    }
  }

  @Test
  void a_client_without_the_asked_certificate_is_refused() throws Exception {
    HttpConfig.Tls tls = files(Optional.of(client.certificate()));
    try (HttpEndpoint endpoint = Endpoints.open(Endpoints.tls(tls))) {
      assertEquals(200, get(endpoint, server.trusting(client)));
      assertThrows(IOException.class, () -> get(endpoint, server.trusting()));
      assertThrows(IOException.class, () -> get(endpoint, server.trusting(server)));
    }
  }

  @Test
  void a_renewed_certificate_is_taken_at_reload_and_a_bad_one_is_not() throws Exception {
    Path certificate = copy(server.certificate(), "live.crt");
    Path key = copy(server.key(), "live.key");
    HttpConfig.Tls tls = new HttpConfig.Tls(certificate, key, Optional.empty());
    try (HttpEndpoint endpoint = Endpoints.open(Endpoints.tls(tls))) {
      assertEquals(200, get(endpoint, server.trusting()));

      copy(client.certificate(), "live.crt");
      copy(client.key(), "live.key");
      endpoint.reload();
      assertEquals(200, get(endpoint, client.trusting()));

      Files.writeString(certificate, "no certificate");
      assertThrows(UncheckedIOException.class, endpoint::reload);
      assertEquals(200, get(endpoint, client.trusting()));

      Files.delete(key);
      assertThrows(UncheckedIOException.class, endpoint::reload);
      assertEquals(200, get(endpoint, client.trusting()));
    }
  }

  @Test
  void files_that_cannot_be_used_stop_the_start() throws IOException {
    Path nothing = folder.resolve("nothing.crt");
    Path nonsense = Files.writeString(folder.resolve("nonsense.crt"), "nonsense");

    var missing = refusal(new HttpConfig.Tls(nothing, server.key(), Optional.empty()));
    var unreadable = refusal(new HttpConfig.Tls(nonsense, server.key(), Optional.empty()));

    assertTrue(missing.startsWith("cannot read http.tls.certificate-file " + nothing), missing);
    assertTrue(missing.contains("\nhint: "), missing);
    assertTrue(unreadable.startsWith("cannot listen on 127.0.0.1:0: "), unreadable);
    assertTrue(unreadable.contains("http.tls"), unreadable);
  }

  @Test
  void plain_http_is_not_answered_on_the_tls_port() throws Exception {
    try (HttpEndpoint endpoint = Endpoints.open(Endpoints.tls(files(Optional.empty())));
        Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), endpoint.address().getPort())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);

      assertTrue(!answer.contains("HTTP/"), answer);
    }
  }

  private HttpConfig.Tls files(Optional<Path> clientCa) {
    return new HttpConfig.Tls(server.certificate(), server.key(), clientCa);
  }

  private static String refusal(HttpConfig.Tls tls) {
    var refused =
        assertThrows(UncheckedIOException.class, () -> Endpoints.open(Endpoints.tls(tls)).close());
    return String.valueOf(refused.getMessage());
  }

  private static Path copy(Path from, String name) throws IOException {
    return Files.copy(from, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  private static int get(HttpEndpoint endpoint, SSLContext context)
      throws IOException, InterruptedException {
    try (HttpClient http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(context).build()) {
      return http.send(
              HttpRequest.newBuilder(Endpoints.uri(endpoint, "/metrics")).build(),
              BodyHandlers.discarding())
          .statusCode();
    }
  }

  private String negotiated(HttpEndpoint endpoint, String... protocols) throws IOException {
    int port = endpoint.address().getPort();
    try (SSLSocket socket =
        (SSLSocket) server.trusting().getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.setEnabledProtocols(protocols);
      socket.startHandshake();
      return socket.getSession().getProtocol();
    }
  }

  /// By hand (RFC 4346, section 7.4.1.2): no library at hand would still send one.
  private static byte[] clientHelloOfTls11() throws IOException {
    var hello = new ByteArrayOutputStream();
    var out = new DataOutputStream(hello);
    out.writeShort(0x0302);
    out.write(new byte[32]);
    out.writeByte(0);
    out.writeShort(4);
    out.writeShort(0xc00a); // ECDHE_ECDSA_WITH_AES_256_CBC_SHA
    out.writeShort(0xc009); // ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    out.writeShort(0x0100);
    var record = new ByteArrayOutputStream();
    out = new DataOutputStream(record);
    out.writeByte(22);
    out.writeShort(0x0301);
    out.writeShort(hello.size() + 4);
    out.writeInt(1 << 24 | hello.size());
    out.write(hello.toByteArray());
    return record.toByteArray();
  }
}
