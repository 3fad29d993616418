package dev.lifeboat.cli;

import dev.lifeboat.backup.Progress;
import dev.lifeboat.daemon.ControlClient;
import dev.lifeboat.daemon.ControlException;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.daemon.OnePoll;
import dev.lifeboat.status.Status;
import dev.lifeboat.status.StatusJson;
import dev.lifeboat.status.StatusText;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `lifeboat status`: what the agent knows, or what one look of our own shows.
@Command(
    name = "status",
    header = "Show this node, its peers and the latest backups, problems first.",
    description = {
      "Asks the agent that runs with this configuration; when none runs, asks the node and the",
      "stores itself."
    })
final class StatusCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    LifeboatConfig read = config.read(surroundings);
    surroundings.out().print(text(read, surroundings));
    return Exit.OK;
  }

  private String text(LifeboatConfig read, Surroundings surroundings) throws InterruptedException {
    try {
      return switch (ControlClient.ask(read.controlSocket(), "status", Progress.NONE)) {
        case ControlClient.Reply.Done(JsonNode value) ->
            json ? Json.text(value.path("json")) : value.path("text").asString("");
        case ControlClient.Reply.Failed(String _, String message, String hint) ->
            throw new CommandException(
                Exit.INTERNAL, message + (hint.isEmpty() ? "" : "\nhint: " + hint));
      };
    } catch (ControlException e) {
      if (e.reason() != ControlException.Reason.NOT_RUNNING) {
        throw e;
      }
      Status status = OnePoll.status(read, surroundings.clock());
      return json
          ? StatusJson.render(status)
          : StatusText.render(status) + "\nNo agent runs with this configuration.\n";
    }
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION, Exit.STORE_FAILED);
  }
}
