package dev.lifeboat.cli;

import dev.lifeboat.daemon.LifeboatConfig;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `lifeboat check`: would the agent start with this configuration?
@Command(
    name = "check",
    header = "Say what is wrong with the configuration.",
    description = {
      "Reads it exactly as the agent does, and every file it names: keys, certificates,",
      "secrets. Reports all problems at once. Talks to nobody."
    })
final class CheckCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Override
  public Exit run(Surroundings surroundings) {
    Path file = config.file(surroundings);
    LifeboatConfig read = LifeboatConfig.check(file, ConfigOption.environment(surroundings));
    surroundings
        .out()
        .println(
            "%s is right: %s".formatted(file, read.backup().isPresent() ? "agent" : "exporter"));
    return Exit.OK;
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION);
  }
}
