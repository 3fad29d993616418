package dev.lifeboat.cli;

import dev.lifeboat.daemon.Agent;
import dev.lifeboat.daemon.Inbox;
import dev.lifeboat.daemon.LifeboatConfig;
import dev.lifeboat.daemon.LogLines;
import dev.lifeboat.daemon.Signals.Signal;
import dev.lifeboat.keys.KeyException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `lifeboat agent`: runs until SIGTERM or SIGINT; SIGHUP reads the configuration again.
@Command(
    name = "agent",
    header = "Run beside a node: watch it, serve metrics and status, take backups when due.",
    description = {
      "SIGTERM ends it. SIGHUP reads the configuration again and keeps the old one when the new",
      "one is wrong."
    })
final class AgentCommand implements Verb {
  @Mixin private final ConfigOption config = new ConfigOption();

  @Override
  public Exit run(Surroundings surroundings) throws InterruptedException {
    Path file = config.file(surroundings);
    LifeboatConfig first = LifeboatConfig.read(file, surroundings.environment());
    LogLines.install(first.logLevel(), surroundings.environment(), surroundings.err());
    Inbox inbox = new Inbox();
    surroundings.signals().on(Signal.INT, inbox::stop);
    surroundings.signals().on(Signal.TERM, inbox::stop);
    surroundings.signals().on(Signal.HUP, inbox::reload);
    Agent agent =
        new Agent(
            new Agent.Host(
                () -> LifeboatConfig.read(file, surroundings.environment()),
                level -> LogLines.install(level, surroundings.environment(), surroundings.err()),
                surroundings.environment(),
                surroundings.clock(),
                surroundings.milestones(),
                Version.number(),
                Version.revision()),
            inbox);
    try {
      agent.run(first);
    } catch (KeyException e) {
      // It stopped at the first key file that is not good; whoever mends them wants to know all.
      var _ = LifeboatConfig.check(file, surroundings.environment());
      throw e;
    }
    return Exit.OK;
  }

  @Override
  public Set<Exit> exits() {
    return EnumSet.of(Exit.CONFIGURATION, Exit.STORE_FAILED, Exit.ALREADY_RUNNING);
  }
}
