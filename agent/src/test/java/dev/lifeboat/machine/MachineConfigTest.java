package dev.lifeboat.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import dev.lifeboat.config.SecretSource;
import dev.lifeboat.ssh.HostKey;
import dev.lifeboat.ssh.SshLogin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineConfigTest {
  @TempDir Path work;

  private MachineConfig read(String text) throws IOException {
    Path file = Files.writeString(work.resolve("conf"), text);
    return ConfigFile.read(
        file, "node {}", Map.of(), root -> MachineConfig.from(root.section("node")));
  }

  private String mistakes(String text) {
    var wrong = assertThrows(ConfigException.class, () -> read(text));
    return ConfigFile.render(wrong).replace(work + "/", "");
  }

  @Test
  void without_a_word_it_is_this_machine() throws Exception {
    MachineConfig config = read("node {}");

    assertEquals(new MachineConfig(Optional.empty(), List.of()), config);
    assertEquals("this machine", config.words());
    try (Machine machine = config.open()) {
      assertEquals("this machine", machine.words());
    }
  }

  @Test
  void the_defaults_of_another_machine() throws Exception {
    MachineConfig config =
        read(
            """
            node.ssh {
              host = "10.0.0.2", user = root, host-key = "ssh-ed25519 AAAA"
              private-key-file = "/etc/lifeboat/id"
            }
            """);

    assertEquals(
        Optional.of(
            new SshLogin(
                "10.0.0.2",
                22,
                "root",
                new HostKey.Pinned("ssh-ed25519 AAAA"),
                Path.of("/etc/lifeboat/id"),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30))),
        config.ssh());
    assertEquals("root@10.0.0.2:22", config.words());
    try (Machine machine = config.open()) {
      assertEquals("root@10.0.0.2:22", machine.words());
    }
  }

  @Test
  void every_key_is_read() throws Exception {
    MachineConfig config =
        read(
            """
            node {
              run-with = [sudo, "-n"]
              ssh {
                host = "vault-2.example.net"
                port = 2222
                user = lifeboat
                known-hosts-file = "/etc/lifeboat/known_hosts"
                private-key-file = "/etc/lifeboat/id"
                passphrase = { file = "/etc/lifeboat/passphrase" }
                certificate-file = "/etc/lifeboat/id-cert.pub"
                connect-timeout = 3s
                stall-timeout = 1m
              }
            }
            """);

    assertEquals(
        new MachineConfig(
            Optional.of(
                new SshLogin(
                    "vault-2.example.net",
                    2222,
                    "lifeboat",
                    new HostKey.KnownHosts(Path.of("/etc/lifeboat/known_hosts")),
                    Path.of("/etc/lifeboat/id"),
                    Optional.of(new SecretSource.FromFile(Path.of("/etc/lifeboat/passphrase"))),
                    Optional.of(Path.of("/etc/lifeboat/id-cert.pub")),
                    Duration.ofSeconds(3),
                    Duration.ofMinutes(1))),
            List.of("sudo", "-n")),
        config);
  }

  @Test
  void mistakes_are_told_at_their_lines() {
    assertEquals(
        """
        conf:2: node.run-with: expected a list of texts, found ""
        conf:3: node.ssh.host-key: is required, or known-hosts-file: nothing else tells the server\
         from an impostor
          hint: ssh-keyscan prints it; compare it with the key files on the server
        conf:4: node.ssh.host: '10.0.0.2:22' is no host
          hint: a name or an address, the port apart
        conf:7: node.ssh.pasword: unknown key
        4 problems; nothing was started
        """,
        mistakes(
            """
            node {
              run-with = [sudo, ""]
              ssh {
                host = "10.0.0.2:22"
                user = root
                private-key-file = "/etc/lifeboat/id"
                pasword = "x"
              }
            }
            """));
  }
}
