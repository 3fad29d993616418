package dev.lifeboat.lab.alerts;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A healthy cluster of three as it is scraped: one agent a node, `a` beside the active one, two
/// stores. A timestamp that moves says "just now" at every scrape.
final class Healthy {
  static final List<String> NODES = List.of("a", "b", "c");
  private static final List<String> STORES = List.of("near", "far");

  private Healthy() {}

  /// Label sets as Prometheus has them.
  static String on(String metric, String node, String... labels) {
    StringBuilder text = new StringBuilder(metric).append("{job=\"lifeboat\",instance=\"");
    text.append(node).append('"');
    for (int i = 0; i < labels.length; i += 2) {
      text.append(',').append(labels[i]).append("=\"").append(labels[i + 1]).append('"');
    }
    return text.append('}').toString();
  }

  /// The same of the HAProxy in front.
  static String door(String metric, String... labels) {
    return on(metric, "front", labels).replace("\"lifeboat\"", "\"haproxy\"");
  }

  static Map<String, String> series(Duration step) {
    Map<String, String> all = new LinkedHashMap<>();
    String now = "0+" + step.toSeconds();
    for (String node : NODES) {
      node(all, node);
      backup(all, node, now);
      exporter(all, node);
      machine(all, node, now);
      telemetry(all, node, step);
    }
    cluster(all);
    front(all);
    // Somebody else's, in the same Prometheus: none of our business.
    all.put("up{job=\"other\",instance=\"a\"}", "0");
    all.put("process_open_fds{job=\"other\",instance=\"a\"}", "99");
    all.put("process_max_fds{job=\"other\",instance=\"a\"}", "100");
    return all;
  }

  private static void node(Map<String, String> all, String node) {
    String active = node.equals("a") ? "1" : "0";
    String standby = node.equals("a") ? "0" : "1";
    all.put(on("up", node), "1");
    all.put(on("vault_node_up", node), "1");
    all.put(on("vault_node_initialized", node), "1");
    all.put(on("vault_node_sealed", node), "0");
    all.put(on("vault_node_active", node), active);
    all.put(on("vault_node_state", node, "state", "active"), active);
    all.put(on("vault_node_state", node, "state", "standby"), standby);
    all.put(on("vault_node_state", node, "state", "removed"), "0");
    all.put(on("vault_node_leader_known", node), "1");
    all.put(on("vault_node_info", node, "version", "2.7.2"), "1");
    all.put(on("vault_node_clock_skew_seconds", node), "0.5");
    all.put(on("vault_node_unseal_progress", node), "0");
    all.put(on("vault_node_raft_committed_index", node), "5000");
    all.put(on("vault_node_raft_applied_index", node), "5000");
  }

  /// What only the agent beside the active node has.
  static void cluster(Map<String, String> all) {
    all.put(on("vault_cluster_peers", "a"), "3");
    all.put(on("vault_cluster_voters", "a"), "3");
    all.put(on("vault_cluster_expected_peers", "a"), "3");
    all.put(on("vault_cluster_failure_tolerance", "a"), "1");
    all.put(on("vault_cluster_autopilot_healthy", "a"), "1");
    for (String peer : NODES) {
      all.put(on("vault_cluster_peer_healthy", "a", "node_id", peer), "1");
      all.put(on("vault_cluster_peer_last_contact_seconds", "a", "node_id", peer), "4.9");
      all.put(on("vault_cluster_peer_index_lag", "a", "node_id", peer), "3");
    }
  }

  private static void front(Map<String, String> all) {
    all.put(door("up"), "1");
    all.put(door("haproxy_backend_active_servers", "proxy", "vault_active"), "1");
    all.put(door("haproxy_backend_active_servers", "proxy", "vault_unsealed"), "3");
    for (String node : NODES) {
      String[] active = {"proxy", "vault_active", "server", node};
      String[] unsealed = {"proxy", "vault_unsealed", "server", node};
      // Standbys were up until their first check.
      all.put(door("haproxy_server_check_up_down_total", active), node.equals("a") ? "0" : "1");
      all.put(door("haproxy_server_check_up_down_total", unsealed), "0");
    }
    // Somebody else's behind the same HAProxy.
    all.put(door("haproxy_backend_active_servers", "proxy", "shop"), "0");
    String[] shop = {"proxy", "shop", "server", "a"};
    all.put(door("haproxy_server_check_up_down_total", shop), "0+1");
  }

