package dev.lifeboat.cli;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.daemon.ObjectiveFacts;
import dev.lifeboat.status.Printable;
import dev.lifeboat.store.StoreConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lifeboat check`: would the agent start with this configuration?
@Command(
    name = "check",
    header = "Say what is wrong with the configuration.",
    description = {
      "Reads it exactly as the agent does, and every file it names: keys, certificates,",
      "secrets. Reports all problems at once. Then looks whether the spool and the local stores",
      "are writable, by the user who asks, and have room. Talks to nobody, writes nothing.",
      "With --live asks the server what the logins may do, tries the canary without leaving one,",
      "and puts a small object into every store and deletes it: a line each with ok or what to",
      "do. Ends with the code of the first that is wrong."
    })
final class CheckCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--live", description = "Also ask the server and try the stores.")
  private boolean live;

  @Option(names = "--json", description = "With --live: print a JSON array, one object a line.")
  private boolean json;

  @Override
  public Exit run(Surroundings surroundings) {
    Path file = config.file(surroundings);
    LifeboatConfig read = LifeboatConfig.check(file, ConfigOption.environment(surroundings));
    if (live) {
      return examine(file, read, surroundings);
    }
    if (json) {
      throw new CommandException(Exit.USAGE, "--json prints what --live finds\nhint: give both");
    }
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
    ObjectiveFacts.judge(read, surroundings.clock().instant()).stream()
        .filter(judgement -> !judgement.met())
        .forEach(
            judgement -> surroundings.out().println("warning: " + ObjectiveText.of(judgement)));
    return rooms.stream().allMatch(Room::good) ? Exit.OK : Exit.STORE_FAILED;
  }

  private Exit examine(Path file, LifeboatConfig read, Surroundings surroundings) {
    List<Exam> exams = new ArrayList<>();
    exams.add(
        Exam.ok(
            "configuration",
            "%s: %s".formatted(file, read.backup().isPresent() ? "agent" : "exporter")));
    exams.addAll(Doctor.examine(read, surroundings.clock()));
    if (json) {
      surroundings.out().print(Json.text(exams.stream().map(Exam::json).toList()));
    } else {
      exams.stream()
          .flatMap(exam -> exam.line().lines())
          .forEach(line -> surroundings.out().println(Printable.of(line)));
    }
    return exams.stream().flatMap(exam -> exam.exit().stream()).findFirst().orElse(Exit.OK);
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(
        Exit.CONFIGURATION,
        Exit.VAULT_UNAVAILABLE,
        Exit.VAULT_DENIED,
        Exit.STORE_FAILED,
        Exit.KMS_FAILED);
  }
}
