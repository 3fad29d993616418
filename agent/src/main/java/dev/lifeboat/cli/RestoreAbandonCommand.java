package dev.lifeboat.cli;

import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.restore.Restoring;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `lifeboat restore abandon`: a run that will not be taken up again.
@Command(
    name = "abandon",
    header = "Give up a run that has not ended.",
    description = {
      "Undoes nothing: what was stopped stays stopped, what was moved lies where the journal says.",
      "A copy that restore bisect has open is stopped.",
      "The nodes are free for another run, and the decrypted snapshot is deleted."
    })
final class RestoreAbandonCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final RestoreOptions options = new RestoreOptions();

  @Parameters(
      arity = "0..1",
      paramLabel = "RUN",
      description = "Its name. Not needed when there is only one.")
  private String run = "";

  @Option(names = "--list", description = "Only list the runs that have not ended.")
  private boolean list;

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    LifeboatConfig read = config.read(surroundings);
    List<String> unfinished = Restoring.unfinished(read.restore());
    if (list) {
      unfinished.forEach(surroundings.out()::println);
      return Exit.OK;
    }
    List<String> meant = unfinished.stream().filter(name -> name.startsWith(run)).toList();
    if (meant.size() != 1) {
      throw new CommandException(
          Exit.NOT_FOUND,
          unfinished.isEmpty()
              ? "every run in %s has ended".formatted(read.restore().folder())
              : "which one?\nhint: there is " + String.join(", ", unfinished));
    }
    String name = meant.getFirst();
    Restoring.Run given = Restoring.named(read.restore(), name);
    String copy = given.hasCopies() ? ", and what runs in its scratch node stopped" : "";
    if (options.plan()) {
      surroundings.out().println("%s would be given up%s".formatted(name, copy));
      return Exit.OK;
    }
    if (!Question.agreed("Give up %s%s?".formatted(name, copy), options.yes(), surroundings)) {
      surroundings.err().println("nothing was done");
      return Exit.OK;
    }
    try (Restoring restoring = options.open(read, given, surroundings)) {
      Map<String, String> kept = restoring.abandon();
      surroundings.out().println("%s is given up".formatted(name));
      kept.forEach(
          (what, how) -> surroundings.err().println("lifeboat: %s %s".formatted(what, how)));
      return kept.isEmpty() ? Exit.OK : Exit.RESTORE_FAILED;
    }
  }

  @Override
  public Set<Exit> exits() {
    Set<Exit> exits = RestoreOptions.exits();
    exits.add(Exit.NOT_FOUND);
    return exits;
  }
}
