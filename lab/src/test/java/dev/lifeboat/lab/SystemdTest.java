package dev.lifeboat.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// The shipped unit, installed by `systemd/install` in a booted Debian, beside a real OpenBao.
///
/// One machine for all tests, in order: booting costs more than the tests.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SystemdTest {
  private static final Path ROOT = Path.of(System.getProperty("lifeboat.root"));
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static BootedDebian machine;

  @BeforeAll
  static void boot_and_install(@TempDir Path folder) {
    Path java = Path.of(System.getProperty("java.home"));
    Path bao = Servers.openbao().path();
    machine =
        BootedDebian.boot(
            Servers.debianTree(), List.of(java, bao, ROOT), folder.resolve("console.log"));
    machine
        .run("sh", "-c", "mkdir -p /usr/lib/jvm; [ -e " + java + " ] || exit 1; " + install(java))
        .require();
    machine
        .run(
            "systemd-run",
            "--unit=openbao",
            "--property=Environment=HOME=/root",
            bao.toString(),
            "server",
            "-dev",
            "-dev-root-token-id=root",
            "-dev-listen-address=127.0.0.1:8200")
        .require();
    write(
        "lifeboat.conf",
        """
        vault {
          address = "http://127.0.0.1:8200"
          auth { method = token, token = { credential = "vault-token" } }
        }
        watch.interval = 500ms
        http {}
        """);
    machine
        .run(
            "sh",
            "-c",
            """
            umask 077; printf root > /root/vault-token
            mkdir -p /etc/systemd/system/lifeboat.service.d
            printf '[Service]\\nLoadCredential=vault-token:/root/vault-token\\nWatchdogSec=4\\n' \
              > /etc/systemd/system/lifeboat.service.d/test.conf
            systemctl daemon-reload
            """)
        .require();
  }

  @AfterAll
  static void power_off() {
    if (machine != null) {
      machine.close();
    }
  }

  @Test
  @Order(1)
  void start_returns_when_the_first_poll_is_done() {
    machine.run("systemctl", "start", "lifeboat").require();

    assertEquals("active", machine.run("systemctl", "is-active", "lifeboat").output().strip());
    assertEquals("200", http("/readyz"));
    assertEquals("lifeboat", show("User"));
    machine.await("the node to be seen", PATIENCE, () -> metrics().contains("\nvault_node_up 1"));
  }

  @Test
  @Order(1)
  void what_is_read_at_night_is_on_the_node() {
    for (String page :
        List.of(
            "docs/runbooks/VaultSealed.md",
            "docs/policies/backup.hcl",
            "docs/recover.py",
            "alert-rules/node.yaml",
            "grafana-dashboards/overview.json")) {
      machine
          .run("runuser", "-u", "nobody", "--", "cat", "/usr/share/doc/lifeboat/" + page)
          .require();
    }
  }

  @Test
  @Order(2)
  void a_credential_of_systemd_is_used() {
    machine.await(
        "an authenticated answer",
        PATIENCE,
        () ->
            metrics().contains("vault_exporter_api_requests_total{code=\"200\",endpoint=\"sys_ha"));
    assertTrue(metrics().contains("vault_node_active 1"), metrics());
  }

  @Test
  @Order(3)
  void the_command_line_talks_to_the_unit() {
    var status = machine.run("lifeboat", "status");

    assertEquals(0, status.exit(), status.output());
    assertTrue(status.output().contains("active"), status.output());
  }

  @Test
  @Order(4)
  void a_reload_takes_a_right_configuration_and_keeps_the_old_one_of_a_wrong() {
    machine.run("sh", "-c", "echo 'watch.interwal = 1s' >> /etc/lifeboat/lifeboat.conf").require();
    machine.run("systemctl", "reload", "lifeboat").require();
    machine.await(
        "the refusal",
        PATIENCE,
        () -> metrics().contains("\nvault_exporter_config_last_reload_successful 0"));
    assertTrue(journal().contains("did you mean"), journal());

    machine.run("sed", "-i", "s/interwal/interval/", "/etc/lifeboat/lifeboat.conf").require();
    machine.run("systemctl", "reload", "lifeboat").require();
    machine.await(
        "the reload",
        PATIENCE,
        () -> metrics().contains("\nvault_exporter_config_last_reload_successful 1"));
  }

  @Test
  @Order(5)
  void a_process_that_hangs_is_restarted_by_the_watchdog() {
    String before = show("MainPID");
    machine.run("sh", "-c", "kill -STOP " + before).require();

    machine.await(
        "a new process",
        PATIENCE,
        () -> !show("MainPID").equals(before) && show("ActiveState").equals("active"));

    assertTrue(journal().contains("Watchdog timeout"), journal());
  }

  @Test
  @Order(6)
  void stopping_takes_less_than_two_seconds_and_is_a_success() {
    machine.await("the agent", PATIENCE, () -> http("/readyz").equals("200"));
    long begun = System.nanoTime();
    machine.run("systemctl", "stop", "lifeboat").require();
    var took = Duration.ofNanos(System.nanoTime() - begun);

    assertTrue(took.compareTo(Duration.ofSeconds(2)) < 0, "stopping took " + took);
    assertEquals("success", show("Result"));
    assertEquals("inactive", show("ActiveState"));
  }

  @Test
  @Order(7)
  void a_wrong_configuration_is_not_restarted_in_a_loop() {
    machine.run("sh", "-c", "echo 'vault.adress = 1' >> /etc/lifeboat/lifeboat.conf").require();

    assertNotEquals(0, machine.run("systemctl", "start", "lifeboat").exit());

    machine.await("the failure", PATIENCE, () -> show("ActiveState").equals("failed"));
    assertEquals("3", show("ExecMainStatus"));
    assertEquals("0", show("NRestarts"));
    machine.run("sed", "-i", "/adress/d", "/etc/lifeboat/lifeboat.conf").require();
  }

  @Test
  @Order(8)
  void the_sandbox_of_the_unit_is_tight() {
    String verdict = machine.run("systemd-analyze", "security", "lifeboat").output();

    var score = Pattern.compile("Overall exposure level for lifeboat.service: ([0-9.]+)");
    var match = score.matcher(verdict);
    assertTrue(match.find(), verdict);
    assertTrue(Double.parseDouble(match.group(1)) <= 1.6, verdict);
  }

  @Test
  @Order(9)
  void an_event_reaches_a_program_of_the_users_from_within_the_sandbox() {
    // This server keeps everything in memory, so every backup fails: an event as good as any.
    machine
        .run(
            "sh",
            "-c",
            """
            cd /etc/lifeboat && umask 077
            lifeboat keys generate --recipient one -o /root
            lifeboat keys generate --recipient two -o /root
            cat /root/one.recipient /root/two.recipient > recipients
            lifeboat keys generate --signer node -o .
            mv node.signing-key signing-key && mv node.signer trusted-signers
            mkdir hooks
            printf '#!/bin/sh\\nexec > /var/lib/lifeboat/told; id -un; exec cat\\n' > hooks/tell
            chmod 0750 hooks hooks/tell
            chown -R lifeboat:lifeboat recipients signing-key trusted-signers hooks
            cat >> lifeboat.conf <<END
            backup { schedules.often.cron = "*/5 * * * * *" }
            stores.local { type = local, path = "/var/lib/lifeboat/store" }
            notify.ticket { command = ["/etc/lifeboat/hooks/tell"], events = [backup-failed] }
            END
            systemctl reset-failed lifeboat || true
            """)
        .require();
    machine.run("systemctl", "start", "lifeboat").require();

    machine.await("the event", PATIENCE, () -> told().contains("\"event\":\"backup-failed\""));
    assertTrue(told().startsWith("lifeboat\n"), told());
    machine.await(
        "it to be counted",
        PATIENCE,
        () -> metrics().contains("vault_notify_last_success_timestamp_seconds{target=\"ticket"));
  }

  private static String told() {
    return machine.run("cat", "/var/lib/lifeboat/told").output();
  }

  private static String install(Path java) {
    return "export JAVA_HOME="
        + java
        + "; mkdir -p /etc/default && echo JAVA_HOME="
        + java
        + " > /etc/default/lifeboat && "
        + ROOT.resolve("systemd/install");
  }

  private static void write(String name, String content) {
    machine.run("sh", "-c", "printf '%s' \"$1\" > /etc/lifeboat/" + name, "sh", content).require();
    machine.run("chgrp", "lifeboat", "/etc/lifeboat/" + name).require();
  }

  private static String show(String property) {
    return machine
        .run("systemctl", "show", "--value", "--property=" + property, "lifeboat")
        .output()
        .strip();
  }

  private static String journal() {
    return machine.run("journalctl", "--no-pager", "-u", "lifeboat").output();
  }

  private static String metrics() {
    return machine.onItsNetwork("curl", "-s", "http://127.0.0.1:9799/metrics").output();
  }

  private static String http(String path) {
    return machine
        .onItsNetwork(
            "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:9799" + path)
        .output();
  }
}
