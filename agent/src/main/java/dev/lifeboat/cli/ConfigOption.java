package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--config FILE`, the same for every command.
final class ConfigOption {
  private static final Path DEFAULT = Path.of("/etc/lifeboat/lifeboat.conf");

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
    return LifeboatConfig.read(file(surroundings), surroundings.environment());
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
                        .formatted(file(surroundings), "docs/configuration.md")));
  }
}
