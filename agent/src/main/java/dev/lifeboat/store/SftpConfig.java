package dev.lifeboat.store;

import dev.lifeboat.config.Section;
import dev.lifeboat.ssh.SshLogin;
import java.time.Duration;

/// A folder of another machine, reached by SFTP.
///
/// @param login its `stall-timeout` is also when an unused connection is closed
/// @param folder absolute, as the server names it after the login
public record SftpConfig(SshLogin login, String folder) implements StoreConfig.Where {
  private static final Duration STALL = Duration.ofMinutes(1);

  /// Reads a block with `type = sftp`.
  static SftpConfig from(Section block) {
    return new SftpConfig(SshLogin.from(block, STALL), block.path("path").normalize().toString());
  }

  @Override
  public String place() {
    return "sftp://" + login.address() + folder;
  }
}
