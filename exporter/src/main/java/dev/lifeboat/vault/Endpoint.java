package dev.lifeboat.vault;

import java.util.Map;

/// The bounded names under which requests are counted: never a path with a user's words in it.
final class Endpoint {
  private static final Map<String, String> KNOWN =
      Map.ofEntries(
          Map.entry("sys/health", "sys_health"),
          Map.entry("sys/seal-status", "sys_seal_status"),
          Map.entry("sys/leader", "sys_leader"),
          Map.entry("sys/ha-status", "sys_ha_status"),
          Map.entry("sys/metrics?format=prometheus", "sys_metrics"),
          Map.entry("sys/replication/status", "sys_replication_status"),
          Map.entry("sys/storage/raft/configuration", "raft_configuration"),
          Map.entry("sys/storage/raft/autopilot/state", "raft_autopilot_state"),
          Map.entry("sys/storage/raft/snapshot", "raft_snapshot"),
          Map.entry("auth/token/renew-self", "auth_renew"),
          Map.entry("auth/token/lookup-self", "auth_lookup"),
          Map.entry("auth/token/revoke-self", "auth_revoke"));

  private Endpoint() {}

  /// @param path with or without its `/v1/`
  static String name(String method, String path) {
    String relative = path.startsWith("/v1/") ? path.substring(4) : path;
    String known = KNOWN.get(relative);
    if (known != null) {
      return known;
    }
    if (relative.startsWith("auth/") && relative.endsWith("/login")) {
      return "auth_login";
    }
    return switch (method) {
      case "LIST" -> "list";
      case "GET" -> "read";
      default -> "write";
    };
  }
}