  private static void backup(Map<String, String> all, String node, String now) {
    all.put(on("vault_backup_runs_total", node), "7");
    all.put(on("vault_backup_failures_total", node, "reason", "store"), "0");
    all.put(on("vault_backup_in_progress", node), "0");
    all.put(on("vault_backup_last_success_timestamp_seconds", node), now);
    all.put(on("vault_backup_interval_seconds", node), "86400");
    all.put(on("vault_backup_last_size_bytes", node), "1000");
    all.put(on("vault_backup_recipients", node), "2");
    all.put(on("vault_backup_kms_left_out_total", node, "kms", "main"), "0");
    all.put(on("vault_backup_kit_unreadable_files", node), "0");
    all.put(on("vault_objective_data_loss_met", node, "scenario", "cluster-loss"), "1");
    all.put(on("vault_rekey_interval_seconds", node), "7776000");
    // Made by the command on one machine only.
    String made = node.equals("a") ? now : "0";
    all.put(on("vault_rekey_last_success_timestamp_seconds", node), made);
    all.put(on("vault_notify_failures_total", node, "target", "ticket", "reason", "exit"), "0");
    String[] replica = {"destination", "replica"};
    all.put(on("vault_replica_missing_backups", node, replica), "0");
    String[] failures = {"destination", "replica", "reason", "unavailable"};
    all.put(on("vault_replica_failures_total", node, failures), "0");
    for (String store : STORES) {
      String[] label = {"destination", store};
      all.put(on("vault_backup_stored_snapshots", node, label), "42");
      all.put(on("vault_backup_newest_snapshot_timestamp_seconds", node, label), now);
      all.put(on("vault_backup_last_verified_timestamp_seconds", node, label), now);
      all.put(on("vault_backup_store_left_out_total", node, label), "0");
      all.put(on("vault_backup_store_hidden_objects", node, label), "0");
      all.put(on("vault_backup_wrong_snapshots", node, label), "0");
      all.put(on("vault_backup_untrusted_snapshots", node, label), "0");
      all.put(on("vault_backup_expire_refused", node, label), "0");
      all.put(on("vault_backup_delete_failures_total", node, label), "0");
      all.put(on("vault_backup_store_readable", node, label), "1");
      all.put(on("vault_backup_store_missing_backups", node, label), "0");
      all.put(on("vault_backup_lock_extension_failures_total", node, label), "0");
    }
  }

  /// What is on the node's machine, and what its agent sees from there.
  private static void machine(Map<String, String> all, String node, String now) {
    all.put(
        on("vault_certificate_not_after_timestamp_seconds", node, "certificate", "api"),
        "10000000");
    all.put(on("vault_storage_filesystem_size_bytes", node, "path", "/data"), "100");
    all.put(on("vault_storage_filesystem_avail_bytes", node, "path", "/data"), "80");
    all.put(on("vault_node_audit_file_exists", node, "device", "file"), "1");
    all.put(on("vault_node_audit_file_last_write_timestamp_seconds", node, "device", "file"), now);
    all.put(on("vault_probe_requests_total", node), "0+100");
    all.put(on("vault_probe_failures_total", node, "reason", "sealed"), "0");
    if (node.equals("a")) {
      all.put(on("vault_node_audit_file_request_found", node, "device", "file"), "1");
      all.put(on("vault_exporter_poll_success", node, "endpoint", "sys_ha_status"), "1");
    }
  }

  /// The node's own, as the relay passes it on: of a leader only what it leads.
  private static void telemetry(Map<String, String> all, String node, Duration step) {
    all.put(on("vault_core_active", node, "cluster", "lab"), node.equals("a") ? "1" : "0");
    all.put(on("vault_runtime_total_gc_pause_ns", node), "0+" + step.toMillis() * 79_000);
    // Health checks of sealed and new nodes are counted among the answers.
    all.put(on("vault_core_response_status_code", node, "code", "503", "type", "5xx"), "0+90");
    if (node.equals("a")) {
      all.put(on("vault_core_handle_request", node, "quantile", "0.99"), "499");
      all.put(on("vault_core_handle_request_count", node), "0+" + step.toSeconds());
      all.put(on("vault_raft_leader_lastContact", node, "quantile", "0.99"), "999");
      all.put(on("vault_audit_log_request_failure", node), "0");
      all.put(on("vault_audit_log_response_failure", node), "0");
      all.put(on("vault_expire_num_leases", node), "20000");
      all.put(on("vault_expire_num_irrevocable_leases", node), "0");
      all.put(on("vault_core_response_status_code", node, "code", "200", "type", "2xx"), "0+900");
      all.put(on("vault_core_response_status_code", node, "code", "500", "type", "5xx"), "0");
    }
  }

  private static void exporter(Map<String, String> all, String node) {
    all.put(on("process_start_time_seconds", node), "0");
    all.put(on("process_open_fds", node), "80");
    all.put(on("process_max_fds", node), "100");
    all.put(on("vault_exporter_collector_success", node, "collector", "backup"), "1");
    all.put(on("vault_exporter_poll_success", node, "endpoint", "sys_leader"), "1");
    all.put(on("vault_exporter_token_expiry_timestamp_seconds", node), "10000000");
    all.put(on("vault_exporter_config_last_reload_successful", node), "1");
    all.put(on("vault_storage_postgresql_up", node), "1");
    all.put(on("vault_storage_postgresql_connections", node), "80");
    all.put(on("vault_storage_postgresql_max_connections", node), "100");
    all.put(on("vault_storage_postgresql_standbys", node), node.equals("a") ? "1" : "0");
    all.put(on("vault_storage_postgresql_replication_lag_bytes", node, "standby", "two"), "0");
    String duration = "vault_exporter_api_request_duration_seconds_bucket";
    for (String bound : List.of("0.3", "0.4", "0.51", "+Inf")) {
      all.put(on(duration, node, "endpoint", "sys_health", "le", bound), "0+3");
      // Slow ones, for which nobody is woken.
      String count = bound.equals("+Inf") ? "0+3" : "0";
      all.put(on(duration, node, "endpoint", "raft_snapshot", "le", bound), count);
    }
  }
}
