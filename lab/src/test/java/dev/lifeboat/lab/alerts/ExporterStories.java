package dev.lifeboat.lab.alerts;

import static dev.lifeboat.lab.alerts.Healthy.on;

import java.util.List;

/// What the rules of `exporter.yaml` are for, and a quiet hour.
final class ExporterStories {
  private static final String BUCKET = "vault_exporter_api_request_duration_seconds_bucket";

  private ExporterStories() {}

  static List<Story> all() {
    return List.of(
        Story.ofMinutes("a healthy hour", 60).at("1m").at("30m").at("59m"),
        Story.ofManyDays("a healthy fortnight", 15).at("7d").at("14d23h"),
        Story.ofMinutes("a rolling restart of the agents", 60)
            .values(on("vault_backup_failures_total", "a", "reason", "store"), "5x39 _x3 0x190")
            .values(on("vault_backup_runs_total", "a"), "9x39 _x3 0x190")
            .values(on("up", "b"), "1x59 0x3 1x170")
            .at("10m")
            .at("15m45s")
            .at("59m"),
        Story.ofMinutes("a planned change of the leader", 60)
            .change(on("vault_node_active", "a"), "1", "10m", "0")
            .change(on("vault_node_active", "b"), "0", "10m30s", "1")
            .goes("vault_cluster", "10m")
            .at("10m30s")
            .at("11m")
            .at("59m"),
        Story.ofMinutes("a collector fails", 30)
            .change(
                on("vault_exporter_collector_success", "b", "collector", "backup"), "1", "10m", "0")
            .first("20m", "VaultCollectorFailing"),
        Story.ofMinutes("a question is refused", 30)
            .change(
                on("vault_exporter_poll_success", "b", "endpoint", "sys_leader"), "1", "10m", "0")
            .first("20m", "VaultPollFailing"),
        Story.ofMinutes("a sealed node answers fewer questions", 30)
            .change(
                on("vault_exporter_poll_success", "b", "endpoint", "sys_leader"), "1", "10m", "0")
            .change(on("vault_node_sealed", "b"), "0", "10m", "1")
            .first("11m", "VaultSealed")
            .at("29m", "VaultSealed"),
        Story.ofMinutes("a token is not renewed", 40)
            .always(on("vault_exporter_token_expiry_timestamp_seconds", "b"), "1500")
            .first("25m15s", "VaultTokenExpiring"),
        Story.ofMinutes("a reload is refused", 30)
            .change(on("vault_exporter_config_last_reload_successful", "b"), "1", "10m", "0")
            .first("15m", "VaultConfigReloadFailed"),
        slow(),
        Story.ofMinutes("an agent runs out of files", 30)
            .change(on("process_open_fds", "b"), "80", "10m", "81")
            .first("20m", "VaultExporterOutOfFiles"));
  }

  /// From 10m to 30m every answer takes between 0.4 and 0.51 s.
  private static Story slow() {
    return Story.ofMinutes("a node answers slowly", 50)
        .values(on(BUCKET, "b", "endpoint", "sys_health", "le", "0.3"), "0+3x40 120x79 123+3x80")
        .values(on(BUCKET, "b", "endpoint", "sys_health", "le", "0.4"), "0+3x40 120x79 123+3x80")
        .values(on(BUCKET, "b", "endpoint", "sys_health", "le", "0.51"), "0+3x200")
        .values(on(BUCKET, "b", "endpoint", "sys_health", "le", "+Inf"), "0+3x200")
        .first("15m45s", "VaultProbeLatencyHigh")
        .at("34m15s", "VaultProbeLatencyHigh")
        .at("34m30s");
  }
}
