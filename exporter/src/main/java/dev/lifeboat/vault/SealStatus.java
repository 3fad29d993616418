package dev.lifeboat.vault;

import java.util.Optional;

/// The answer of `GET /v1/sys/seal-status`.
///
/// @param type `shamir`, `static`, `awskms`, `transit`, …
/// @param shares `n`, the number of unseal (or recovery) shares
/// @param threshold `t`, how many of them are needed
/// @param progress how many were given since the last start or reset
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
    Optional<String> clusterId) {}
