package dev.lifeboat.collector;

import dev.lifeboat.config.Section;
import dev.lifeboat.telemetry.TelemetryConfig;
import dev.lifeboat.vault.VaultConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The `collectors` block: what is looked at besides the node's state.
///
/// @param certificates how often; empty when not at all
/// @param raftFolder the `path` of the node's raft storage
/// @param auditFiles by the name of the device
/// @param probe how the front door is reached, when there is one
public record CollectorsConfig(
    Optional<Duration> certificates,
    boolean replication,
    Optional<Path> raftFolder,
    Map<String, Path> auditFiles,
    TelemetryConfig telemetry,
    Optional<Probe> probe) {
  /// @param frontDoor the node's settings, but for the address and the names it answers to; without
  ///   a login
  public record Probe(VaultConfig frontDoor, Duration interval) {}

  public static CollectorsConfig from(Section collectors, VaultConfig vault) {
    Section certificates = collectors.section("certificates");
    Duration interval =
        certificates.duration("interval", Duration.ofSeconds(1), Duration.ofDays(1));
    TelemetryConfig telemetry = TelemetryConfig.from(collectors.section("telemetry"));
    if (telemetry.login() && vault.auth() instanceof VaultConfig.Auth.None) {
      collectors
          .section("telemetry")
          .problem("login", "there is no login to ask with", "set vault.auth, or login = false");
    }
    return new CollectorsConfig(
        certificates.flag("enabled") ? Optional.of(interval) : Optional.empty(),
        collectors.section("replication").flag("enabled"),
        collectors.section("storage").optionalPath("raft-folder"),
        auditFiles(collectors.section("audit")),
        telemetry,
        probe(collectors.section("probe"), vault));
  }

  private static Map<String, Path> auditFiles(Section audit) {
    Map<String, Path> files = new LinkedHashMap<>();
    audit
        .pairs("files")
        .forEach(
            (device, file) -> {
              if (!file.startsWith("/")) {
                audit
                    .section("files")
                    .problem(device, "expected an absolute path", "such as /var/log/openbao/audit");
              }
              files.put(device, Path.of(file));
            });
    return files;
  }

  private static Optional<Probe> probe(Section probe, VaultConfig vault) {
    Duration interval = probe.duration("interval", Duration.ofMillis(100), Duration.ofMinutes(5));
    Optional<String> serverName = probe.optionalText("server-name");
    Optional<Path> caFile = probe.optionalPath("ca-file");
    if (probe.optionalText("address").isEmpty()) {
      return Optional.empty();
    }
    URI address = probe.address("address");
    VaultConfig.refusePlain(probe, "address", address);
    VaultConfig.Tls tls =
        new VaultConfig.Tls(
            caFile.isPresent() ? caFile : vault.tls().caFile(),
            vault.tls().certificateFile(),
            vault.tls().privateKeyFile(),
            serverName);
    VaultConfig frontDoor =
        new VaultConfig(
            address,
            List.of(),
            0,
            Optional.empty(),
            tls,
            new VaultConfig.Auth.None(),
            vault.connectTimeout(),
            vault.requestTimeout());
    return Optional.of(new Probe(frontDoor, interval));
  }
}
