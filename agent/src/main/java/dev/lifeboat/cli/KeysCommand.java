package dev.lifeboat.cli;

import picocli.CommandLine.Command;

/// `lifeboat keys`: only the list of its commands.
@Command(
    name = "keys",
    header = "Make, show, prove and change the keys that encrypt and sign backups.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCOMMANDS%n",
    subcommands = {
      KeysGenerateCommand.class,
      KeysShowCommand.class,
      KeysCheckCommand.class,
      KeysRewrapCommand.class
    })
final class KeysCommand {}
