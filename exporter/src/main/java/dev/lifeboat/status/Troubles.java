package dev.lifeboat.status;

import static dev.lifeboat.status.Status.Severity.CRITICAL;
import static dev.lifeboat.status.Status.Severity.WARNING;

import dev.lifeboat.status.Status.Severity;
import dev.lifeboat.status.Status.Trouble;
import dev.lifeboat.vault.Health;
import dev.lifeboat.vault.Leader;
import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.SealStatus;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What is wrong, in sentences, each with what to do about it.
///
/// A trouble that explains others stands alone: of a node that does not answer nothing else is
/// said, of a sealed one not that it knows no leader.
final class Troubles {
  /// Beyond this, tokens and leases end at other times than people think.
  private static final Duration CLOCK_SKEW_MAX = Duration.ofSeconds(5);

  private final NodeState state;
  private final String name;
  private final List<Trouble> found = new ArrayList<>();

  private Troubles(NodeState state, String name) {
    this.state = state;
    this.name = name;
  }

  /// Worst first, else in the order in which one would look.
  static List<Trouble> of(
      NodeState state,
      String name,
      int expectedPeers,
      Optional<Status.Backups> backups,
      Duration backupInterval,
      Instant now) {
    Troubles troubles = new Troubles(state, name);
    troubles.addNode();
    troubles.found.addAll(ClusterTroubles.of(state, expectedPeers));
    backups.ifPresent(
        all -> troubles.found.addAll(BackupTroubles.of(all, state.role(), backupInterval, now)));
    troubles.found.sort(Comparator.comparing(Trouble::severity));
    return List.copyOf(troubles.found);
  }

  private void addNode() {
    switch (state.health()) {
      case Reading.Known<Health>(var health, var at, var took) -> {
        addRole(health);
        addClockSkew(health, at.minus(took.dividedBy(2)));
        addFailed("sys/seal-status", state.sealStatus());
        addFailed("sys/leader", state.leader());
      }
      case Reading.Failed<Health>(var reason, _, _, _) -> addUnreachable(reason);
      case Reading.NotAsked<Health> _ -> addNotAsked();
    }
  }

  private void addNotAsked() {
    if (state.polls() == 0) {
      add(WARNING, name + " has not been asked yet.", "Wait for the first poll, then look again.");
    } else {
      add(
          CRITICAL,
          "Nothing is known of " + name + ": the poll loop stands still.",
          "Restart the agent, and report its log; this is a fault of Lifeboat.");
    }
  }

  private void addUnreachable(VaultException.Reason reason) {
    String node = name + " (" + state.address() + ")";
    switch (reason) {
      case UNREACHABLE ->
          add(
              CRITICAL,
              node + " cannot be reached: the connection is refused or there is no route.",
              "See whether the server runs, and whether vault.address is its API address.");
      case TIMEOUT ->
          add(
              CRITICAL,
              node + " accepts connections but does not answer in time.",
              "Look at the machine's load and disk, and at the server's log; then restart it.");
      case TRUNCATED, STALLED ->
          add(
              CRITICAL,
              node + " breaks off in the middle of its answer.",
              "Look for a proxy in between, and at the server's log for a crash.");
      case NOT_JSON ->
          add(
              CRITICAL,
              node + " answers with something that is not JSON.",
              "See whether vault.address names a proxy or another program's port.");
      case TLS -> addTls(node);
      case DENIED,
          SEALED,
          NOT_FOUND,
          REDIRECT_REFUSED,
          NO_LEADER,
          NO_CREDENTIAL,
          REFUSED,
          SERVER_ERROR ->
          add(
              CRITICAL,
              node + " gives no health answer (" + reason.label() + ").",
              "See whether vault.address is the API address of a Vault or OpenBao node.");
    }
  }

