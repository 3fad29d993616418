package dev.lifeboat.vault;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The answer of `GET /v1/sys/seal-status`.
///
/// @param type `shamir`, `static`, `awskms`, `transit`, …
/// @param shares `n`, the number of unseal (or recovery) shares
/// @param threshold `t`, how many of them are needed
/// @param progress how many were given since the last start or reset
/// @param product by the fields of this answer, see [Product]
public record SealStatus(
    String type,
    boolean initialized,
    boolean sealed,
    int threshold,
    int shares,
    int progress,
    String version,
    boolean migration,
    boolean recoverySeal,
    String storageType,
    Optional<String> clusterName,
    Optional<String> clusterId,
    Product product) {
  /// With the product that the version suggests.
  public SealStatus(
      String type,
      boolean initialized,
      boolean sealed,
      int threshold,
      int shares,
      int progress,
      String version,
      boolean migration,
      boolean recoverySeal,
      String storageType,
      Optional<String> clusterName,
      Optional<String> clusterId) {
    this(
        type,
        initialized,
        sealed,
        threshold,
        shares,
        progress,
        version,
        migration,
        recoverySeal,
        storageType,
        clusterName,
        clusterId,
        Product.ofVersion(version));
  }

  static SealStatus from(JsonNode json) {
    return new SealStatus(
        Json.text(json, "type"),
        Json.flag(json, "initialized"),
        Json.flag(json, "sealed"),
        Json.integer(json, "t"),
        Json.integer(json, "n"),
        Json.integer(json, "progress"),
        Json.text(json, "version"),
        Json.flag(json, "migration"),
        Json.flag(json, "recovery_seal"),
        Json.text(json, "storage_type"),
        Json.optionalText(json, "cluster_name"),
        Json.optionalText(json, "cluster_id"),
        Product.ofSealStatus(json));
  }
}
