package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.http.HttpConfig;
import dev.lifeboat.vault.VaultConfig;
import dev.lifeboat.watch.WatchConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The whole of `lifeboat.conf`.
///
/// @param backup present when the file has a `backup` block
public record LifeboatConfig(
    VaultConfig vault,
    WatchConfig watch,
    HttpConfig http,
    Optional<BackupConfig> backup,
    Path controlSocket) {
  /// @param environment of the process, for `{ env = … }` and `{ credential = … }`
  public static LifeboatConfig read(Path file, Map<String, String> environment) {
    throw new UnsupportedOperationException("skeleton");
  }
}
