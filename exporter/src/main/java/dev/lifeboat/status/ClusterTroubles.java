package dev.lifeboat.status;

import static dev.lifeboat.status.Status.Severity.CRITICAL;
import static dev.lifeboat.status.Status.Severity.WARNING;

import dev.lifeboat.status.Status.Severity;
import dev.lifeboat.status.Status.Trouble;
import dev.lifeboat.vault.AutopilotState;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.Reading;
import dev.lifeboat.watch.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What is wrong with the raft cluster, as its active node sees it; nothing on any other node.
final class ClusterTroubles {
  /// Autopilot's own default for `max_trailing_logs`.
  private static final long LAG_MAX = 1000;

  private final List<Trouble> found = new ArrayList<>();

  private ClusterTroubles() {}

  static List<Trouble> of(NodeState state, int expectedPeers) {
    ClusterTroubles troubles = new ClusterTroubles();
    if (state.role() == Role.ACTIVE) {
      state.autopilot().known().ifPresent(troubles::addTolerance);
      state.raftConfiguration().known().ifPresent(raft -> troubles.addPeers(raft, expectedPeers));
      state.autopilot().known().ifPresent(troubles::addUnwell);
      troubles.addFailed(state);
    }
    return troubles.found;
  }

  /// A cluster of one or two has no tolerance by design: said once as a warning, or not at all.
  private void addTolerance(AutopilotState autopilot) {
    int voters = autopilot.voters().size();
    if (autopilot.failureTolerance() > 0 || voters < 2) {
      return;
    }
    add(
        voters == 2 ? WARNING : CRITICAL,
        "The cluster stops if one more voter is lost (failure tolerance 0).",
        voters == 2
            ? "Add a third voter: two tolerate no more than one does."
            : "Bring the unhealthy peers back before anything else is restarted.");
  }

  private void addPeers(RaftConfiguration raft, int expected) {
    int peers = raft.servers().size();
    if (expected > 0 && peers < expected) {
      add(
          WARNING,
          "The cluster has %d of %d peers.".formatted(peers, expected),
          "Join the missing ones, or correct vault.expected-peers.");
    } else if (expected > 0 && peers > expected) {
      add(
          WARNING,
          "The cluster has %d peers where %d are expected.".formatted(peers, expected),
          "Remove those that are gone for good ('operator raft remove-peer'), or correct"
              + " vault.expected-peers.");
    }
  }

  private void addUnwell(AutopilotState autopilot) {
    for (AutopilotState.Server server : autopilot.servers()) {
      OptionalLong lag = NodeFacts.lag(autopilot, server);
      String behind =
          lag.orElse(0) > 0 ? Words.grouped(lag.getAsLong()) + " entries behind the leader" : "";
      if (!server.healthy()) {
        String contact =
            server.lastContact().map(age -> "last heard of " + Words.span(age) + " ago").orElse("");
        String joint = contact.isEmpty() || behind.isEmpty() ? "" : ", ";
        String detail = contact + joint + behind;
        add(
            WARNING,
            "Peer %s is unhealthy%s.".formatted(server.id(), detail.isEmpty() ? "" : ": " + detail),
            "See whether %s runs, is unsealed and reaches this node.".formatted(server.address()));
      } else if (lag.orElse(0) > LAG_MAX) {
        add(
            WARNING,
            "Peer %s is %s.".formatted(server.id(), behind),
            "If it does not catch up, look at the disk and the network of "
                + server.address()
                + ".");
      }
    }
  }

  /// One trouble per reason, naming every path that failed for it.
  private void addFailed(NodeState state) {
    if (state.haStatus() instanceof Reading.Failed<?> failed
        && failed.reason() == Reason.SERVER_ERROR) {
      // Measured on both products: with a full audit disk sys/health stays 200 and all else is 500.
      add(
          CRITICAL,
          "The node is active and fails at what it is asked with a token (%s)."
              .formatted(failed.reason().label()),
          "Look at its log and at the disks of its audit files: while one cannot be written to, no"
              + " client is served.");
      return;
    }
    Map<Reason, List<String>> paths = new LinkedHashMap<>();
    note(paths, "sys/storage/raft/configuration", state.raftConfiguration());
    note(paths, "sys/storage/raft/autopilot/state", state.autopilot());
    note(paths, "sys/ha-status", state.haStatus());
    paths.forEach(
        (reason, failed) ->
            add(
                WARNING,
                "The cluster is not fully known: %s could not be read (%s)."
                    .formatted(String.join(", ", failed), reason.label()),
                hint(reason)));
  }

  private static void note(Map<Reason, List<String>> paths, String path, Reading<?> reading) {
    if (reading instanceof Reading.Failed<?> failed) {
      paths.computeIfAbsent(failed.reason(), key -> new ArrayList<>()).add(path);
    }
  }

  private static String hint(Reason reason) {
    return switch (reason) {
      case DENIED ->
          "See that the token of vault.auth is alive and has the policy in"
              + " docs/policies/watch.hcl.";
      case NO_CREDENTIAL -> "See that the secrets of vault.auth can be read by this process.";
      case NOT_FOUND -> "This storage has no raft; set vault.auth.method = none to stop asking.";
      case UNREACHABLE,
          TIMEOUT,
          TRUNCATED,
          STALLED,
          NOT_JSON,
          TLS,
          SEALED,
          REDIRECT_REFUSED,
          NO_LEADER,
          REFUSED,
          SERVER_ERROR ->
          "If it stays so, look at the log of the agent and of the server.";
    };
  }

  private void add(Severity severity, String text, String hint) {
    found.add(new Trouble(severity, text, hint));
  }
}
