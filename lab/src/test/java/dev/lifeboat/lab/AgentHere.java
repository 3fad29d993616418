package dev.lifeboat.lab;

import dev.lifeboat.backup.Milestones;
import dev.lifeboat.cli.Exit;
import dev.lifeboat.cli.Launch;
import dev.lifeboat.cli.Surroundings;
import dev.lifeboat.daemon.Signals;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// An agent in this JVM, so that its clock can be set and its runs held.
final class AgentHere implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(20);

  private final Map<Signals.Signal, Runnable> signals = new EnumMap<>(Signals.Signal.class);
  private final CompletableFuture<Exit> ended = new CompletableFuture<>();

  private AgentHere() {}

  /// Returns when it listens on its control socket.
  static AgentHere start(Site site, InstantSource clock, Milestones milestones) {
    var agent = new AgentHere();
    var thread = Thread.ofPlatform().daemon().unstarted(() -> agent.run(site, clock, milestones));
    thread.start();
    Await.until("the agent", BOUND, () -> Files.exists(site.socket()) || agent.ended.isDone());
    if (agent.ended.isDone()) {
      throw new LabException("the agent ended: " + agent.ended.join() + "\n" + site.logText());
    }
    return agent;
  }

  private void run(Site site, InstantSource clock, Milestones milestones) {
    try (var log =
        new PrintStream(Files.newOutputStream(site.log()), true, StandardCharsets.UTF_8)) {
      ended.complete(
          Launch.run(
              site.withConfig("agent"),
              new Surroundings(Map.of(), log, log, false, signals::put, clock, milestones)));
    } catch (IOException e) {
      ended.completeExceptionally(new UncheckedIOException(e));
    }
  }

  /// As SIGTERM does.
  @Override
  public void close() {
    signals.getOrDefault(Signals.Signal.TERM, () -> {}).run();
    Await.until("the agent to end", BOUND, ended::isDone);
  }
}
