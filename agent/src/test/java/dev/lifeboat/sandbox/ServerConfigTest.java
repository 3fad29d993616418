package dev.lifeboat.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.sandbox.ServerConfig.Seal;
import dev.lifeboat.sandbox.ServerConfig.StaticSeal;
import dev.lifeboat.sandbox.ServerConfig.Tls;
import dev.lifeboat.vault.Product;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerConfigTest {
  @TempDir Path folder;

  @Test
  void an_openbao_node_with_everything() {
    var config =
        new ServerConfig(
            Product.OPENBAO,
            Path.of("/srv/node-2"),
            "node-2",
            "lab",
            "127.0.0.1",
            8210,
            8211,
            List.of(URI.create("https://127.0.0.1:8200")),
            RaftTiming.QUICK,
            Optional.of(new Tls(Path.of("/c.pem"), Path.of("/k.pem"), Path.of("/ca.pem"))),
            Optional.of(new StaticSeal("k1", Path.of("/seal-key"))),
            Optional.of(Path.of("/audit \"1\".log")),
            "debug");

    assertEquals(
        """
        cluster_name = "lab"
        api_addr = "https://127.0.0.1:8210"
        cluster_addr = "https://127.0.0.1:8211"
        log_level = "debug"
        ui = false
        storage "raft" {
          path = "/srv/node-2/raft"
          node_id = "node-2"
          performance_multiplier = 1
          autopilot_reconcile_interval = "500ms"
          autopilot_update_interval = "200ms"
          retry_join {
            leader_api_addr = "https://127.0.0.1:8200"
            leader_ca_cert_file = "/ca.pem"
          }
        }
        listener "tcp" {
          address = "127.0.0.1:8210"
          cluster_address = "127.0.0.1:8211"
          tls_cert_file = "/c.pem"
          tls_key_file = "/k.pem"
        }
        telemetry {
          prometheus_retention_time = "24h"
          disable_hostname = true
        }
        seal "static" {
          current_key_id = "k1"
          current_key = "file:///seal-key"
        }
        audit "file" "file" {
          options {
            file_path = "/audit \\"1\\".log"
          }
        }
        """,
        config.hcl());
  }

  @Test
  void a_vault_node_does_not_lock_memory_and_declares_no_audit_device() {
    var text = plain(Product.VAULT, Optional.empty()).hcl();

    assertTrue(text.contains("disable_mlock = true\n"), text);
    assertTrue(text.contains("  tls_disable = true\n"), text);
    assertFalse(text.contains("audit"), text);
    assertFalse(text.contains("seal"), text);
  }

  @Test
  void vault_has_no_static_seal() {
    Optional<Seal> seal = Optional.of(new StaticSeal("k1", Path.of("/seal-key")));

    assertThrows(IllegalArgumentException.class, () -> plain(Product.VAULT, seal));
  }

  @Test
  void only_the_owner_can_read_what_is_written() throws IOException {
    var config = plain(Product.OPENBAO, Optional.empty());

    config.write();
    config.write();

    assertEquals(config.hcl(), Files.readString(config.configFile()));
    for (var created : List.of(config.folder(), config.raftFolder())) {
      assertEquals(
          "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(created)));
    }
  }

  @Test
  void a_folder_that_cannot_be_made_is_a_sandbox_exception() throws IOException {
    Files.writeString(folder.resolve("node-1"), "in the way");

    var failure =
        assertThrows(
            SandboxException.class, () -> plain(Product.OPENBAO, Optional.empty()).write());

    assertEquals(SandboxException.Reason.SETUP, failure.reason());
  }

  private ServerConfig plain(Product product, Optional<Seal> seal) {
    return new ServerConfig(
        product,
        folder.resolve("node-1"),
        "node-1",
        "lab",
        "127.0.0.1",
        8200,
        8201,
        List.of(),
        RaftTiming.DEFAULT,
        Optional.empty(),
        seal,
        Optional.of(Path.of("/audit.log")),
        "info");
  }
}
