package dev.lifeboat.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import dev.lifeboat.keys.KeyFiles;
import dev.lifeboat.keys.RecipientIdentity;
import dev.lifeboat.keys.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `lifeboat check` says of the files that a configuration names.
class NamedFilesTest {
  private static final String AGENT =
      """
      vault.auth { method = token, token = { file = "DIR/token" } }
      backup {
        recipients-file = "DIR/recipients"
        signing-key-file = "DIR/signing-key"
        trusted-signers-file = "DIR/trusted-signers"
      }
      """;

  @TempDir Path folder;

  @BeforeEach
  void everything_is_there() throws IOException {
    SigningKey key = SigningKey.generate("n1");
    RecipientIdentity identity = RecipientIdentity.generate("ops");
    KeyFiles.writePrivate(folder.resolve("signing-key"), key.line());
    KeyFiles.writePrivate(folder.resolve("identity"), identity.line());
    KeyFiles.writePublic(folder.resolve("recipients"), identity.recipient().toString());
    KeyFiles.writePublic(folder.resolve("trusted-signers"), key.signer().toString());
    Files.writeString(folder.resolve("token"), "hvs.secret");
    mode("token", "rw-------");
  }

  @Test
  void good_files_are_good() throws IOException {
    var config = LifeboatConfig.check(write(AGENT), Map.of());

    assertEquals(true, config.backup().isPresent());
  }

  @Test
  void every_missing_file_is_told_at_its_line() throws IOException {
    for (String name : new String[] {"token", "recipients", "signing-key", "trusted-signers"}) {
      Files.delete(folder.resolve(name));
    }

    assertEquals(
        """
        lifeboat.conf:1: vault.auth.token: secret file DIR/token: no such file
        lifeboat.conf:3: backup.recipients-file: DIR/recipients: no such file
          hint: lifeboat keys generate --recipient NAME makes a key, whose NAME.recipient\
         goes here; see docs/keys.md
        lifeboat.conf:4: backup.signing-key-file: DIR/signing-key: no such file
          hint: lifeboat keys generate --signer NODE makes this node's key, whose NODE.signing-key\
         goes here; see docs/keys.md
        lifeboat.conf:5: backup.trusted-signers-file: DIR/trusted-signers: no such file
          hint: lifeboat keys generate --signer NODE makes a node's key, whose NODE.signer\
         goes here, of every node; see docs/keys.md
        4 problems; nothing was started
        """,
        problems(AGENT));
  }

  @Test
  void a_token_that_others_can_read_is_refused_and_not_shown() throws IOException {
    mode("token", "rw-r--r--");

    assertEquals(
        """
        lifeboat.conf:1: vault.auth.token: secret file DIR/token: open to others than its owner\
         (rw-r--r--)
          hint: chmod 600 DIR/token
        1 problem; nothing was started
        """,
        problems(AGENT));
  }

  @Test
  void a_node_whose_own_key_is_not_trusted_is_warned() throws IOException {
    Files.writeString(
        folder.resolve("trusted-signers"), SigningKey.generate("other").signer() + "\n");
    String id = SigningKey.read(folder.resolve("signing-key")).signer().id();

    assertEquals(
        """
        lifeboat.conf:5: backup.trusted-signers-file: DIR/trusted-signers does not hold this node's\
         own key SIGNER: its backups would not be trusted
          hint: append its public line, which `lifeboat keys show DIR/signing-key` prints
        1 problem; nothing was started
        """
            .replace("SIGNER", id),
        problems(AGENT));
  }

  @Test
  void certificates_that_are_none_are_told() throws IOException {
    Files.writeString(folder.resolve("ca.pem"), "hello");
    String text =
        problems(
            """
            vault.tls.ca-file = "DIR/ca.pem"
            http.tls {
              certificate-file = "DIR/ca.pem"
              private-key-file = "DIR/missing.pem"
            }
            """);

    assertEquals(3, text.lines().filter(line -> line.startsWith("lifeboat.conf:")).count(), text);
  }

  @Test
  void an_authority_of_the_front_door_that_is_none_is_told() throws IOException {
    Files.writeString(folder.resolve("ca.pem"), "hello");

    assertEquals(
        """
        lifeboat.conf:2: collectors.probe.ca-file: DIR/ca.pem holds no certificate
          hint: it must be PEM
        1 problem; nothing was started
        """,
        problems(
            """
            collectors.probe.address = "https://vault.example.net:8200"
            collectors.probe.ca-file = "DIR/ca.pem"
            """));
  }

