package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.store.StoreConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `lifeboat check`: would the agent start with this configuration?
@Command(
    name = "check",
    header = "Say what is wrong with the configuration.",
    description = {
      "Reads it exactly as the agent does, and every file it names: keys, certificates,",
      "secrets. Reports all problems at once. Then looks whether the spool and the local stores",
      "are writable, by the user who asks, and have room. Talks to nobody, writes nothing."
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
    if (read.backup().isEmpty()) {
      return Exit.OK;
    }
    BackupConfig backup = read.backup().get();
    backup.loneRecipient().ifPresent(warning -> surroundings.out().println("warning: " + warning));
    List<Room> rooms = new ArrayList<>();
    rooms.add(Room.of("spool", backup.spool()));
    for (StoreConfig store : backup.stores()) {
      if (store.where() instanceof StoreConfig.Local(Path path)) {
        rooms.add(Room.of("store " + store.name(), path));
      }
    }
    rooms.forEach(room -> surroundings.out().println(room.line()));
    return rooms.stream().allMatch(Room::good) ? Exit.OK : Exit.STORE_FAILED;
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION, Exit.STORE_FAILED);
  }
}
