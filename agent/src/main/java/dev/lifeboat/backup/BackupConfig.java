package dev.lifeboat.backup;

import dev.lifeboat.config.Section;
import dev.lifeboat.schedule.Schedule;
import dev.lifeboat.vault.VaultConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The `backup` block. Its presence makes an exporter an agent.
///
/// @param node this node's name in manifests and logs
/// @param auth its own credential, with the backup policy; the `vault` block's when absent
/// @param schedule empty for runs by hand only
/// @param recipientsFile one [dev.lifeboat.keys.RecipientKey] a line
/// @param signingKeyFile this node's [dev.lifeboat.keys.SigningKey]
/// @param trustedSignersFile see [dev.lifeboat.keys.TrustedSigners]
/// @param identityFile a private key on this machine, for `verify` and `extract`; usually absent
/// @param stores by name; at least one
public record BackupConfig(
    String node,
    Optional<VaultConfig.Auth> auth,
    Optional<Schedule> schedule,
    Path spool,
    Duration stallTimeout,
    Path recipientsFile,
    Path signingKeyFile,
    Path trustedSignersFile,
    Optional<Path> identityFile,
    Optional<CanaryConfig> canary,
    List<LocalStoreConfig> stores) {
  public BackupConfig {
    stores = List.copyOf(stores);
  }

  public record CanaryConfig(String path, Optional<String> transitKey) {}

  public record LocalStoreConfig(String name, Path path) {}

  public static BackupConfig from(Section backup, Section stores) {
    throw new UnsupportedOperationException("skeleton");
  }
}
