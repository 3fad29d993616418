package dev.lifeboat.config;

import java.nio.file.Path;

/// Where a secret is read from, each time it is needed, so that a rotated file takes effect without
/// a restart. In the configuration: `{ file = … }`, `{ env = … }` or `{ credential = … }`, the last
/// meaning `$CREDENTIALS_DIRECTORY/NAME` of systemd.
///
/// A secret written into the configuration itself is refused by [Section#secret].
public sealed interface SecretSource {
  /// The whole file without trailing line ends. Refused when others than the owner can read it.
  record FromFile(Path file) implements SecretSource {}

  record FromEnvironment(String variable) implements SecretSource {}
}
