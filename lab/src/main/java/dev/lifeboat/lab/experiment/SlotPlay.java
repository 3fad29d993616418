package dev.lifeboat.lab.experiment;

import dev.lifeboat.lab.AgentFleet;
import dev.lifeboat.lab.Await;
import dev.lifeboat.lab.Cluster;
import dev.lifeboat.lab.LabAgent;
import dev.lifeboat.lab.Network;
import dev.lifeboat.lab.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Agents that take slots while their machines die or stand still, counted from outside.
public final class SlotPlay {
  private static final Duration SLOT = Duration.ofSeconds(10);
  private static final Duration RACE_SLOT = Duration.ofSeconds(5);
  private static final Duration DEAD = Duration.ofSeconds(8);
  private static final Duration BOUND = Duration.ofMinutes(2);

  private final SlotStage stage;
  private final Cluster cluster;
  private final AgentFleet fleet;
  private final InstantSource clock;

  public SlotPlay(SlotStage stage, InstantSource clock) {
    this.stage = stage;
    this.cluster = stage.cluster();
    this.fleet = stage.fleet();
    this.clock = clock;
  }

  /// The machine of the leader, server and agent, is killed every so often, at a random moment of
  /// the first second and a half of a slot, which is when its backup is taken; and comes back.
  public SlotReport failovers(Duration length, Duration between, long seed) {
    var random = new SplittableRandom(seed);
    fleet.start();
    Instant first = nextSlot(SLOT);
    Instant end = first.plus(length);
    try (var leaders = Leaders.watch(cluster, clock)) {
      for (Instant kill = first.plus(between);
          kill.plus(DEAD).isBefore(end);
          kill = kill.plus(between)) {
        awaitInstant(slotAt(kill).plusMillis(random.nextLong(1500)));
        var leader = cluster.awaitLeader(BOUND);
        var agent = fleet.beside(leader);
        agent.kill();
        cluster.kill(leader);
        awaitInstant(clock.instant().plus(DEAD));
        cluster.restart(leader);
        agent.start();
        agent.awaitReady();
      }
      awaitInstant(end);
      List<Instant> due = slots(first, end, SLOT);
      Set<Instant> unled = leaders.unled(due, SLOT);
      cleanUp();
      return SlotReport.of(due, unled, stage.ledger().get(), lost());
    }
  }

  /// The node of the leader, server and agent, is cut off from the others every so often, at a
  /// random moment of the first second and a half of a slot; both sides reach the store all the
  /// time.
  public SlotReport splits(Network network, Duration length, Duration between, long seed) {
    var random = new SplittableRandom(seed);
    fleet.start();
    Instant first = nextSlot(SLOT);
    Instant end = first.plus(length);
    try (var leaders = Leaders.watch(cluster, clock)) {
      for (Instant cut = first.plus(between);
          cut.plus(DEAD).isBefore(end);
          cut = cut.plus(between)) {
        awaitInstant(slotAt(cut).plusMillis(random.nextLong(1500)));
        int node = cluster.nodes().indexOf(cluster.awaitLeader(BOUND)) + 1;
        network.cut(node);
        Instant healed = clock.instant().plus(DEAD);
        // The one that is cut off does not answer us either.
        var _ = cluster.awaitLeader(BOUND);
        awaitInstant(healed);
        network.heal(node);
      }
      awaitInstant(end);
      List<Instant> due = slots(first, end, SLOT);
      Set<Instant> unled = leaders.unled(due, SLOT);
      cluster.awaitWhole();
      // An agent that starts removes what the one before it left, and needs no server for it.
      fleet.agents().forEach(LabAgent::stop);
      fleet.start();
      fleet.agents().forEach(LabAgent::stop);
      verifyAll();
      return SlotReport.of(due, unled, stage.ledger().get(), lost());
    }
  }

  /// All agents take every slot, and at a random moment of each one of them is stopped until the
  /// next slot is over.
  public SlotReport race(int rounds, long seed) {
    fleet.start();
    var random = new SplittableRandom(seed);
    Instant first = nextSlot(RACE_SLOT);
    Instant end = first.plus(RACE_SLOT.multipliedBy(rounds));
    List<Instant> due = slots(first, end, RACE_SLOT);
    try {
      for (Instant slot : due) {
        LabAgent stopped = fleet.agents().get(random.nextInt(fleet.agents().size()));
        awaitInstant(slot.plusMillis(random.nextLong(3000)));
        Signal.STOP.to(stopped.pid());
        awaitInstant(slot.plusMillis(4000 + random.nextLong(900)));
        Signal.CONT.to(stopped.pid());
      }
      awaitInstant(end.plusSeconds(2));
    } finally {
      fleet.agents().forEach(agent -> Signal.CONT.to(agent.pid()));
    }
    cleanUp();
    return SlotReport.of(due, Set.of(), stage.ledger().get(), lost());
  }

  private long lost() {
    return fleet.agents().stream()
        .flatMap(agent -> lines(agent))
        .filter(line -> line.contains("event=slot_taken") || line.contains("event=slot_held"))
        .count();
  }

  private static Stream<String> lines(LabAgent agent) {
    try {
      return Files.readAllLines(agent.logFile()).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Stops all agents; then one run beside each, by hand, removes what was left, as every run does.
  private void cleanUp() {
    fleet.agents().forEach(LabAgent::stop);
    cluster.awaitLeader(BOUND);
    fleet.agents().forEach(agent -> agent.run("backup").require());
    verifyAll();
  }

  private void verifyAll() {
    fleet
        .agents()
        .getFirst()
        .run("verify", "--all", "--identity", fleet.identityFile().toString())
        .require();
  }

  /// The beginning of the slot that goes on at this instant.
  private static Instant slotAt(Instant at) {
    long millis = SLOT.toMillis();
    return Instant.ofEpochMilli(at.toEpochMilli() / millis * millis);
  }

  private Instant nextSlot(Duration length) {
    long millis = length.toMillis();
    return Instant.ofEpochMilli((clock.millis() / millis + 1) * millis);
  }

  private static List<Instant> slots(Instant first, Instant end, Duration length) {
    List<Instant> slots = new ArrayList<>();
    for (Instant slot = first; slot.isBefore(end); slot = slot.plus(length)) {
      slots.add(slot);
    }
    return slots;
  }

  private void awaitInstant(Instant at) {
    Duration left = Duration.between(clock.instant(), at);
    Await.until("the clock", left.plus(BOUND), () -> !clock.instant().isBefore(at));
  }
}
