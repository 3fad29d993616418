package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.config.ConfigException;
import dev.lifeboat.daemon.LifeboatConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--config FILE`, the same for every command.
final class ConfigOption {
  private static final Path DEFAULT = Path.of("/etc/lifeboat/lifeboat.conf");

  private static final String UNIT_CREDENTIALS = "/run/credentials/lifeboat.service";

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description =
          "The configuration. Default: $LIFEBOAT_CONFIG, else /etc/lifeboat/lifeboat.conf.")
  private @Nullable Path file;

  Path file(Surroundings surroundings) {
    if (file != null) {
      return file;
    }
    String variable = surroundings.environment().getOrDefault("LIFEBOAT_CONFIG", "");
    return variable.isEmpty() ? DEFAULT : Path.of(variable);
  }

  LifeboatConfig read(Surroundings surroundings) {
    try {
      return LifeboatConfig.read(file(surroundings), environment(surroundings));
    } catch (ConfigException e) {
      throw e.nothingDone();
    }
  }

  /// A person's shell has no `$CREDENTIALS_DIRECTORY`: what the configuration names as a credential
  /// is looked for where systemd keeps those of the running unit. Most commands need none of them.
  static Map<String, String> environment(Surroundings surroundings) {
    var environment = new HashMap<>(surroundings.environment());
    environment.putIfAbsent("CREDENTIALS_DIRECTORY", UNIT_CREDENTIALS);
    return environment;
  }

  /// For commands that are about backups.
  BackupConfig backup(LifeboatConfig config, Surroundings surroundings) {
    return config
        .backup()
        .orElseThrow(
            () ->
                new CommandException(
                    Exit.CONFIGURATION,
                    "%s has no backup block, so there are no backups\nhint: add one; see %s"
                        .formatted(
                            file(surroundings),
                            "docs/configuration.md or /usr/share/doc/lifeboat")));
  }
}
