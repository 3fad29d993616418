package dev.lifeboat.cli;

import picocli.CommandLine.Command;

/// `lifeboat kit`: only the list of its commands.
@Command(
    name = "kit",
    header = "The recovery kit: what a cluster is built anew with, besides its data.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCOMMANDS%n",
    subcommands = {KitPrintCommand.class, KitListCommand.class, KitExtractCommand.class})
final class KitCommand {}