  @Test
  void a_wrong_key_is_told_once_and_not_again_for_its_placeholders_file() throws IOException {
    String text =
        problems("vault.auth { method = token, token = \"hvs.secret\" }\nvault.tls.ca-file = x");

    assertEquals(
        """
        lifeboat.conf:1: vault.auth.token: a secret must not stand in the configuration
          hint: write { file = "/path" }, { env = "NAME" } or { credential = "NAME" }
        lifeboat.conf:2: vault.tls.ca-file: expected an absolute path, found "x"
        2 problems; nothing was started
        """,
        text);
  }

  /// Even of nodes whose names have a dot in them.
  @Test
  void what_a_restore_logs_in_with_is_there_before_it_is_needed() throws IOException {
    Files.writeString(folder.resolve("key"), "a key");
    String restore =
        """
        restore.auth { method = approle, approle { role-id { file = "DIR/role" }
          secret-id { file = "DIR/token" } } }
        restore.nodes {
          node-1 { address = "https://10.0.0.1:8200", storage = "/opt/bao"
            ssh { host = "10.0.0.1", user = root, private-key-file = "DIR/none"
              known-hosts-file = "DIR/hosts" } }
          "node.2" { address = "https://10.0.0.2:8200", storage = "/opt/bao"
            ssh { host = "10.0.0.2", user = root, private-key-file = "DIR/key"
              known-hosts-file = "DIR/hosts" } }
          node-3 { address = "https://10.0.0.3:8200", storage = "/opt/bao" }
        }
        """;

    assertEquals(
        """
        lifeboat.conf:1: restore.auth.approle.role-id: secret file DIR/role: no such file
        lifeboat.conf:5: restore.nodes.node-1.ssh.private-key-file: no such file: DIR/none
        lifeboat.conf:6: restore.nodes.node-1.ssh.known-hosts-file: no such file: DIR/hosts
        lifeboat.conf:9: restore.nodes.node.2.ssh.known-hosts-file: no such file: DIR/hosts
        4 problems; nothing was started
        """,
        problems(restore));
  }

  @Test
  void the_files_of_regions_of_a_scratch_node_and_of_the_record_are_looked_at() throws IOException {
    Files.writeString(folder.resolve("ca.pem"), "hello");
    String restore =
        """
        restore {
          regions.east.nodes.node-1 { address = "https://10.0.0.1:8200", storage = "/opt/bao"
            ssh { host = "10.0.0.1", user = root, private-key-file = "DIR/token"
              known-hosts-file = "DIR/hosts" } }
          scratch { address = "https://10.9.0.1:8200", storage = "/opt/bao"
            ssh { host = "10.9.0.1", user = root, private-key-file = "DIR/none"
              known-hosts-file = "DIR/token" } }
          record { zone = Z1, name = vault.example.org, ca-file = "DIR/ca.pem"
            credentials = files
            access-key { file = "DIR/token" }, secret-key { file = "DIR/secret" } }
        }
        """;

    assertEquals(
        """
        lifeboat.conf:4: restore.regions.east.nodes.node-1.ssh.known-hosts-file: no such file:\
         DIR/hosts
        lifeboat.conf:6: restore.scratch.ssh.private-key-file: no such file: DIR/none
        lifeboat.conf:8: restore.record.ca-file: DIR/ca.pem holds no certificate
          hint: it must be PEM
        lifeboat.conf:10: restore.record.secret-key: secret file DIR/secret: no such file
        4 problems; nothing was started
        """,
        problems(restore));
  }

  private String problems(String config) throws IOException {
    Path file = write(config);
    var e = assertThrows(ConfigException.class, () -> LifeboatConfig.check(file, Map.of()));
    return ConfigFile.render(e)
        .replace(folder + "/lifeboat.conf", "lifeboat.conf")
        .replace(folder.toString(), "DIR");
  }

  private Path write(String config) throws IOException {
    return Files.writeString(
        folder.resolve("lifeboat.conf"), config.replace("DIR", folder.toString()));
  }

  private void mode(String name, String mode) throws IOException {
    Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString(mode));
  }
}
