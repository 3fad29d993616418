package dev.lifeboat.lab.alerts;

import static dev.lifeboat.lab.alerts.Healthy.on;

import java.util.List;
import java.util.stream.Stream;

/// What the rules of `backup.yaml` are for.
final class BackupStories {
  private static final String LAST = "vault_backup_last_success_timestamp_seconds";
  private static final String NEWEST = "vault_backup_newest_snapshot_timestamp_seconds";
  private static final String VERIFIED = "vault_backup_last_verified_timestamp_seconds";
  private static final String STORED = "vault_backup_stored_snapshots";
  private static final String FAR = "far";

  private BackupStories() {}

  static List<Story> all() {
    return Stream.of(runs(), stores(), upkeep(), lately()).flatMap(List::stream).toList();
  }

  /// Whether backups are taken.
  private static List<Story> runs() {
    return List.of(
        // A day and a quarter, and ten minutes; every agent that sees the stores says the same.
        everywhere(Story.ofDays("backups stop", 2), LAST, "0").first("1d6h15m", "VaultBackupStale"),
        Story.ofManyDays("the agent that took the last backup is gone, the others know of it", 2)
            .goes("instance=\"c\"", "1h")
            .without("up{job=\"lifeboat\",instance=\"c\"")
            .at("1d23h"),
        Story.ofDays("there never was one", 2)
            .without(LAST)
            .without(NEWEST)
            .without(VERIFIED)
            .without(STORED)
            .first("1d6h15m", "VaultBackupNeverSucceeded"),
        Story.ofMinutes("no agent takes backups", 30)
            .without("vault_backup")
            .first("15m", "VaultBackupMetricsAbsent"),
        Story.ofMinutes("a backup fails once", 80)
            .change(on("vault_backup_failures_total", "a", "reason", "store"), "0", "10m", "1")
            .first("10m", "VaultBackupFailed")
            .at("69m45s", "VaultBackupFailed")
            .at("70m15s"),
        Story.ofMinutes("a backup does not end", 90)
            .change(on("vault_backup_in_progress", "a"), "0", "10m", "1")
            .first("70m", "VaultBackupStuck"),
        // The first day was three times as large: an average that looks further back sees it.
        sizes(
                "half of what it was, a week and a day later",
                "810000x23 270000x168 136350x0 133650x20")
            .first("8d2h", "VaultBackupSizeDrop"),
        // Large until sixteen hours into the window: an average that looks less far does not see
        // it.
        sizes(
                "half of the week, though not of the days before",
                "270000x23 810000x15 270000x151 151200x20")
            .first("8d", "VaultBackupSizeDrop"),
        sizes("a tenth of next to nothing", "250000x191 25000x20").at("8d1h").at("8d20h"));
  }

  /// What the stores hold.
  private static List<Story> stores() {
    return List.of(
        everywhere(
                Story.ofDays("a store gets nothing any more", 2), NEWEST, "0", "destination", FAR)
            .first("1d6h15m", "VaultBackupStoreBehind"),
        changed("somebody empties a store", STORED, "42", "0", "destination", FAR)
            .goes(VERIFIED, "0m15s")
            .goes(NEWEST, "0m15s")
            .first("20m", "VaultBackupStoreEmpty"),
        Story.ofDays("a store was left out of a backup", 3)
            .change(
                on("vault_backup_store_left_out_total", "a", "destination", FAR), "0", "6h", "1")
            .first("6h", "VaultBackupStoreLeftOut")
            .at("1d5h55m", "VaultBackupStoreLeftOut")
            .at("1d6h5m"),
        changed(
                "somebody deletes",
                "vault_backup_store_hidden_objects",
                "0",
                "1",
                "destination",
                FAR)
            .first("15m", "VaultBackupObjectsHidden"),
        changed("a bit rots", "vault_backup_wrong_snapshots", "0", "1", "destination", FAR)
            .first("15m", "VaultBackupWrong"),
        changed(
                "a stranger signs",
                "vault_backup_untrusted_snapshots",
                "0",
                "1",
                "destination",
                FAR)
            .first("25m", "VaultBackupUntrusted"));
  }

