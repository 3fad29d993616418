package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.dashboards.DashboardsCommand;
import picocli.CommandLine.Command;

/// `./lifeboat lab NAME`.
@Command(
    name = "lab",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "NAME",
    description = "Run one of the longer experiments with real servers and print its table.",
    subcommands = {
      AlertsCommand.class,
      CrashCommand.class,
      DashboardsCommand.class,
      FailoverCommand.class,
      RaceCommand.class,
      ResumeCommand.class,
      SlotsCommand.class,
      SplitCommand.class,
      TelemetryCommand.class
    })
public final class LabCommand {}
