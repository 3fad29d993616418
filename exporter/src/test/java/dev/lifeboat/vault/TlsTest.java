package dev.lifeboat.vault;

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
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each TLS setting, proven to be applied: with it the call is answered, without it or with another
/// it is not.
class TlsTest {
  private static final String MODERN = "TLSv1.3";

  @TempDir static Path folder;
  private static TestCertificates certificates;

  @BeforeAll
  static void certificates() {
    certificates =
        TestCertificates.in(folder)
            .sign("node", "EC", "ip:127.0.0.1,dns:localhost")
            .sign("named", "EC", "dns:vault.example.org,dns:*.wild.example.org,ip:10.0.0.7")
            .sign("client-ec", "EC", "dns:agent")
            .sign("client-rsa", "RSA", "dns:agent")
            .sign("client-ed", "Ed25519", "dns:agent");
  }

  @Test
  void a_certificate_of_the_configured_authority_is_believed() {
    assertTrue(answered(node("node"), tls("ca", "", "")));
  }

  @Test
  void an_unknown_authority_is_refused_with_the_setting_that_helps() {
    try (FakeVault node = node("node")) {
      VaultException refused = refusal(node, VaultConfig.Tls.DEFAULT);

      assertEquals(Reason.TLS, refused.reason());
      assertTrue(
          refused.getMessage().contains("hint: set vault.tls.ca-file"), refused.getMessage());
      assertEquals(List.of(), node.requests());
    }
  }

