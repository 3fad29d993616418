package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;
import java.util.List;

/// The copies of backups in other places.
final class ReplicaDashboard {
  private ReplicaDashboard() {}

  static Dashboard dashboard() {
    return new Dashboard(
        "replica",
        "Replication",
        "Are the copies in other places whole, and how far behind are they.",
        List.of(
            Row.of("Copies in other places", missing(), lag(), sync(), stores()),
            Row.of("Copying", behind(), lagging(), copied(), bytes(), failures(), servers())));
  }

  private static Panel missing() {
    return Panel.stat(
            "Backups still to copy",
            8,
            "What a replica should have and has not, as the active node's agent saw it last.")
        .looks(Look.rising(Unit.NONE, 1, 10).absent("no replica, or it cannot be read"))
        .asks("max by (job, destination) (vault_replica_missing_backups{@})", "{{destination}}")
        .runbook("VaultReplicaBehind", "VaultReplicaFailing");
  }

  private static Panel lag() {
    return Panel.stat(
            "Behind its source",
            8,
            "By how much the newest backup of the replica is older than that of its source.")
        .looks(Look.rising(Unit.SECONDS, 7200, 86_400).absent("not known: one of them is empty"))
        .asks("max by (job, destination) (vault_replica_lag_seconds{@})", "{{destination}}")
        .runbook("VaultReplicaBehind");
  }

  private static Panel sync() {
    return Panel.stat(
            "Last found whole",
            8,
            "How long ago an agent last found the replica complete, or made it so.")
        .looks(Look.rising(Unit.SECONDS, 7200, 21_600).absent("not since the agents started"))
        .asks(
            "time() - max by (job, destination) (vault_replica_last_sync_timestamp_seconds{@})",
            "{{destination}}")
        .runbook("VaultReplicaBehind", "VaultReplicaFailing");
  }

  private static Panel stores() {
    return Shared.stores(24, 6).to(Shared.BACKUP);
  }

  private static Panel behind() {
    return Panel.lines(
            "Backups still to copy",
            12,
            7,
            "Rises with each backup and falls when it is copied. Gaps: the replica could not be"
                + " read.")
        .asks("max by (job, destination) (vault_replica_missing_backups{@})", "{{destination}}")
        .runbook("VaultReplicaBehind");
  }

  private static Panel lagging() {
    return Panel.lines(
            "Behind the source",
            12,
            7,
            "What the other place would lose more than this one, had this one gone.")
        .in(Unit.SECONDS)
        .asks("max by (job, destination) (vault_replica_lag_seconds{@})", "{{destination}}")
        .runbook("VaultReplicaBehind");
  }

  private static Panel copied() {
    return Panel.lines("Backups copied", 12, 7, "By the agent of the active node, a second.")
        .in(Unit.PER_SECOND)
        .asks(
            "sum by (job, destination)"
                + " (rate(vault_replica_copied_backups_total{@}[$__rate_interval]))",
            "{{destination}}")
        .runbook("VaultReplicaBehind");
  }

  private static Panel bytes() {
    return Panel.lines("Bytes copied", 12, 7, "Of the data of backups, a second.")
        .in(Unit.BYTES_PER_SECOND)
        .asks(
            "sum by (job, destination)"
                + " (rate(vault_replica_copied_bytes_total{@}[$__rate_interval]))",
            "{{destination}}")
        .runbook("VaultReplicaBehind");
  }

  private static Panel failures() {
    return Panel.bars(
            "Failed attempts, by reason",
            12,
            6,
            "In the time shown. An attempt that failed is made again; backups themselves go on.")
        .looks(Look.none().absent("no attempt failed"))
        .asks(
            "sum by (job, destination, reason)"
                + " (increase(vault_replica_failures_total{@}[$__range])) > 0",
            "{{destination}}: {{reason}}")
        .runbook("VaultReplicaFailing");
  }

  private static Panel servers() {
    return Panel.table(
            "Replication of the servers",
            12,
            6,
            "Not ours: what each server says of its own replication (Vault Enterprise).")
        .looks(Look.PLAIN.absent("the servers say nothing of it"))
        .key("instance", "Node")
        .key("kind", "Kind")
        .key("mode", "Mode")
        .column(
            "max by (instance, kind, mode) (vault_node_replication_info{@})",
            "So",
            Look.of(Unit.YES_NO));
  }
}
