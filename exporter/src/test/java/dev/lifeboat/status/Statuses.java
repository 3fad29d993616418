package dev.lifeboat.status;

import dev.lifeboat.vault.Product;
import dev.lifeboat.vault.VaultException.Reason;
import dev.lifeboat.watch.NodeState;
import dev.lifeboat.watch.NodeStates;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One [Status] of each kind that a person may meet.
public final class Statuses {
  static final Instant NOW = NodeStates.NOW;
  static final Duration DAILY = Duration.ofDays(1);

  private Statuses() {}

  public static Status healthy() {
    return of(NodeStates.active(), Optional.of(backups()));
  }

  static Status standby() {
    return of(NodeStates.standby(), Optional.empty());
  }

  static Status sealed() {
    return of(NodeStates.sealed(), Optional.of(none()));
  }

  static Status unreachable() {
    return of(NodeStates.unreachable(Reason.TIMEOUT), Optional.empty());
  }

  /// A peer is ill, the token lacks a right, and somebody put a backup of his own into the store.
  public static Status troubled() {
    Status.Backup forged =
        new Status.Backup(
            "20261122T093000Z-0badf00d",
            NOW.minusSeconds(1800),
            "<script>alert(1)</script>",
            Optional.of(4711L),
            226_492_416,
            226_556_001,
            List.of("local"),
            Optional.empty(),
            Optional.of("signed by a key that is not pinned"));
    Status.Backups backups =
        new Status.Backups(
            List.of(forged, backup("20261119T020000Z-9f3c21d4", 3 * 24 + 8, Optional.empty())),
            2,
            true,
            Optional.of(NOW.plus(Duration.ofHours(16))),
            Optional.of("no space left in store \"local\""));
    NodeState state =
        NodeStates.state(
                Product.OPENBAO,
                NodeStates.health(200, false, false),
                NodeStates.seal("static", false, 0),
                NodeStates.leads())
            .withCluster(
                NodeStates.known(NodeStates.raft(3)),
                NodeStates.known(NodeStates.autopilot(0, false, 3101)),
                NodeStates.failed(Reason.DENIED))
            .build();
    return of(state, Optional.of(backups));
  }

  static Status of(NodeState state, Optional<Status.Backups> backups) {
    return Status.of(state, "vault-a", 3, backups, DAILY, NOW);
  }

  static Status.Backups none() {
    return new Status.Backups(
        List.of(), 0, false, Optional.of(NOW.plus(Duration.ofHours(16))), Optional.empty());
  }

  static Status.Backups backups() {
    return new Status.Backups(
        List.of(
            backup("20261122T020000Z-5be21c07", 8, Optional.of("archive, 7 hours ago")),
            backup("20261121T020000Z-11d04e9a", 32, Optional.of("stored bytes, 7 hours ago")),
            backup("20261120T020000Z-c0ffee42", 56, Optional.empty())),
        3,
        false,
        Optional.of(NOW.plus(Duration.ofHours(16))),
        Optional.empty());
  }

  static Status.Backup backup(String id, int ageHours, Optional<String> verified) {
    return new Status.Backup(
        id,
        NOW.minus(Duration.ofHours(ageHours)),
        "vault-a",
        Optional.of(4700L - ageHours),
        226_492_416,
        226_556_001,
        List.of("local", "offsite"),
        verified,
        Optional.empty());
  }
}
