package dev.lifeboat.vault;

/// The answer of `GET /v1/sys/metrics?format=prometheus`: Vault's own telemetry, as it wrote it.
///
/// @param text the Prometheus text format 0.0.4, each byte one character, since it is passed on as
///   it is
public record NativeMetrics(String text) {}
