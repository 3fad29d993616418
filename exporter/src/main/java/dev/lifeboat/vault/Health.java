package dev.lifeboat.vault;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The answer of `GET /v1/sys/health`, whatever its HTTP code.
///
/// @param status the HTTP code: 200 active, 429 standby, 472 DR secondary, 473 performance standby,
///   474 standby that cannot reach the active node, 501 uninitialised, 503 sealed, 530 removed
/// @param replicationPerformanceMode as the server says it; OpenBao says `primary` where Vault CE
///   says `disabled` (measured on 2.7.2 and 1.21.0)
/// @param serverTimeSeconds Unix seconds by the node's clock
/// @param clusterName empty while sealed
/// @param removedFromCluster Vault only; empty when the server does not say
/// @param product by the fields of this answer, see [Product]
public record Health(
    int status,
    boolean initialized,
    boolean sealed,
    boolean standby,
    boolean performanceStandby,
    Optional<String> replicationPerformanceMode,
    Optional<String> replicationDrMode,
    long serverTimeSeconds,
    String version,
    Optional<String> clusterName,
    Optional<String> clusterId,
    Optional<Boolean> removedFromCluster,
    Product product) {
  /// With the product that the version suggests.
  public Health(
      int status,
      boolean initialized,
      boolean sealed,
      boolean standby,
      boolean performanceStandby,
      Optional<String> replicationPerformanceMode,
      Optional<String> replicationDrMode,
      long serverTimeSeconds,
      String version,
      Optional<String> clusterName,
      Optional<String> clusterId,
      Optional<Boolean> removedFromCluster) {
    this(
        status,
        initialized,
        sealed,
        standby,
        performanceStandby,
        replicationPerformanceMode,
        replicationDrMode,
        serverTimeSeconds,
        version,
        clusterName,
        clusterId,
        removedFromCluster,
        Product.ofVersion(version));
  }

  static Health from(int status, JsonNode json) {
    JsonNode removed = json.path("removed_from_cluster");
    return new Health(
        status,
        Json.flag(json, "initialized"),
        Json.flag(json, "sealed"),
        Json.flag(json, "standby"),
        Json.flag(json, "performance_standby"),
        Json.optionalText(json, "replication_performance_mode"),
        Json.optionalText(json, "replication_dr_mode"),
        Json.exact(json, "server_time_utc"),
        Json.text(json, "version"),
        Json.optionalText(json, "cluster_name"),
        Json.optionalText(json, "cluster_id"),
        removed.isBoolean() ? Optional.of(removed.booleanValue()) : Optional.empty(),
        Product.ofHealth(json));
  }
}
