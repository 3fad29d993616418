package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.lab.Provisioning.Role;
import dev.lifeboat.sandbox.ServerConfig;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;

/// A real server behind TLS: whom we trust, by which name, and who we are by certificate.
@ParameterizedClass(name = "{0}")
@BothProducts
@SuppressWarnings("NullAway.Init") // Set before each invocation of the class.
class TlsTest {
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final String ROLE = "lifeboat-watch";

  @TempDir static Path base;
  private static Certificates certificates;
  private static Certificates.Issued client;
  private static LoneServer server;

  private final Product product;

  TlsTest(Product product) {
    this.product = product;
  }

  @BeforeParameterizedClassInvocation
  static void start(Product product) {
    var folder = Folders.create(base.resolve(product.name()));
    certificates = Certificates.in(folder.resolve("certificates"));
    client = certificates.client("watcher");
    var issued = certificates.server("server", "IP:127.0.0.1,DNS:vault.lab");
    server =
        LoneServer.secured(
            product,
            folder.resolve("server"),
            new ServerConfig.Tls(
                issued.certificateFile(), issued.privateKeyFile(), certificates.caFile()),
            Certificates.trusting(certificates.caFile()));
    server.start();
    server.initialise();
    server.unseal();
    var root = server.root();
    root.put("sys/policies/acl/" + ROLE, Map.of("policy", text(Role.WATCH.policyFile()))).require();
    root.post("sys/auth/cert", Map.of("type", "cert")).require();
    root.post(
            "auth/cert/certs/" + ROLE,
            Map.of(
                "certificate", text(certificates.caFile()),
                "allowed_common_names", List.of("watcher"),
                "token_policies", List.of(ROLE)))
        .require();
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    server.close();
  }

  @Test
  void a_client_certificate_logs_in_with_and_without_a_role() {
    for (var role : List.of(Optional.of(ROLE), Optional.<String>empty())) {
      try (var watcher =
          watcher(withClient(client), new VaultConfig.Auth.Certificate("cert", role))) {
        watcher.await("vault_cluster_peers", 1).lint().expect("vault_node_up", 1);
        assertEquals(product, watcher.state().product());
      }
    }
  }

  @Test
  void a_certificate_that_the_role_does_not_allow_is_refused_and_the_node_still_watched() {
    var stranger = certificates.client("stranger");
    expectNoLogin(withClient(stranger), ROLE);
  }

  @Test
  void without_a_client_certificate_or_with_another_role_there_is_no_login() {
    expectNoLogin(trusted(), ROLE);
    expectNoLogin(withClient(client), "nobody");
  }

  private static void expectNoLogin(VaultConfig.Tls tls, String role) {
    try (var watcher = watcher(tls, new VaultConfig.Auth.Certificate("cert", Optional.of(role)))) {
      watcher.await("vault_node_active", 1).expectNone("vault_cluster_");
      var failed =
          Await.until(
              "the refused login",
              BOUND,
              () ->
                  watcher.state().raftConfiguration()
                          instanceof Reading.Failed<RaftConfiguration> reading
                      ? Optional.of(reading)
                      : Optional.empty());
      assertTrue(List.of(Reason.DENIED, Reason.REFUSED).contains(failed.reason()), failed::message);
      assertTrue(failed.message().contains("auth/cert/login"), failed.message());
      assertTrue(failed.message().contains("hint: check which certificates"), failed.message());
    }
  }

  @Test
  void a_certificate_of_an_unknown_authority_is_refused() {
    assertEquals(Reason.TLS, refusal(server.address(), VaultConfig.Tls.DEFAULT));
    var other = Certificates.in(base.resolve(product.name()).resolve("other"));
    assertEquals(Reason.TLS, refusal(server.address(), tls(other.caFile(), Optional.empty())));
    try (var watcher = watcher(VaultConfig.Tls.DEFAULT, new VaultConfig.Auth.None())) {
      watcher.await("vault_node_up", 0).lint().expectNone("vault_node_sealed");
    }
  }

  @Test
  void plain_http_to_it_is_told_with_what_to_write() {
    var plain = URI.create("http://127.0.0.1:" + server.address().getPort());

    var refused = assertThrows(VaultException.class, () -> health(plain, VaultConfig.Tls.DEFAULT));

    assertEquals(Reason.TLS, refused.reason());
    assertTrue(
        refused
            .getMessage()
            .endsWith(": the server speaks TLS there\nhint: write https:// in vault.address"),
        refused.getMessage());
  }

  @Test
  void the_server_name_is_checked_instead_of_the_host() {
    var byName = URI.create("https://localhost:" + server.address().getPort());

    assertEquals(Reason.TLS, refusal(byName, trusted()));
    assertEquals(Reason.TLS, refusal(byName, named("other.lab")));
    assertEquals(Reason.TLS, refusal(server.address(), named("other.lab")));
    assertTrue(health(byName, named("vault.lab")).initialized());
    assertFalse(health(server.address(), named("vault.lab")).sealed());
  }

  private static Reason refusal(URI address, VaultConfig.Tls tls) {
    return assertThrows(VaultException.class, () -> health(address, tls)).reason();
  }

  private static Health health(URI address, VaultConfig.Tls tls) {
    try (var vault =
        VaultClient.open(config(address, tls, new VaultConfig.Auth.None()), RequestObserver.NONE)) {
      return vault.own().health();
    }
  }

  private static Watcher watcher(VaultConfig.Tls tls, VaultConfig.Auth auth) {
    return Watcher.open(config(server.address(), tls, auth));
  }

  private static VaultConfig config(URI address, VaultConfig.Tls tls, VaultConfig.Auth auth) {
    return new VaultConfig(
        address,
        List.of(),
        0,
        Optional.empty(),
        tls,
        auth,
        Duration.ofSeconds(2),
        Duration.ofSeconds(5));
  }

  private static VaultConfig.Tls trusted() {
    return tls(certificates.caFile(), Optional.empty());
  }

  private static VaultConfig.Tls named(String serverName) {
    return tls(certificates.caFile(), Optional.of(serverName));
  }

  private static VaultConfig.Tls tls(Path caFile, Optional<String> serverName) {
    return new VaultConfig.Tls(Optional.of(caFile), Optional.empty(), Optional.empty(), serverName);
  }

  private static VaultConfig.Tls withClient(Certificates.Issued issued) {
    return new VaultConfig.Tls(
        Optional.of(certificates.caFile()),
        Optional.of(issued.certificateFile()),
        Optional.of(issued.privateKeyFile()),
        Optional.empty());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
