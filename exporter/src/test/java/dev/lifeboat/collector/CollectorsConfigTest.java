package dev.lifeboat.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import dev.lifeboat.config.Problem;
import dev.lifeboat.config.Secret;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.telemetry.TelemetryConfig;
import dev.lifeboat.vault.VaultConfig;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CollectorsConfigTest {
  private static final String REFERENCE =
      """
      certificates { enabled = true, interval = 10m }
      replication.enabled = true
      storage.raft-folder = null
      audit.files {}
      telemetry {
        enabled = false, login = false, interval = 10s, allow = ["vault_*"], series-limit = 3000
      }
      probe { address = null, interval = 5s, ca-file = null, server-name = null }
      """;

  @TempDir Path folder;

  @Test
  void by_default_certificates_and_replication_are_looked_at() {
    assertEquals(
        new CollectorsConfig(
            Optional.of(Duration.ofMinutes(10)),
            true,
            Optional.empty(),
            Map.of(),
            new TelemetryConfig(false, false, Duration.ofSeconds(10), List.of("vault_*"), 3000),
            Optional.empty()),
        read("", new VaultConfig.Auth.None()));
  }

  @Test
  void everything_can_be_said() {
    CollectorsConfig config =
        read(
            """
            certificates.enabled = false
            replication.enabled = false
            storage.raft-folder = "/opt/openbao/data"
            audit.files { file = "/var/log/audit", second = "/mnt/audit" }
            telemetry { enabled = true, login = true, allow = ["*"], series-limit = 1 }
            probe { address = "https://vault.example.net", interval = 1s, server-name = "front" }
            """,
            token());

    assertEquals(Optional.empty(), config.certificates());
    assertEquals(false, config.replication());
    assertEquals(Optional.of(Path.of("/opt/openbao/data")), config.raftFolder());
    assertEquals(
        Map.of("file", Path.of("/var/log/audit"), "second", Path.of("/mnt/audit")),
        config.auditFiles());
    assertEquals(
        new TelemetryConfig(true, true, Duration.ofSeconds(10), List.of("*"), 1),
        config.telemetry());
    VaultConfig door = config.probe().orElseThrow().frontDoor();
    assertEquals(URI.create("https://vault.example.net"), door.address());
    assertEquals(Optional.of("front"), door.tls().serverName());
    assertEquals(Optional.of(Path.of("/ca.pem")), door.tls().caFile());
    assertTrue(door.auth() instanceof VaultConfig.Auth.None);
    assertEquals(Duration.ofSeconds(1), config.probe().orElseThrow().interval());
  }

  @Test
  void the_front_door_may_have_an_authority_of_its_own() {
    VaultConfig door =
        read("probe { address = \"https://a\", ca-file = \"/door.pem\" }", token())
            .probe()
            .orElseThrow()
            .frontDoor();

    assertEquals(Optional.of(Path.of("/door.pem")), door.tls().caFile());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "telemetry.login = true | there is no login to ask with",
        "telemetry.allow = [\"*_total\"] | expected the name of a metric, found \"*_total\"",
        "audit.files { file = \"audit.log\" } | expected an absolute path",
        "probe.address = \"http://vault.example.net\" | plain http leaves this machine"
      })
  void what_is_wrong_is_told(String text, String message) {
    var e = assertThrows(ConfigException.class, () -> read(text, new VaultConfig.Auth.None()));

    List<String> messages = e.problems().stream().map(Problem::message).toList();
    assertTrue(messages.getFirst().startsWith(message), messages.toString());
  }

  private static VaultConfig.Auth token() {
    return new VaultConfig.Auth.Token(new SecretSource.FromEnvironment("TOKEN", new Secret("t")));
  }

  private CollectorsConfig read(String text, VaultConfig.Auth auth) {
    VaultConfig vault =
        new VaultConfig(
            URI.create("https://127.0.0.1:8200"),
            List.of(),
            0,
            Optional.empty(),
            new VaultConfig.Tls(
                Optional.of(Path.of("/ca.pem")),
                Optional.empty(),
                Optional.empty(),
                Optional.of("node")),
            auth,
            Duration.ofSeconds(2),
            Duration.ofSeconds(5));
    try {
      Path file = Files.writeString(folder.resolve("collectors.conf"), text);
      return ConfigFile.read(
          file, REFERENCE, Map.of("TOKEN", "t"), root -> CollectorsConfig.from(root, vault));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
