package dev.lifeboat.restore;

import dev.lifeboat.machine.Machine;
import dev.lifeboat.machine.Machine.Ran;
import dev.lifeboat.machine.MachineException;
import dev.lifeboat.unseal.Opening;
import dev.lifeboat.unseal.Share;
import dev.lifeboat.unseal.Unsealing;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One node that is got back: its machine, its storage, its API.
final class Node {
  private static final Duration LOOK = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(100);

  /// One that was just told whom to join refuses shares until it has heard from the leader.
  private static final Duration JOINING = Duration.ofMillis(250);

  private final NodeConfig config;
  private final Machine machine;
  private final NodeStorage storage;
  private final VaultNode api;
  private final Duration bound;

  /// @param bound how long it may take to start, to stop, to open
  Node(NodeConfig config, Machine machine, VaultNode api, Duration bound) {
    this.config = config;
    this.machine = machine;
    this.storage = new NodeStorage(config, machine);
    this.api = api;
    this.bound = bound;
  }

  String id() {
    return config.id();
  }

  NodeConfig config() {
    return config;
  }

  Machine machine() {
    return machine;
  }

  NodeStorage storage() {
    return storage;
  }

  VaultNode api() {
    return api;
  }

  Duration bound() {
    return bound;
  }

  /// Whether its server runs, as its machine says.
  boolean running() throws InterruptedException {
    return machine.run(config.running(), new byte[0], LOOK).good();
  }

  /// The same, where the machine can be asked at all.
  Optional<Boolean> runningIfKnown() throws InterruptedException {
    try {
      return Optional.of(running());
    } catch (MachineException e) {
      return Optional.empty();
    }
  }

  /// Its seal; empty when it does not answer.
  Optional<SealStatus> look() {
    try {
      return Optional.of(api.sealStatus());
    } catch (VaultException e) {
      return Optional.empty();
    }
  }

  /// Returns when it answers.
  SealStatus start() throws InterruptedException {
    require(machine.run(config.start(), new byte[0], bound), "does not start");
    return Wait.until(
        bound,
        POLL,
        this::look,
        () ->
            RestoreException.failed(
                "%s was started and does not answer at %s after %d s\nhint: see its log on %s"
                    .formatted(id(), config.address(), bound.toSeconds(), machine.words())));
  }

  /// Returns when neither its machine nor its API knows of it any more.
  void stop() throws InterruptedException {
    require(machine.run(config.stop(), new byte[0], bound), "does not stop");
    Wait.so(
        bound,
        POLL,
        () -> !running() && look().isEmpty(),
        () ->
            RestoreException.failed(
                "%s was stopped, and %s still\nhint: %s"
                    .formatted(
                        id(),
                        running() ? "its server runs" : "something answers at " + config.address(),
                        "does another unit start it again, or does its address lead elsewhere?")));
  }

  void restart() throws InterruptedException {
    stop();
    var _ = start();
  }

  private void require(Ran ran, String what) {
    if (!ran.good()) {
      throw RestoreException.failed(
          "%s %s: %s (%s)\nhint: the command is in %s, carried out on %s"
              .formatted(
                  id(),
                  what,
                  ran.err().isBlank() ? "the command failed" : ran.err().strip(),
                  "exit " + ran.exit(),
                  config.key(),
                  machine.words()));
    }
  }

  /// Opens it, or waits until it has opened itself.
  ///
  /// @param shares none for a node that opens itself
  /// @return whether it opened; false when these shares do not fit
  boolean open(List<Share> shares) throws InterruptedException {
    return shares.isEmpty() ? opensItself() : opensWith(shares);
  }

  private boolean opensWith(List<Share> shares) throws InterruptedException {
    long deadline = System.nanoTime() + bound.toNanos();
    while (true) {
      Opening opening = new Unsealing(api).open(shares, false);
      if (opening.result().open()) {
        return true;
      }
      if (opening.result() == Opening.Result.WRONG_SHARES) {
        return false;
      }
      boolean hopeless =
          switch (opening.result()) {
            case TOO_FEW, FOREIGN_SHARES, AUTO_UNSEAL -> true;
            default -> false;
          };
      if (hopeless || System.nanoTime() >= deadline) {
        throw RestoreException.failed(
            "%s is not opened: it %s%s"
                .formatted(
                    id(),
                    opening.text(),
                    opening.hint().isEmpty() ? "" : "\nhint: " + opening.hint()));
      }
      Thread.sleep(JOINING);
    }
  }

  private boolean opensItself() throws InterruptedException {
    Wait.so(
        bound,
        POLL,
        () -> look().filter(status -> !status.sealed()).isPresent(),
        () ->
            RestoreException.failed(
                "%s has not opened itself after %d s\nhint: lifeboat unseal --node %s says why"
                    .formatted(id(), bound.toSeconds(), config.address())));
    return true;
  }

  /// Waits until it says that it leads.
  void awaitLeads() throws InterruptedException {
    Wait.so(
        bound,
        POLL,
        this::leads,
        () ->
            RestoreException.failed(
                "%s is open and does not lead after %d s\nhint: see its log on %s: it may try to"
                        .formatted(id(), bound.toSeconds(), machine.words())
                    + " reach peers of before"));
  }

  boolean leads() {
    try {
      return api.leader().self();
    } catch (VaultException e) {
      return false;
    }
  }

  /// Whom it follows, as it says.
  Optional<URI> namedLeader() {
    try {
      return api.leader().address();
    } catch (VaultException e) {
      return Optional.empty();
    }
  }

  /// How far its data goes; -1 when it does not say.
  long appliedIndex() {
    try {
      return api.leader().raftAppliedIndex().orElse(-1);
    } catch (VaultException e) {
      return -1;
    }
  }

  @Override
  public String toString() {
    return id();
  }
}
