package dev.lifeboat.restore;

import dev.lifeboat.backup.BackupConfig.CanaryConfig;
import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The same values read at every node, and what differs. Of a value only its hash is kept.
///
/// A standby of OpenBao answers from its own data; one of Vault asks the leader, so there a read
/// says nothing of the standby's own.
///
/// What the leader reads may be written meanwhile, as a backup does its canary: before a node is
/// said to differ, the leader is asked again.
final class Readings {
  private static final Duration POLL = Duration.ofMillis(250);

  /// How often the leader may read something new before nothing is said of the others.
  private static final int REWRITES = 3;

  private final Duration settle;
  private final Map<String, Integer> good = new HashMap<>();
  private final Map<String, String> trouble = new LinkedHashMap<>();
  private final List<String> wrong = new ArrayList<>();

  /// @param settle how much later than the leader a standby may know a login or a value
  Readings(Duration settle) {
    this.settle = settle;
  }

  /// @param hash of what was read; empty when it was not
  private record Reading(Optional<String> hash, Optional<VaultException> failed) {
    /// Not 429 nor 503: a server that is asked too much is not damaged.
    boolean broken() {
      return failed
          .filter(each -> each.reason() == Reason.SERVER_ERROR)
          .filter(each -> each.sentence().contains(" answers 500"))
          .isPresent();
    }

    String why() {
      return failed.map(VaultException::sentence).orElse("");
    }
  }

  /// @param wanted what the leader read last
  /// @param steady whether it read the same before and after the node did
  private record Compared(Reading own, Reading wanted, boolean steady) {
    boolean broken() {
      return own.broken() && (steady || wanted.failed().isEmpty());
    }

    boolean other() {
      return own.hash().isPresent() && wanted.hash().isPresent() && !same(own, wanted);
    }

    String unsteady() {
      return wanted.failed().isPresent() ? wanted.why() : "it is written all the time";
    }
  }

  /// @param unknown gets what could not be read anywhere for lack of a right or a value
  void read(
      List<Node> open,
      Node leader,
      Secret token,
      Optional<CanaryConfig> canary,
      List<String> paths,
      List<String> unknown)
      throws InterruptedException {
    List<String> all = new ArrayList<>();
    canary.flatMap(each -> Diagnosing.path(leader, token, each, unknown)).ifPresent(all::add);
    all.addAll(paths);
    for (String path : all) {
      compare(open, leader, token, path, unknown);
    }
  }

  private void compare(
      List<Node> open, Node leader, Secret token, String path, List<String> unknown)
      throws InterruptedException {
    Reading wanted = once(leader, token, path);
    if (wanted.failed().isPresent() && !wanted.broken()) {
      unknown.add(wanted.why());
      return;
    }
    Map<Node, Compared> readings = new LinkedHashMap<>();
    for (Node node : open) {
      readings.put(
          node,
          node == leader
              ? new Compared(wanted, wanted, true)
              : compared(node, leader, token, path, wanted));
    }
    boolean readSomewhere =
        readings.values().stream().anyMatch(each -> each.own().hash().isPresent());
    if (!readSomewhere) {
      wrong.add("no node reads %s: %s".formatted(path, wanted.why()));
      return;
    }
    readings.forEach(
        (node, reading) -> {
          if (reading.broken()) {
            trouble.putIfAbsent(
                node.id(),
                "it does not read %s, and others do: %s".formatted(path, reading.own().why()));
          } else if (!reading.steady()) {
            unknown.add(
                "whether %s reads %s as %s does: %s"
                    .formatted(node, path, leader, reading.unsteady()));
          } else if (reading.other()) {
            trouble.putIfAbsent(
                node.id(), "it reads another value of %s than %s does".formatted(path, leader));
          } else if (reading.own().failed().isEmpty()) {
            good.merge(node.id(), 1, Integer::sum);
          }
        });
  }

  private Compared compared(Node node, Node leader, Secret token, String path, Reading first)
      throws InterruptedException {
    Reading wanted = first;
    Reading own = settled(node, token, path, wanted);
    for (int i = 0; i < REWRITES; i++) {
      if (same(own, wanted)) {
        return new Compared(own, wanted, true);
      }
      Reading again = once(leader, token, path);
      if (same(again, wanted)) {
        return new Compared(own, wanted, true);
      }
      if (again.failed().isPresent()) {
        return new Compared(own, again, false);
      }
      wanted = again;
      own = settled(node, token, path, wanted);
    }
    return new Compared(own, wanted, same(own, wanted));
  }

  private static boolean same(Reading one, Reading other) {
    return Objects.equals(one.hash(), other.hash());
  }

  private Reading settled(Node node, Secret token, String path, Reading wanted)
      throws InterruptedException {
    long deadline = System.nanoTime() + settle.toNanos();
    while (true) {
      Reading reading = once(node, token, path);
      if (same(reading, wanted) || System.nanoTime() >= deadline) {
        return reading;
      }
      Thread.sleep(POLL);
    }
  }

  private static Reading once(Node node, Secret token, String path) {
    try {
      String text = node.api().read(path, token).path("data").toString();
      return new Reading(
          Optional.of(Sha256.of(text.getBytes(StandardCharsets.UTF_8))), Optional.empty());
    } catch (VaultException e) {
      return new Reading(Optional.empty(), Optional.of(e));
    }
  }

  /// How many values were read at a node as the leader reads them.
  int good(String node) {
    return good.getOrDefault(node, 0);
  }

  Optional<String> trouble(String node) {
    return Optional.ofNullable(trouble.get(node));
  }

  /// What no node reads.
  List<String> wrong() {
    return List.copyOf(wrong);
  }
}
