package dev.lifeboat.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.vault.VaultConfig.Auth;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaultConfigTest {
  private static final String REFERENCE =
      """
      vault {
        address = "https://127.0.0.1:8200", peers = [], expected-peers = 0, namespace = null
        tls { ca-file = null, certificate-file = null, private-key-file = null, server-name = null }
        auth {
          method = none, token = null
          approle { mount = "approle", role-id = null, secret-id = null }
          cert { mount = "cert", role = null }
        }
        connect-timeout = 2s, request-timeout = 5s
      }
      """;

  @TempDir Path folder;

  @Test
  void the_defaults_are_a_node_on_this_machine_without_a_login() throws IOException {
    assertEquals(
        new VaultConfig(
            URI.create("https://127.0.0.1:8200"),
            List.of(),
            0,
            Optional.empty(),
            VaultConfig.Tls.DEFAULT,
            new Auth.None(),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5)),
        read(""));
  }

  @Test
  void every_key_is_applied() throws IOException {
    VaultConfig config =
        read(
            """
            vault {
              address = "https://vault-1:8200", peers = ["https://vault-2:8200"]
              expected-peers = 3, namespace = "team-a/"
              tls {
                ca-file = "/ca", certificate-file = "/c", private-key-file = "/k"
                server-name = vault
              }
              auth { method = cert, cert { mount = "mtls/", role = watch } }
              connect-timeout = 1s, request-timeout = 7s
            }
            """);

    assertEquals(
        new VaultConfig(
            URI.create("https://vault-1:8200"),
            List.of(URI.create("https://vault-2:8200")),
            3,
            Optional.of("team-a/"),
            new VaultConfig.Tls(
                Optional.of(Path.of("/ca")),
                Optional.of(Path.of("/c")),
                Optional.of(Path.of("/k")),
                Optional.of("vault")),
            new Auth.Certificate("mtls", Optional.of("watch")),
            Duration.ofSeconds(1),
            Duration.ofSeconds(7)),
        config);
  }

  @Test
  void a_token_and_an_approle_are_read_from_their_sources() throws IOException {
    var env = new SecretSource.FromEnvironment("ID", new Secret("id"));

    assertEquals(new Auth.Token(env), read("vault.auth { method = token, token.env = ID }").auth());
    assertEquals(
        new Auth.AppRole("approle", env, new SecretSource.FromFile(Path.of("/s"))),
        read("""
                vault.auth {
                  method = approle
                  approle { role-id.env = ID, secret-id.file = "/s" }
                }
                """)
            .auth());
  }

  @Test
  void an_auth_block_without_a_reference_beneath_has_the_same_defaults() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("c.conf"),
            "auth { method = approle, approle { role-id.env = ID, secret-id.env = ID } }");

    Auth auth =
        ConfigFile.read(
            file, "auth = null", Map.of("ID", "id"), root -> Auth.from(root.section("auth")));

    var env = new SecretSource.FromEnvironment("ID", new Secret("id"));
    assertEquals(new Auth.AppRole("approle", env, env), auth);
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8200",
    "http://localhost:8200",
    "http://[::1]:8200",
    "http://127.9.9.9"
  })
  void plain_http_is_for_loopback(String address) throws IOException {
    assertEquals(URI.create(address), read("vault.address = \"" + address + "\"").address());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "address = 'http://v1:8200' | address: plain http leaves this machine, found"
            + " http://v1:8200",
        "address = 'http://127.0.0.1.a' | address: plain http leaves this machine, found"
            + " http://127.0.0.1.a",
        "peers = ['http://10.0.0.2'] | peers: plain http leaves this machine, found"
            + " http://10.0.0.2",
        "namespace = 'a b'                | namespace: expected a namespace, found 'a b'",
        "tls.certificate-file = '/c'      | tls.certificate-file: has no private key",
        "tls.private-key-file = '/k'      | tls.private-key-file: has no certificate",
        "auth.method = cert               | auth.method: cert needs a client certificate",
        "auth.method = token              | auth.token: is required",
        "auth.token.env = ID              | auth.token: is not used by method none",
        "auth { method = cert, cert.mount = '../sys' }"
            + " | auth.cert.mount: expected a mount, found '../sys'",
        "expected-peers = 100             | expected-peers: must be between 0 and 99, found 100",
        "request-timeout = 10m | request-timeout: must be between 100ms and 5m, found 10m"
      })
  void mistakes_are_told(String hocon, String problem) {
    String file = "vault { " + hocon.replace('\'', '"') + " }";
    var refused = assertThrows(ConfigException.class, () -> read(file));

    assertTrue(
        ConfigFile.render(refused).contains(": vault." + problem.replace('\'', '"') + "\n"),
        () -> ConfigFile.render(refused));
  }

  private VaultConfig read(String hocon) throws IOException {
    return ConfigFile.read(
        Files.writeString(folder.resolve("c.conf"), hocon),
        REFERENCE,
        Map.of("ID", "id"),
        root -> VaultConfig.from(root.section("vault")));
  }
}
