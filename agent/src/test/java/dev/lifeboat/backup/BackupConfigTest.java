package dev.lifeboat.backup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.config.ConfigException;
import dev.lifeboat.config.ConfigFile;
import dev.lifeboat.store.StoreConfig;
import dev.lifeboat.vault.VaultConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackupConfigTest {
  private static final String REFERENCE =
      """
      backup {
        node = null, auth = null
        schedules {}, coordination = null
        spool = "/var/lib/lifeboat/spool", stall-timeout = 30s
        recipients-file = "/etc/lifeboat/recipients"
        signing-key-file = "/etc/lifeboat/signing-key"
        trusted-signers-file = "/etc/lifeboat/trusted-signers"
        identity-file = null
        verification { cron = null, zone = "UTC", others = 3, bytes-per-second = null }
        kit { enabled = true, required = false, files = [], hashed = [], custodians = [] }
        postgresql {
          host = null, port = 5432, database = null, user = null, password = null
          ssl-mode = verify-full, ca-file = null, programs = null, scratch = true
        }
        claim { lease = 2m, yield-after = 3, standby-after = 15m }
        canary { path = null, transit-key = null }
      }
      stores {}
      """;

  private static final String MISTAKES =
      """
      conf:2: backup.schedules.daily.zone: 'Berlin' is no time zone
        hint: a name such as UTC or Europe/Berlin, see: timedatectl list-timezones
      conf:2: backup.schedules.daily.cron: '0 25 * * *' is no cron expression: Value 25 \
      not in range [0, 23]
        hint: '0 2 * * *' is every day at 02:00; null turns it off
      conf:3: backup.stall-timeout: must be between 1s and 10m, found 20m
      conf:4: backup.recipients-file: expected an absolute path, found "relative"
      conf:5: backup.canary.transit-key: 'lifeboat' is no transit key
        hint: MOUNT/KEY, such as transit/lifeboat-canary
      conf:5: backup.canary.transit-key: a transit key without a path: its ciphertext would be \
      kept nowhere
        hint: set backup.canary.path as well
      conf:6: backup.shedule: unknown key
        hint: did you mean 'schedules'?
      conf:9: stores.One: 'One' is no name for a store
        hint: 1 to 32 lower-case letters, digits and dashes; it becomes a metric label
      conf:9: stores.One.path: the folder of the spool itself
        hint: give the store its own folder
      conf:11: stores.three.path: the same folder as store 'two'
        hint: one folder holds one store
      conf:11: stores.three.mode: unknown key
      conf:12: stores.four.type: expected one of local, s3, sftp; found "ftp"
        hint: did you mean 'sftp'?
      12 problems; nothing was started
      """;

  @TempDir Path work;

  private BackupConfig read(String text) throws IOException {
    Path file = Files.writeString(work.resolve("lifeboat.conf"), text);
    return ConfigFile.read(
        file,
        REFERENCE,
        Map.of(),
        root -> BackupConfig.from(root.section("backup"), root.section("stores")));
  }

  @Test
  void the_defaults() throws Exception {
    BackupConfig config = read("backup {}");

    assertFalse(config.node().isBlank());
    assertEquals(Optional.empty(), config.auth());
    assertEquals("{daily=0 2 * * * UTC}", config.schedules().toString());
    assertEquals("local", config.coordination());
    assertEquals(Path.of("/var/lib/lifeboat/spool"), config.spool());
    assertEquals(Duration.ofSeconds(30), config.stallTimeout());
    assertEquals(Path.of("/etc/lifeboat/recipients"), config.recipientsFile());
    assertEquals(Path.of("/etc/lifeboat/signing-key"), config.signingKeyFile());
    assertEquals(Path.of("/etc/lifeboat/trusted-signers"), config.trustedSignersFile());
    assertEquals(Optional.empty(), config.identityFile());
    assertEquals(Optional.empty(), config.canary());
    assertEquals(
        List.of(
            new StoreConfig(
                "local", true, new StoreConfig.Local(Path.of("/var/lib/lifeboat/store")))),
        config.stores());
  }

  @Test
  void every_key_is_applied() throws Exception {
    BackupConfig config =
        read(
            """
            backup {
              node = "vault-1"
              auth {
                method = approle
                approle { mount = "ci", role-id = { file = "/r" }, secret-id = { file = "/s" } }
              }
              schedules {
                weekly { cron = "30 2 * * 1", zone = "Europe/Berlin" }
                hourly.cron = "@hourly"
              }
              coordination = "far-1"
              spool = "/spool", stall-timeout = 45s
              recipients-file = "/r", signing-key-file = "/k", trusted-signers-file = "/t"
              identity-file = "/i"
              canary { path = "secret/lifeboat/canary", transit-key = "transit/lifeboat" }
            }
            stores.near { type = local, path = "/near" }
            stores.far-1 { type = local, path = "/far", required = false }
            """);

    assertEquals("vault-1", config.node());
    assertTrue(
        config.auth().orElseThrow() instanceof VaultConfig.Auth.AppRole role
            && role.mount().equals("ci"));
    assertEquals(
        "{weekly=30 2 * * 1 Europe/Berlin, hourly=@hourly UTC}", config.schedules().toString());
    assertEquals("far-1", config.coordination());
    assertEquals(Path.of("/spool"), config.spool());
    assertEquals(Duration.ofSeconds(45), config.stallTimeout());
    assertEquals(Path.of("/r"), config.recipientsFile());
    assertEquals(Path.of("/k"), config.signingKeyFile());
    assertEquals(Path.of("/t"), config.trustedSignersFile());
    assertEquals(Optional.of(Path.of("/i")), config.identityFile());
    assertEquals(
        Optional.of(new CanaryConfig("secret/lifeboat/canary", Optional.of("transit/lifeboat"))),
        config.canary());
    assertEquals(
        List.of(
            new StoreConfig("near", true, new StoreConfig.Local(Path.of("/near"))),
            new StoreConfig("far-1", false, new StoreConfig.Local(Path.of("/far")))),
        config.stores());
  }

  @Test
  void without_a_cron_expression_backups_are_taken_by_hand() throws Exception {
    assertEquals(Map.of(), read("backup { schedules.daily.cron = null }").schedules());
  }

  @Test
  void every_mistake_is_told_at_once_with_its_line_and_a_hint() throws Exception {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    """
                    backup {
                      schedules.daily { cron = "0 25 * * *", zone = "Berlin" }
                      stall-timeout = 20m
                      recipients-file = "relative"
                      canary { transit-key = "lifeboat" }
                      shedule = 1
                    }
                    stores {
                      One { type = local, path = "/var/lib/lifeboat/spool" }
                      two { type = local, path = "/same" }
                      three { type = local, path = "/other/../same", mode = 1 }
                      four { type = ftp, path = "/four" }
                    }
                    """));

    assertEquals(
        MISTAKES, ConfigFile.render(e).replace(work.resolve("lifeboat.conf").toString(), "conf"));
  }

  @Test
  void the_first_required_store_decides_when_none_is_named() throws Exception {
    String stores =
        """
        backup {}
        stores.a { type = local, path = "/a", required = false }
        stores.b { type = local, path = "/b" }
        """;

    assertEquals("b", read(stores).coordination());
    assertFalse(read(stores).isCoordinated(), "a folder is mostly a node's own");
    String bucket = "stores.c { type = s3, bucket = \"backups\", region = \"eu-central-1\" }\n";
    assertTrue(read(stores + bucket).isCoordinated());
  }

  @Test
  void a_schedule_needs_a_name_an_expression_and_a_store_that_exists() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                read(
                    """
                    backup {
                      schedules {
                        2-daily { cron = "0 2 * * *" }
                        weekly { zone = "UTC" }
                      }
                      coordination = s3
                    }
                    """));

    assertEquals(
        """
        conf:3: backup.schedules.2-daily: '2-daily' is no name for a schedule
          hint: 1 to 32 lower-case letters, digits and dashes, the first a letter; it is part of \
        the names of backups
        conf:4: backup.schedules.weekly.zone: a time zone without `cron`
          hint: '0 2 * * *' is every day at 02:00
        conf:6: backup.coordination: there is no store 's3' that backups are written into
          hint: one of local
        3 problems; nothing was started
        """,
        ConfigFile.render(e).replace(work.resolve("lifeboat.conf").toString(), "conf"));
  }

  @Test
  void a_canary_path_is_mount_and_name() throws Exception {
    for (String wrong : List.of("secret", "/secret/x", "secret/x/", "secret//x", "a b/c")) {
      ConfigException e =
          assertThrows(
              ConfigException.class,
              () -> read("backup { canary.path = \"%s\" }".formatted(wrong)),
              wrong);
      assertEquals("backup.canary.path", e.problems().getFirst().key());
    }
  }
}