  @Test
  void a_certificate_for_another_host_is_refused_with_the_setting_that_helps() {
    try (FakeVault node = node("named")) {
      VaultException refused = refusal(node, tls("ca", "", ""));

      assertEquals(Reason.TLS, refused.reason());
      assertTrue(refused.getMessage().contains("vault.tls.server-name"), refused.getMessage());
      assertEquals(List.of(), node.requests());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"vault.example.org", "VAULT.example.ORG", "a.wild.example.org", "10.0.0.7"})
  void the_configured_server_name_is_looked_for_instead_of_the_host(String name) {
    assertTrue(answered(node("named"), tls("ca", "", name)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other.example.org",
        "a.b.wild.example.org",
        "wild.example.org",
        "127.0.0.1",
        "named"
      })
  void a_wrong_server_name_is_refused(String name) {
    try (FakeVault node = node("named")) {
      assertEquals(Reason.TLS, refusal(node, tls("ca", "", name)).reason());
      assertEquals(List.of(), node.requests());
    }
  }

  @Test
  void a_server_name_does_not_replace_the_authority() {
    var noAuthority =
        new VaultConfig.Tls(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("vault.example.org"));
    try (FakeVault node = node("named")) {
      assertEquals(Reason.TLS, refusal(node, noAuthority).reason());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vault.example.org, vault.example.org, true",
    "*.example.org, vault.example.org, true",
    "*.example.org, example.org, false",
    "*.org, example.org, false",
    "*.example.org, .example.org, false",
    "v*.example.org, vault.example.org, false"
  })
  void one_left_most_star_stands_for_one_label(String pattern, String name, boolean matches) {
    assertEquals(matches, ServerNameTrust.matches(pattern, name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"client-ec", "client-rsa", "client-ed"})
  void a_client_certificate_of_every_kind_is_shown(String client) {
    try (FakeVault node =
        FakeVault.openTls(certificates.server("node"), true, MODERN, "TLSv1.2").active()) {
      assertTrue(answered(node, tls("ca", client, "")));
    }
  }

  @Test
  void without_its_client_certificate_a_node_that_wants_one_is_not_reached() {
    try (FakeVault node = FakeVault.openTls(certificates.server("node"), true, "TLSv1.2")) {
      assertEquals(Reason.TLS, refusal(node.active(), tls("ca", "", "")).reason());
      assertEquals(List.of(), node.requests());
    }
  }

  @Test
  void a_login_by_the_driver_keeps_the_same_rules() {
    try (FakeVault node = FakeVault.openTls(certificates.server("named"), true, MODERN)) {
      node.on("auth/cert/login", Reply.grant("s.cert", 60, true));
      var auth = new VaultConfig.Auth.Certificate("cert", Optional.empty());
      try (var client = client(node.address(), tls("ca", "client-ec", "vault.example.org"));
          var keeper = TokenKeeper.open(client, auth, InstantSource.system())) {
        assertEquals(new Secret("s.cert"), keeper.token());
      }
      try (var client = client(node.address(), tls("ca", "client-ec", "other.example.org"));
          var keeper = TokenKeeper.open(client, auth, InstantSource.system())) {
        assertEquals(Reason.TLS, VaultNodeTest.reason(keeper::token));
      }
    }
  }

  @Test
  void a_login_by_certificate_may_name_its_role() {
    try (FakeVault node = FakeVault.openTls(certificates.server("node"), true, MODERN)) {
      node.on("auth/mtls/login", Reply.grant("s.cert", 60, true));
      var auth = new VaultConfig.Auth.Certificate("mtls", Optional.of("watch"));
      try (var client = client(node.address(), tls("ca", "client-ec", ""));
          var keeper = TokenKeeper.open(client, auth, InstantSource.system())) {
        assertEquals(new Secret("s.cert"), keeper.token());
      }
      assertEquals("{\"name\":\"watch\"}", node.requests("auth/mtls/login").getFirst().body());
    }
  }

  @Test
  void tls_1_2_is_enough_and_1_1_is_not() {
    assertTrue(answered(node("node", "TLSv1.2"), tls("ca", "", "")));

    try (FakeVault old = node("node", "TLSv1.1")) {
      assertEquals(Reason.TLS, refusal(old, tls("ca", "", "")).reason());
      assertEquals(List.of(), old.requests());
    }
    assertEquals(
        List.of("TLSv1.3", "TLSv1.2"),
        List.of(TlsRules.of(VaultConfig.Tls.DEFAULT).parameters().getProtocols()));
  }

  @Test
  void https_to_a_plain_port_says_so() {
    try (FakeVault plain = FakeVault.open().active()) {
      URI address = URI.create("https://127.0.0.1:" + plain.address().getPort());
      try (var client = client(address, VaultConfig.Tls.DEFAULT)) {
        var refused = assertThrows(VaultException.class, () -> client.own().health());
        assertFalse(refused.getMessage().contains("\n\n"));
        assertTrue(
            List.of(Reason.TLS, Reason.UNREACHABLE).contains(refused.reason()),
            refused.getMessage());
      }
    }
  }

  @Test
  void files_that_are_wrong_are_named() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    Path broken = pem("broken.pem", "CERTIFICATE", "AAAA");
    Path pkcs1 = pem("pkcs1.key", "RSA PRIVATE KEY", "AAAA");
    Path odd = pem("odd.key", "PRIVATE KEY", "AAAA");
    Path notBase64 = pem("base64.key", "PRIVATE KEY", "A");

    assertTrue(broken(() -> PemFile.certificates(empty)).contains("no certificate in it"));
    assertTrue(broken(() -> PemFile.certificates(broken)).contains("a broken certificate"));
    assertTrue(
        broken(() -> PemFile.certificates(folder.resolve("none.pem")))
            .contains("none.pem: cannot"));
    assertTrue(broken(() -> PemFile.privateKey(empty)).contains("no private key in it"));
    assertTrue(broken(() -> PemFile.privateKey(odd)).contains("of an unknown kind"));
    assertTrue(broken(() -> PemFile.privateKey(notBase64)).contains("broken PEM"));
    assertTrue(
        broken(() -> PemFile.privateKey(pkcs1))
            .contains("hint: openssl pkcs8 -topk8 -nocrypt -in " + pkcs1));
  }

  private static Path pem(String name, String type, String body) throws IOException {
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, body, type));
  }

  private static String broken(org.junit.jupiter.api.function.Executable read) {
    var refused = assertThrows(VaultException.class, read);
    assertEquals(Reason.TLS, refused.reason());
    return refused.getMessage();
  }

  @Test
  void a_certificate_is_looked_at_although_nobody_would_believe_it() {
    try (FakeVault node = node("named")) {
      var looked = new Certificates(config(node.address(), VaultConfig.Tls.DEFAULT)).api();

      assertEquals(
          Certificates.inFile(certificates.certificateFile("named")).getFirst(), looked.getFirst());
      assertEquals(List.of(), node.requests());
    }
  }

  @Test
  void a_node_that_demands_a_certificate_of_ours_shows_its_own_all_the_same() {
    try (FakeVault node = FakeVault.openTls(certificates.server("node"), true, MODERN)) {
      assertFalse(
          new Certificates(config(node.address(), VaultConfig.Tls.DEFAULT)).api().isEmpty());
      assertFalse(
          new Certificates(config(node.address(), tls("ca", "client-ec", "localhost")))
              .cluster(node.address().toString())
              .isEmpty());
    }
  }

  /// Of TLS 1.2 the handshake itself fails; the certificate came before.
  @Test
  void a_handshake_that_fails_in_the_end_has_shown_it() {
    try (FakeVault node = FakeVault.openTls(certificates.server("node"), true, "TLSv1.2")) {
      assertFalse(
          new Certificates(config(node.address(), VaultConfig.Tls.DEFAULT)).api().isEmpty());
    }
  }

  @Test
  void an_address_in_brackets_is_no_server_name() {
    URI nobody = URI.create("https://[::1]:1");

    assertThrows(
        VaultException.class,
        () -> new Certificates(config(nobody, VaultConfig.Tls.DEFAULT)).api());
  }

  @Test
  void an_onlooker_judges_nobody_who_comes() {
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            new Certificates.Onlooker(new AtomicReference<>(List.of()))
                .checkClientTrusted(new X509Certificate[0], "EC"));
  }

  @Test
  void where_there_is_no_tls_no_certificate_is_shown() {
    try (FakeVault node = FakeVault.open().active()) {
      var looking = new Certificates(config(node.address(), VaultConfig.Tls.DEFAULT));

      assertEquals(List.of(), looking.api());
      assertThrows(VaultException.class, () -> looking.cluster(node.address().toString()));
      assertThrows(VaultException.class, () -> looking.cluster("no address"));
    }
  }

  private static FakeVault node(String alias, String... protocols) {
    String[] spoken = protocols.length == 0 ? new String[] {MODERN, "TLSv1.2"} : protocols;
    return FakeVault.openTls(certificates.server(alias), false, spoken).active();
  }

  private static boolean answered(FakeVault node, VaultConfig.Tls tls) {
    try (node;
        var client = client(node.address(), tls)) {
      return client.own().health().initialized();
    }
  }

  private static VaultException refusal(FakeVault node, VaultConfig.Tls tls) {
    try (var client = client(node.address(), tls)) {
      return assertThrows(VaultException.class, () -> client.own().health());
    }
  }

  private static VaultConfig.Tls tls(String ca, String client, String serverName) {
    boolean shown = !client.isEmpty();
    return new VaultConfig.Tls(
        ca.isEmpty() ? Optional.empty() : Optional.of(certificates.caFile()),
        shown ? Optional.of(certificates.certificateFile(client)) : Optional.empty(),
        shown ? Optional.of(certificates.keyFile(client)) : Optional.empty(),
        serverName.isEmpty() ? Optional.empty() : Optional.of(serverName));
  }

  private static VaultClient client(URI address, VaultConfig.Tls tls) {
    return VaultClient.open(config(address, tls), RequestObserver.NONE);
  }

  private static VaultConfig config(URI address, VaultConfig.Tls tls) {
    return new VaultConfig(
        address,
        List.of(),
        0,
        Optional.empty(),
        tls,
        new VaultConfig.Auth.None(),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10));
  }
}
