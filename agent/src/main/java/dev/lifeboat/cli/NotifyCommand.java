package dev.lifeboat.cli;

import picocli.CommandLine.Command;

/// `lifeboat notify`: only the list of its commands.
@Command(
    name = "notify",
    header = "Try those who are told of backups.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCOMMANDS%n",
    subcommands = NotifyTestCommand.class)
final class NotifyCommand {}
