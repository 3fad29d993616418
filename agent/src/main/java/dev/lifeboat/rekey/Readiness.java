package dev.lifeboat.rekey;

import dev.lifeboat.config.Secret;
import dev.lifeboat.vault.AutopilotState;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Whether every node would get the new key at once.
public final class Readiness {
  /*
   * A raft node that is sealed or down during a rekey keeps the old encrypted root key in its own
   * copy of the data, and that copy it reads before it joins the others again: it can only be
   * opened with the OLD shares. So all voters have to be open and caught up, before anything is
   * begun and once more before the new shares come into force.
   */
  private static final long LAG_MAX = 500;

  private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)");
  private static final Duration POLL = Duration.ofMillis(250);

  private final VaultClient client;
  private final Supplier<Secret> token;

  public Readiness(VaultClient client, Supplier<Secret> token) {
    this.client = client;
    this.token = token;
  }

  /// One node.
  ///
  /// @param status empty when it does not answer
  public record Seen(VaultNode node, Optional<SealStatus> status) {}

  /// The cluster now.
  ///
  /// @param problems half sentences with their hints, each of which forbids a rekey
  /// @param epoch the key epoch of now; 0 when there are problems
  /// @param api the path of the API that it has; empty when there are problems
  public record Findings(
      List<Seen> nodes,
      Target target,
      Shape shape,
      String clusterId,
      int epoch,
      String api,
      List<String> problems) {
    public Findings {
      nodes = List.copyOf(nodes);
      problems = List.copyOf(problems);
    }
  }

  /// Waits for a cluster that is not ready, as long as that.
  public Findings await(Duration bound) throws InterruptedException {
    long deadline = System.nanoTime() + bound.toNanos();
    while (true) {
      Findings found = look();
      if (found.problems().isEmpty() || System.nanoTime() >= deadline) {
        return found;
      }
      Thread.sleep(POLL);
    }
  }

  /// [RekeyException] when a node would be left behind.
  void require(Duration bound) throws InterruptedException {
    Findings found = await(bound);
    if (!found.problems().isEmpty()) {
      throw new RekeyException(found.problems().getFirst());
    }
  }

  public Findings look() {
    List<Seen> nodes = client.nodes().stream().map(Readiness::seen).toList();
    List<String> problems = new ArrayList<>();
    nodes.forEach(node -> node(node, problems));
    SealStatus status = nodes.stream().flatMap(s -> s.status().stream()).findFirst().orElse(null);
    if (status == null) {
      return new Findings(nodes, Target.UNSEAL_KEY, new Shape(0, 0), "", 0, "", problems);
    }
    Target target = Target.of(status);
    version(status, target).ifPresent(problems::add);
    same(nodes, problems);
    int epoch = 0;
    String api = "";
    if (problems.isEmpty()) {
      VaultNode active = client.active();
      status = active.sealStatus();
      if (status.storageType().equals("raft")) {
        raft(active, nodes.size(), problems);
      }
      epoch = Rotation.term(active, token.get());
      api = RekeyCall.probe(active, token, target).path();
      rights(active, problems);
    }
    return new Findings(
        nodes,
        target,
        new Shape(status.shares(), status.threshold()),
        status.clusterId().orElse(""),
        epoch,
        api,
        problems);
  }

  private static Seen seen(VaultNode node) {
    try {
      return new Seen(node, Optional.of(node.sealStatus()));
    } catch (VaultException e) {
      return new Seen(node, Optional.empty());
    }
  }

  private static void node(Seen seen, List<String> problems) {
    String address = seen.node().address().toString();
    if (seen.status().isEmpty()) {
      problems.add(
          address
              + " does not answer: a node that is down during a rekey opens with the old shares"
              + " only\nhint: start it, or take it out of the cluster and of vault.peers");
      return;
    }
    SealStatus status = seen.status().get();
    if (!status.initialized()) {
      problems.add(address + " holds no data\nhint: let it join, or take it out of vault.peers");
    } else if (status.migration()) {
      problems.add(address + " is in the middle of a change of its seal\nhint: finish that first");
    } else if (status.sealed()) {
      problems.add(
          address
              + " is sealed: a node that is sealed during a rekey opens with the old shares only"
              + "\nhint: lifeboat unseal --all");
    }
  }

  /// How their keys are split is no matter: a standby says that of before the last rekey until it
  /// is restarted.
  private static void same(List<Seen> nodes, List<String> problems) {
    Set<String> kinds = new HashSet<>();
    for (Seen node : nodes) {
      node.status()
          .filter(s -> s.initialized() && !s.sealed())
          .ifPresent(
              s ->
                  kinds.add(
                      "%s of cluster %s".formatted(s.type(), s.clusterId().orElse("unknown"))));
    }
    if (kinds.size() > 1) {
      problems.add(
          "the nodes are not of one cluster, or not sealed alike: %s\nhint: see vault.peers"
              .formatted(String.join(" and ", kinds.stream().sorted().toList())));
    }
  }

  /// Those that lose shares, by the issues of OpenBao.
  private static Optional<String> version(SealStatus status, Target target) {
    if (status.product() != Product.OPENBAO) {
      return Optional.empty();
    }
    Matcher numbers = NUMBERS.matcher(status.version());
    int version =
        numbers.find()
            ? Integer.parseInt(numbers.group(1)) * 1_000_000
                + Integer.parseInt(numbers.group(2)) * 1_000
                + Integer.parseInt(numbers.group(3))
            : 0;
    if (target == Target.UNSEAL_KEY && version < 2_005_002) {
      return Optional.of(
          "OpenBao %s can lose all shares in a rekey (its issue 2619)\nhint: upgrade to 2.5.2 or"
                  .formatted(status.version())
              + " later first");
    }
    return target == Target.RECOVERY_KEY && version < 2_006_000
        ? Optional.of(
            "OpenBao %s can give random shares that fit nothing, with a seal that opens itself (its"
                    .formatted(status.version())
                + " issue 2648)\nhint: upgrade to 2.6.0 or later first")
        : Optional.empty();
  }

  private void raft(VaultNode active, int known, List<String> problems) {
    long voters =
        active.raftConfiguration(token.get()).servers().stream()
            .filter(server -> server.voter())
            .count();
    if (voters > known) {
      problems.add(
          "raft has %d voters, and %d nodes are known here\nhint: vault.peers must name every one:"
                  .formatted(voters, known)
              + " each has to be seen open");
    }
    AutopilotState autopilot = active.autopilot(token.get());
    long newest =
        autopilot.servers().stream().mapToLong(AutopilotState.Server::lastIndex).max().orElse(0);
    for (AutopilotState.Server server : autopilot.servers()) {
      if (!server.healthy() || newest - server.lastIndex() > LAG_MAX) {
        problems.add(
            "%s is not caught up: %d entries behind, %s\nhint: lifeboat status; wait until it is"
                .formatted(
                    server.name(),
                    newest - server.lastIndex(),
                    server.healthy() ? "healthy" : "not healthy for autopilot"));
      }
    }
  }

  /// Before anything is begun: a rekey that stops at its last step leaves a worry.
  private void rights(VaultNode active, List<String> problems) {
    Set<String> may =
        active
            .capabilities(List.of("sys/rotate"), token.get())
            .getOrDefault("sys/rotate", Set.of());
    if (!may.contains("root") && !may.containsAll(Set.of("sudo", "update"))) {
      problems.add(
          "the login may not rotate the barrier key (sys/rotate: %s)\nhint: rekey.auth needs the"
                  .formatted(String.join(", ", may))
              + " policy docs/policies/rekey.hcl");
    }
  }
}