  private void addTls(String node) {
    if (state.address().getScheme().equals("http")) {
      add(
          CRITICAL,
          node + " speaks TLS and was asked without.",
          "Write https:// in vault.address.");
      return;
    }
    add(
        CRITICAL,
        "The TLS connection to " + node + " fails.",
        "See whether its certificate has expired, and whether vault.tls.ca-file and"
            + " server-name fit it.");
  }

  private void addRole(Health health) {
    switch (state.role()) {
      case SEALED -> addSealed();
      case UNINITIALIZED ->
          add(
              CRITICAL,
              name + " is not initialised.",
              "Join it to its cluster with '%s operator raft join', or initialise a new cluster."
                  .formatted(command()));
      case REMOVED ->
          add(
              CRITICAL,
              name + " was removed from its cluster and takes no part in it.",
              "If not meant: stop the server, empty its raft folder, start it and join again.");
      case ACTIVE, STANDBY, PERF_STANDBY, DR_SECONDARY -> {
        if (health.status() == 474) {
          add(
              CRITICAL,
              name + " is a standby that cannot reach the active node.",
              "See whether the cluster port (8201) of the active node is open to this one.");
        } else {
          addLeaderUnknown();
        }
      }
      case UNREACHABLE -> {} // never with a known health answer
    }
  }

  private void addSealed() {
    Optional<SealStatus> seal = state.sealStatus().known();
    if (seal.isEmpty()) {
      add(CRITICAL, name + " is sealed.", "Unseal it.");
      return;
    }
    String type = seal.get().type();
    if (!type.equals("shamir")) {
      add(
          CRITICAL,
          "%s is sealed, although its %s seal opens by itself.".formatted(name, type),
          type.equals("static")
              ? "See in the server's log why the key could not be read, then restart the server."
                  + " 'lifeboat unseal' looks for it."
              : "See whether the %s key service answers and the node's login to it is good,"
                      .formatted(type)
                  + " then restart the server. 'lifeboat unseal' tries it.");
      return;
    }
    int left = Math.max(0, seal.get().threshold() - seal.get().progress());
    add(
        CRITICAL,
        "%s is sealed: %d of %d unseal shares given."
            .formatted(name, seal.get().progress(), seal.get().threshold()),
        seal.get().progress() == 0
            ? "Open it with 'lifeboat unseal': %s needed.".formatted(shares(left, "share"))
            : "Complete it with 'lifeboat unseal --add': %s needed; without --add it begins anew."
                .formatted(shares(left, "more share")));
  }

  private static String shares(int count, String noun) {
    return Words.count(count, noun) + (count == 1 ? " is" : " are");
  }

  private void addLeaderUnknown() {
    Optional<Leader> leader = state.leader().known();
    if (leader.isPresent()
        && leader.get().haEnabled()
        && !leader.get().self()
        && leader.get().address().isEmpty()) {
      add(
          CRITICAL,
          name + " knows of no leader: the cluster takes no requests.",
          "See that most peers run, are unsealed and reach each other's port 8201.");
    }
  }

  private void addClockSkew(Health health, Instant asked) {
    Duration skew = Duration.between(asked, Instant.ofEpochSecond(health.serverTimeSeconds()));
    if (skew.abs().compareTo(CLOCK_SKEW_MAX) > 0) {
      add(
          WARNING,
          "The clock of %s is %s %s ours."
              .formatted(name, Words.span(skew.abs()), skew.isNegative() ? "behind" : "ahead of"),
          "Check time synchronisation (chronyc tracking, timedatectl) on both machines.");
    }
  }

  private void addFailed(String path, Reading<?> reading) {
    // A sealed node may refuse both, which the seal explains.
    if (reading instanceof Reading.Failed<?> failed
        && failed.reason() != VaultException.Reason.SEALED) {
      add(
          WARNING,
          "%s could not be read from %s (%s).".formatted(path, name, failed.reason().label()),
          "If it stays so, look at the server's log.");
    }
  }

  private void add(Severity severity, String text, String hint) {
    found.add(new Trouble(severity, text, hint));
  }

  private String command() {
    return state.product() == Product.VAULT ? "vault" : "bao";
  }
}
