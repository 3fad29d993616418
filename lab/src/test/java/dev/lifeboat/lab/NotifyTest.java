package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.vault.Product;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// An agent beside a real node tells a program and an address of HTTPS what becomes of its backups.
class NotifyTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final List<String> posted = new CopyOnWriteArrayList<>();

  @TempDir Path folder;

  @Test
  void a_failure_and_the_recovery_are_told_to_a_program_and_to_an_address() throws Exception {
    var certificates = Certificates.in(folder.resolve("tls"));
    var server = server(certificates.server("hook", "IP:127.0.0.1"));
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site = Site.beside(cluster, folder.resolve("site"));
      var file = folder.resolve("told");
      site.configure("notify.program.command = [\"%s\"]".formatted(appending(file)));
      site.configure(
          "notify.address { url = \"%s\", ca-file = \"%s\" }"
              .formatted(address(server), certificates.caFile()));
      var recipients = Site.text(site.recipients());
      try (var _ = AgentHere.start(site, InstantSource.system(), Milestones.NONE)) {
        Files.writeString(site.recipients(), "not a recipient\n");
        site.run("backup").expect(Exit.CONFIGURATION);
        Files.writeString(site.recipients(), recipients);
        var id = site.backup();

        Await.until(
            "three events each", BOUND, () -> posted.size() == 3 && lines(file).size() == 3);
        assertEquals(
            List.of("backup-failed", "backup-succeeded", "backup-recovered"),
            posted.stream().map(each -> field(each, "event")).toList());
        assertEquals(posted, lines(file));
        assertTrue(posted.get(1).contains("\"id\":\"" + id + "\""), posted.get(1));
      }
    } finally {
      server.stop(0);
    }
  }

  @Test
  void a_test_says_for_each_target_what_came_of_it() throws Exception {
    var certificates = Certificates.in(folder.resolve("tls"));
    var server = server(certificates.server("hook", "IP:127.0.0.1"));
    var elsewhere = server(certificates.server("other", "DNS:elsewhere.example"));
    try (var cluster = TestClusters.start(Product.OPENBAO, 1, folder)) {
      var site = Site.beside(cluster, folder.resolve("site"));
      var ca = certificates.caFile();
      site.configure(
          "notify.a-good { url = \"%s\", ca-file = \"%s\" }".formatted(address(server), ca));
      site.configure("notify.b-untrusted { url = \"%s\" }".formatted(address(server)));
      site.configure(
          "notify.c-of-another-name { url = \"%s\", ca-file = \"%s\" }"
              .formatted(address(elsewhere), ca));
      site.configure("notify.d-missing.command = [\"/nonexistent/hook\"]");

      var run = site.run("notify", "test", "--json").expect(Exit.NOTIFY_FAILED);

      assertEquals("true", run.json().path(0).path("told").toString(), run.out());
      assertEquals("tls", run.json().path(1).path("reason").stringValue(), run.out());
      assertEquals("tls", run.json().path(2).path("reason").stringValue(), run.out());
      assertEquals("setup", run.json().path(3).path("reason").stringValue(), run.out());
      assertEquals(List.of("test"), posted.stream().map(each -> field(each, "event")).toList());
    } finally {
      server.stop(0);
      elsewhere.stop(0);
    }
  }

  private static String address(HttpsServer server) {
    return "https://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  private static String field(String json, String name) {
    return JsonMapper.shared().readTree(json).path(name).stringValue();
  }

  private static List<String> lines(Path file) {
    return Files.exists(file) ? Site.text(file).lines().toList() : List.of();
  }

  private Path appending(Path file) throws IOException {
    var hook = Files.writeString(folder.resolve("hook"), "#!/bin/sh\ncat >>" + file + "\n");
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
    return hook;
  }

  private HttpsServer server(Certificates.Issued issued)
      throws IOException, GeneralSecurityException {
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(issued)));
    server.createContext(
        "/hook",
        exchange -> {
          var body = exchange.getRequestBody().readAllBytes();
          posted.add(new String(body, StandardCharsets.UTF_8).strip());
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static SSLContext context(Certificates.Issued issued)
      throws IOException, GeneralSecurityException {
    var key = KeyFactory.getInstance("EC").generatePrivate(pkcs8(issued.privateKeyFile()));
    var certificate =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(Files.readAllBytes(issued.certificateFile())));
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("hook", key, new char[0], new Certificate[] {certificate});
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    var context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static PKCS8EncodedKeySpec pkcs8(Path file) throws IOException {
    var text = Files.readString(file).replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    return new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text));
  }
}
