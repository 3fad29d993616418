package dev.lifeboat.vault;

import java.util.Optional;

/// The answer of `GET /v1/sys/health`, whatever its HTTP code.
///
/// @param status the HTTP code: 200 active, 429 standby, 472 DR secondary, 473 performance standby,
///   474 standby that cannot reach the active node, 501 uninitialised, 503 sealed, 530 removed
/// @param replicationPerformanceMode as the server says it; OpenBao says `primary` where Vault CE
///   says `disabled` (measured on 2.7.2 and 1.21.0)
/// @param serverTimeSeconds Unix seconds by the node's clock
/// @param clusterName empty while sealed
/// @param removedFromCluster Vault only; empty when the server does not say
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
    Optional<Boolean> removedFromCluster) {}
