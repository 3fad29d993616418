package dev.lifeboat.lab.dashboards;

import dev.lifeboat.lab.dashboards.Dashboard.Row;
import java.util.List;

/// Whether there is a backup that can be restored, and what became of each run.
final class BackupDashboard {
  private BackupDashboard() {}

  static Dashboard dashboard() {
    return new Dashboard(
        "backup",
        "Backup and restore",
        "Is there a backup that can be restored, how old is it, where does it lie.",
        List.of(
            Row.of(
                "Could it be restored",
                Shared.newestBackup(4),
                Shared.ofItsInterval(4),
                Shared.verified(4),
                wrong(),
                recipients(),
                OverviewDashboard.next().tall(4),
                Shared.stores(24, 6)),
            Row.of("Runs", running(), success(), streak(), failures(), duration(), size(), slots()),
            Row.of("Stores", bytes(), snapshots(), uploads(), tampering()),
            Row.of("Verification and retention", verifications(), deletions(), lockAndClock()),
            Row.of("Keys and recovery kit", kit(), kms())));
  }

  private static Panel wrong() {
    return Panel.stat(
            "Backups not to be trusted",
            4,
            "Wrong by their newest verification, with a damaged manifest, or signed by nobody who"
                + " is trusted; of all stores.")
        .looks(Look.none().absent("no store can be read"))
        .asks(
            "sum by (job) (max by (job, destination) (vault_backup_wrong_snapshots{@})"
                + " + max by (job, destination) (vault_backup_untrusted_snapshots{@}))",
            "{{job}}")
        .runbook("VaultBackupWrong", "VaultBackupUntrusted");
  }

  private static Panel recipients() {
    return Panel.stat(
            "Recipients of the newest",
            4,
            "How many keys open it. With one, a lost key is a lost backup.")
        .looks(Look.falling(Unit.NONE, 1, 2).absent("no backup"))
        .asks("max by (job) (vault_backup_recipients{@})", "{{job}}")
        .runbook("VaultBackupSingleRecipient");
  }

  private static Panel running() {
    return Panel.states("Running", 12, 5, "When each agent was taking a backup.")
        .looks(
            Look.PLAIN.meaning(
                new Meaning(0, "", Colour.TEXT), new Meaning(1, "backup", Colour.BLUE)))
        .asks("max by (job, instance) (vault_backup_in_progress{@})", "{{instance}}")
        .runbook("VaultBackupStuck");
  }

  private static Panel success() {
    return Panel.stat(
            "Runs that did not fail",
            6,
            "Of all runs in the time shown. One that left its slot to another agent did not fail.")
        .tall(5)
        .looks(Look.falling(Unit.PART, 0.9, 1).absent("no run in this time"))
        .asks(
            "1 - sum by (job) (increase(vault_backup_failures_total{@}[$__range]))"
                + " / (sum by (job) (increase(vault_backup_runs_total{@}[$__range])) > 0)",
            "{{job}}")
        .runbook("VaultBackupFailed");
  }

  private static Panel streak() {
    return Panel.stat(
            "Failed in a row",
            6,
            "Runs that failed since the last one that did not, of the agent that has most.")
        .tall(5)
        .looks(Look.rising(Unit.NONE, 1, 3).absent("no agent takes backups"))
        .asks("max by (job) (vault_backup_consecutive_failures{@})", "{{job}}")
        .runbook("VaultBackupFailed", "VaultBackupMetricsAbsent");
  }

  private static Panel failures() {
    return Panel.bars(
            "Failed runs, by reason",
            8,
            7,
            "In the time shown; the reasons are in docs/backup.md. A run that failed is tried"
                + " again.")
        .looks(Look.none().absent("no run failed"))
        .asks(
            "sum by (job, reason) (increase(vault_backup_failures_total{@}[$__range])) > 0",
            "{{reason}}")
        .runbook("VaultBackupFailed");
  }

