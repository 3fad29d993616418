package dev.lifeboat.cli;

import picocli.CommandLine.Command;

/// `lifeboat keys`: only the list of its commands.
@Command(
    name = "keys",
    header = "Make and show the keys that encrypt and sign backups.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCOMMANDS%n",
    subcommands = {KeysGenerateCommand.class, KeysShowCommand.class})
final class KeysCommand {}
