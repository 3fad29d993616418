package dev.lifeboat.lab;

import dev.lifeboat.lab.bench.BenchCommand;
import dev.lifeboat.lab.demo.DemoCommand;
import dev.lifeboat.lab.experiment.LabCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The lab's commands, all by way of `./lifeboat`.
@Command(
    name = "lifeboat",
    synopsisSubcommandLabel = "COMMAND",
    description = "Experiments with real servers.",
    subcommands = {DemoCommand.class, LabCommand.class, BenchCommand.class})
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }
}