  /// Verification, retention, keys.
  private static List<Story> upkeep() {
    return List.of(
        // Two hours less than a fortnight before the beginning.
        everywhere(Story.ofDays("nobody verifies", 1), VERIFIED, "-1202400", "destination", FAR)
            .first("3h5m", "VaultBackupUnverified"),
        stored(Story.ofManyDays("nobody ever verified the only backup", 9), "1")
            .without(VERIFIED)
            .first("8d", "VaultBackupNeverVerified"),
        stored(Story.ofManyDays("stores that are empty need no verification", 9), "0")
            .without(VERIFIED)
            .without(NEWEST)
            .at("7d23h", "VaultBackupStoreEmpty")
            .at("8d1h", "VaultBackupStoreEmpty"),
        changed("retention refuses", "vault_backup_expire_refused", "0", "1", "destination", FAR)
            .first("25m", "VaultBackupExpireRefused"),
        Story.ofDays("a deletion fails", 3)
            .change(
                on("vault_backup_delete_failures_total", "a", "destination", FAR), "0", "6h", "1")
            .first("6h", "VaultBackupDeleteFailing")
            .at("1d5h55m", "VaultBackupDeleteFailing")
            .at("1d6h5m"));
  }

  /// What joined later.
  private static List<Story> lately() {
    return List.of(
        changed("a store is away", "vault_backup_store_readable", "1", "0", "destination", FAR)
            .first("25m", "VaultBackupStoreUnreadable"),
        Story.ofMinutes("one agent of three cannot read a store", 30)
            .change(on("vault_backup_store_readable", "b", "destination", FAR), "1", "10m", "0")
            .first("25m", "VaultBackupStoreUnreadable"),
        changed(
                "somebody deletes for good",
                "vault_backup_store_missing_backups",
                "0",
                "1",
                "destination",
                FAR)
            .first("15m", "VaultBackupMissing"),
        Story.ofDays("a lock is not extended", 3)
            .change(
                on("vault_backup_lock_extension_failures_total", "a", "destination", FAR),
                "0",
                "6h",
                "1")
            .first("6h", "VaultBackupLockNotExtended")
            .at("1d5h55m", "VaultBackupLockNotExtended")
            .at("1d6h5m"),
        changed("a file of the kit is not readable", "vault_backup_kit_unreadable_files", "0", "1")
            .first("70m", "VaultKitIncomplete"),
        changed(
                "a schedule that is too rare",
                "vault_objective_data_loss_met",
                "1",
                "0",
                "scenario",
                "cluster-loss")
            .first("70m", "VaultObjectiveNotMet"),
        Story.ofMinutes("a ticket cannot be made", 80)
            .change(
                on("vault_notify_failures_total", "a", "target", "ticket", "reason", "exit"),
                "0",
                "10m",
                "1")
            .first("10m", "VaultNotifyFailing")
            .at("69m45s", "VaultNotifyFailing")
            .at("70m15s"),
        changed("a recipient goes", "vault_backup_recipients", "2", "1")
            .first("70m", "VaultBackupSingleRecipient"),
        Story.ofDays("KMS was away", 3)
            .change(on("vault_backup_kms_left_out_total", "a", "kms", "main"), "0", "6h", "1")
            .first("6h", "VaultBackupKmsLeftOut")
            .at("1d5h55m", "VaultBackupKmsLeftOut")
            .at("1d6h5m"));
  }

  /// The same on every agent, at ten minutes.
  private static Story changed(
      String title, String metric, String before, String after, String... labels) {
    Story story = Story.ofMinutes(title, 90);
    for (String node : Healthy.NODES) {
      story.change(on(metric, node, labels), before, "10m", after);
    }
    return story;
  }

  private static Story stored(Story story, String backups) {
    for (String store : List.of("near", FAR)) {
      var _ = everywhere(story, STORED, backups, "destination", store);
    }
    return story;
  }

  private static Story everywhere(Story story, String metric, String value, String... labels) {
    for (String node : Healthy.NODES) {
      story.always(on(metric, node, labels), value);
    }
    return story;
  }

  private static Story sizes(String title, String values) {
    Story story = Story.ofManyDays(title, 9);
    for (String node : Healthy.NODES) {
      story.values(on("vault_backup_last_size_bytes", node), values);
    }
    return story;
  }
}
