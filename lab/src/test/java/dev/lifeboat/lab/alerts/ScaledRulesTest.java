package dev.lifeboat.lab.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lifeboat.lab.Checkout;
import dev.lifeboat.lab.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is divided of the shipped rules, and what is not.
@Tag("quick")
class ScaledRulesTest {
  private static final ScaledRules TENFOLD = new ScaledRules(10);

  @TempDir Path folder;

  @Test
  void a_for_a_window_and_seconds_that_prometheus_measures_are_divided() {
    assertEquals(
        rule("x[6000ms] >= 0.5 and time() - y > 30 * 86400", "60000ms"),
        TENFOLD.rules(rule("x[1m] >= 0.5 and time() - y > 300 * 86400", "10m")));
    assertEquals(rule("y - time() < 30", "1ms"), TENFOLD.rules(rule("y - time() < 300", "1ms")));
  }

  @Test
  void a_part_of_a_second_is_kept_and_nothing_becomes_nothing() {
    var sevenfold = new ScaledRules(7);

    assertEquals(
        rule("y - time() < 42.857143", "8571ms"), sevenfold.rules(rule("y - time() < 300", "1m")));
    assertEquals("  group_wait: 0s\n", sevenfold.routing("  group_wait: 0s\n"));
    assertEquals("      group_wait: 1ms\n", sevenfold.routing("      group_wait: 1ms\n"));
  }

  @Test
  void what_others_measure_and_what_is_no_time_stays() {
    for (var expression :
        List.of(
            "vault_cluster_peer_last_contact_seconds > 30",
            "time() - x > 1.25 * max by (job) (y_seconds)",
            "a / b > 0.8",
            "count by (job) (x) > 1")) {
      var yaml = rule(expression, "1ms");
      assertEquals(yaml, TENFOLD.rules(yaml));
    }
  }

  /// Whoever writes a rule with seconds in it is told here to look whether they are divided.
  @Test
  void of_the_shipped_expressions_these_numbers_are_divided() {
    var changed = new TreeMap<String, String>();
    for (AlertRule rule : AlertRule.all()) {
      var scaled = windowless(rule.withText(TENFOLD.rules(rule.text())).expression());
      if (!scaled.equals(windowless(rule.expression()))) {
        changed.put(rule.name(), scaled.replaceAll("\\s+", " "));
      }
    }

    assertEquals(
        Map.of(
            "VaultAuditFileSilent",
            "| time() - vault_node_audit_file_last_write_timestamp_seconds > 60"
                + " and on (job, instance) vault_node_active == 1 and on (job, instance)"
                + " vault_exporter_poll_success{endpoint=\"sys_ha_status\"} == 1",
            "VaultCertificateExpiresSoon",
            "vault_certificate_not_after_timestamp_seconds - time() < 17280",
            "VaultCertificateExpiring",
            "vault_certificate_not_after_timestamp_seconds - time() < 120960",
            "VaultBackupUnverified",
            "| time() - max by (job, destination) (vault_backup_last_verified_timestamp_seconds)"
                + " > 1.400000 * 86400",
            "VaultTokenExpiring",
            "vault_exporter_token_expiry_timestamp_seconds - time() < 30"),
        changed);
  }

  @Test
  void every_time_of_the_shipped_example_is_divided() {
    var lines = ScaledRules.unscaled().routing().lines().toList();
    var scaled = TENFOLD.routing().lines().toList();
    var times = new TreeMap<String, String>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).equals(scaled.get(i))) {
        times.put(lines.get(i).strip(), scaled.get(i).strip());
      }
    }

    assertEquals(
        Map.of(
            "resolve_timeout: 5m", "resolve_timeout: 30000ms",
            "group_wait: 5s", "group_wait: 500ms",
            "group_interval: 1m", "group_interval: 6000ms",
            "repeat_interval: 12h", "repeat_interval: 4320000ms",
            "repeat_interval: 50s", "repeat_interval: 5000ms",
            "repeat_interval: 1h", "repeat_interval: 360000ms"),
        times);
  }

  @Test
  void promtool_and_nobody_else_says_that_the_scaled_files_are_rules() throws IOException {
    var rules = new ScaledRules(77).writeTo(folder.resolve("rules"));
    try (var files = Files.list(rules)) {
      for (Path file : files.toList()) {
        var command = List.of(Servers.promtool().toString(), "check", "rules", file.toString());
        assertEquals(Optional.empty(), Promtool.said(command));
      }
    }
    var shipped = Checkout.root().resolve("alert-rules/node.yaml");
    assertEquals(
        Files.readString(shipped), ScaledRules.unscaled().rules(Files.readString(shipped)));
  }

  @Test
  void time_never_runs_slower() {
    assertThrows(IllegalArgumentException.class, () -> new ScaledRules(0.5));
    assertThrows(IllegalArgumentException.class, () -> new ScaledRules(Double.NaN));
  }

  private static String windowless(String expression) {
    return expression.replaceAll("\\[\\w+]", "[]");
  }

  private static String rule(String expression, String held) {
    return """
          - alert: A
            expr: %s
            for: %s
            labels: { severity: warning }
    """
        .formatted(expression, held);
  }
}
