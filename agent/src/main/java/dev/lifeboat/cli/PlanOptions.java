package dev.lifeboat.cli;

import picocli.CommandLine.Option;

/// What a command takes that prints its plan and asks.
final class PlanOptions {
  @Option(names = "--plan", description = "Print what would be done, and do nothing.")
  private boolean plan;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  @Option(names = "--json", description = "Print a JSON object. Needs --yes.")
  private boolean json;

  void check() {
    if (json && (!yes || plan)) {
      throw new CommandException(
          Exit.USAGE, "--json says what was done, and asks nobody\nhint: give --yes beside it");
    }
  }

  boolean plan() {
    return plan;
  }

  boolean yes() {
    return yes;
  }

  boolean json() {
    return json;
  }
}
