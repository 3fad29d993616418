package dev.lifeboat.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `lifeboat` itself: only the list of its commands.
@Command(
    name = "lifeboat",
    header = "Watches a Vault or OpenBao node and takes verified, encrypted, signed backups.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCOMMANDS%n",
    optionListHeading = "%nOPTIONS%n",
    subcommands = {
      AgentCommand.class,
      CheckCommand.class,
      StatusCommand.class,
      BackupCommand.class,
      ListCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      ExtractCommand.class,
      ExpireCommand.class,
      PinCommand.class,
      UnpinCommand.class,
      RestoreCommand.class,
      UnsealCommand.class,
      RekeyCommand.class,
      KeysCommand.class,
      KitCommand.class,
      NotifyCommand.class
    })
final class Root {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = picocli.CommandLine.ScopeType.INHERIT,
      description = "Show what a command does and takes.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;
}