  private static Panel duration() {
    return Panel.lines(
            "How long backups take",
            8,
            7,
            "Of those that did not fail: half of them are quicker than the one line, 99 of 100"
                + " than the other.")
        .in(Unit.SECONDS)
        .asks(
            "histogram_quantile(0.5, sum by (job, le)"
                + " (rate(vault_backup_duration_seconds_bucket{@}[$__range])))",
            "half, {{job}}")
        .asks(
            "histogram_quantile(0.99, sum by (job, le)"
                + " (rate(vault_backup_duration_seconds_bucket{@}[$__range])))",
            "99 of 100, {{job}}")
        .asks("max by (job) (vault_backup_last_duration_seconds{@})", "last, {{job}}")
        .runbook("VaultBackupStuck");
  }

  private static Panel size() {
    return Panel.lines(
            "Size of the newest backup",
            8,
            7,
            "Of the plain snapshot. A sudden drop: much was deleted, or it is of another cluster.")
        .in(Unit.BYTES)
        .asks("max by (job) (vault_backup_last_size_bytes{@})", "{{job}}")
        .runbook("VaultBackupSizeDrop");
  }

  private static Panel slots() {
    return Panel.lines(
            "Runs and slots",
            24,
            6,
            "Ended: runs to their end, well or not. Held: another agent had claimed the slot."
                + " Taken: another agent had stored the backup of the slot.")
        .in(Unit.PER_SECOND)
        .asks("sum by (job) (rate(vault_backup_runs_total{@}[$__rate_interval]))", "ended, {{job}}")
        .asks(
            "sum by (job) (rate(vault_backup_failures_total{@}[$__rate_interval]))",
            "failed, {{job}}")
        .asks(
            "sum by (job) (rate(vault_backup_slots_held_total{@}[$__rate_interval]))",
            "held, {{job}}")
        .asks(
            "sum by (job) (rate(vault_backup_slots_taken_total{@}[$__rate_interval]))",
            "taken, {{job}}")
        .runbook("VaultBackupFailed");
  }

  private static Panel bytes() {
    return Panel.lines("Bytes in stores", 12, 7, "What trusted backups take in each store.")
        .in(Unit.BYTES)
        .asks("max by (job, destination) (vault_backup_stored_bytes{@})", "{{destination}}")
        .runbook("VaultBackupStoreEmpty");
  }

  private static Panel snapshots() {
    return Panel.lines(
            "Backups in stores",
            12,
            7,
            "A store that stays below the others does not get the newest ones.")
        .asks("max by (job, destination) (vault_backup_stored_snapshots{@})", "{{destination}}")
        .runbook("VaultBackupStoreBehind", "VaultBackupStoreEmpty");
  }

  private static Panel uploads() {
    return Panel.lines(
            "Objects put",
            12,
            7,
            "A second, and those that the store did not take. Left out: backups that went on"
                + " without a store that is not required.")
        .in(Unit.PER_SECOND)
        .asks(
            "sum by (job, destination) (rate(vault_backup_uploads_total{@}[$__rate_interval]))",
            "put, {{destination}}")
        .asks(
            "sum by (job, destination)"
                + " (rate(vault_backup_upload_failures_total{@}[$__rate_interval]))",
            "not taken, {{destination}}")
        .asks(
            "sum by (job, destination)"
                + " (rate(vault_backup_store_left_out_total{@}[$__rate_interval]))",
            "left out, {{destination}}")
        .runbook("VaultBackupFailed", "VaultBackupStoreLeftOut");
  }

