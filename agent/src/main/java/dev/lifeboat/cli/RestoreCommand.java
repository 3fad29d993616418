package dev.lifeboat.cli;

import picocli.CommandLine.Command;

/// `lifeboat restore`: only the list of its commands.
@Command(
    name = "restore",
    header = "Get a cluster or a node back, and prove it.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCOMMANDS%n",
    subcommands = {
      RestoreClusterCommand.class,
      RestoreQuorumCommand.class,
      RestoreNodeCommand.class,
      RestoreRegionCommand.class,
      RestorePostgresqlCommand.class,
      RestoreDiagnoseCommand.class,
      RestoreBisectCommand.class,
      RestoreAbandonCommand.class
    })
final class RestoreCommand {}