  private static Panel tampering() {
    return Panel.lines(
            "What should not be",
            12,
            7,
            "Anything above zero needs somebody: gone though kept, hidden by somebody's deletion,"
                + " not what was written, signed by nobody who is trusted.")
        .looks(Look.none())
        .asks(
            "max by (job, destination) (vault_backup_store_missing_backups{@})",
            "missing, {{destination}}")
        .asks(
            "max by (job, destination) (vault_backup_store_hidden_objects{@})",
            "hidden, {{destination}}")
        .asks(
            "max by (job, destination) (vault_backup_wrong_snapshots{@})", "wrong, {{destination}}")
        .asks(
            "max by (job, destination) (vault_backup_untrusted_snapshots{@})",
            "untrusted, {{destination}}")
        .runbook("VaultBackupMissing", "VaultBackupObjectsHidden", "VaultBackupWrong");
  }

  private static Panel verifications() {
    return Panel.table(
            "Verification",
            12,
            6,
            "What each agent has read back by schedule since it started, what of it was wrong, and"
                + " when it would do so next, should its node lead then.")
        .key("job", "Cluster")
        .key("instance", "Node")
        .column(
            "sum by (job, instance) (vault_backup_verifications_total{@})",
            "Verified",
            Look.of(Unit.NONE))
        .column(
            "sum by (job, instance) (vault_backup_verification_failures_total{@})",
            "Not as written",
            Look.none())
        .column(
            "max by (job, instance) (vault_backup_next_verification_timestamp_seconds{@}) - time()",
            "Next in",
            Look.of(Unit.SECONDS))
        .runbook("VaultBackupUnverified", "VaultBackupWrong");
  }

  private static Panel deletions() {
    return Panel.table(
            "Retention",
            12,
            6,
            "What retention deleted or locked for longer since the agents started, what it could"
                + " not, and whether it refuses: a clock is wrong, or too much would go.")
        .key("job", "Cluster")
        .key("destination", "Store")
        .column(
            "sum by (job, destination) (vault_backup_deleted_snapshots_total{@})",
            "Deleted",
            Look.of(Unit.NONE))
        .column(
            "sum by (job, destination) (vault_backup_delete_failures_total{@})",
            "Not deleted",
            Look.none())
        .column(
            "sum by (job, destination) (vault_backup_lock_extensions_total{@})",
            "Locked for longer",
            Look.of(Unit.NONE))
        .column(
            "sum by (job, destination) (vault_backup_lock_extension_failures_total{@})",
            "Not locked",
            Look.none())
        .column(
            "max by (job, destination) (vault_backup_expire_refused{@})",
            "Refuses",
            Look.PLAIN.meaning(
                new Meaning(0, "no", Colour.GREEN), new Meaning(1, "YES", Colour.RED)))
        .runbook(
            "VaultBackupDeleteFailing", "VaultBackupExpireRefused", "VaultBackupLockNotExtended");
  }

  private static Panel lockAndClock() {
    return Panel.lines(
            "How far back a restore can go",
            24,
            6,
            "Age of the oldest backup in each store: what retention leaves.")
        .in(Unit.SECONDS)
        .asks(
            "time() - min by (job, destination)"
                + " (vault_backup_oldest_snapshot_timestamp_seconds{@})",
            "{{destination}}")
        .runbook("VaultBackupMissing");
  }

  private static Panel kit() {
    return Panel.table(
            "Recovery kit",
            12,
            5,
            "What a cluster is built anew with, beside the newest backup: files in it, and files"
                + " that should be and could not be read.")
        .looks(Look.PLAIN.absent("no kit"))
        .key("job", "Cluster")
        .column("max by (job) (vault_backup_kit_files{@})", "Files", Look.falling(Unit.NONE, 1, 1))
        .column("max by (job) (vault_backup_kit_unreadable_files{@})", "Not readable", Look.none())
        .runbook("VaultKitIncomplete");
  }

  private static Panel kms() {
    return Panel.bars(
            "Left out by KMS",
            12,
            5,
            "Backups in the time shown that a key of KMS cannot open yet: it was away.")
        .looks(Look.none().absent("no key of KMS that is not required"))
        .asks(
            "sum by (job, kms) (increase(vault_backup_kms_left_out_total{@}[$__range]))", "{{kms}}")
        .runbook("VaultBackupKmsLeftOut");
  }
}
