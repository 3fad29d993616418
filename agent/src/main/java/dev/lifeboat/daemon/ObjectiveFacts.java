package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.objective.Judgement;
import dev.lifeboat.objective.Places;
import dev.lifeboat.store.S3Config;
import dev.lifeboat.store.StoreConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a configuration says of its objectives.
public final class ObjectiveFacts {
  private ObjectiveFacts() {}

  /// Looks a year ahead, which takes seconds for a schedule of every minute.
  public static List<Judgement> judge(LifeboatConfig config, Instant now) {
    return config
        .backup()
        .map(
            backup ->
                judge(
                    config,
                    backup.schedules().values().stream()
                        .map(schedule -> schedule.interval(now))
                        .min(Duration::compareTo)))
        .orElse(List.of());
  }

  /// @param interval the longest time between two backups; empty without a schedule
  static List<Judgement> judge(LifeboatConfig config, Optional<Duration> interval) {
    return config
        .backup()
        .map(backup -> config.objectives().judge(interval, places(config, backup)))
        .orElse(List.of());
  }

  static Places places(LifeboatConfig config, BackupConfig backup) {
    List<StoreConfig> shared =
        backup.stores().stream()
            .filter(store -> !(store.where() instanceof StoreConfig.Local))
            .toList();
    boolean replica = shared.stream().anyMatch(store -> !store.isWritten());
    long regions =
        shared.stream()
            .map(
                store ->
                    store.where() instanceof S3Config s3
                        ? s3.region().orElse("") + s3.endpoint().map(Object::toString).orElse("")
                        : store.where().place())
            .collect(Collectors.toSet())
            .size();
    int nodes = Math.max(config.vault().expectedPeers(), config.vault().peers().size() + 1);
    return new Places(
        nodes,
        !shared.isEmpty(),
        replica || regions > 1,
        shared.stream().anyMatch(ObjectiveFacts::locks));
  }

  private static boolean locks(StoreConfig store) {
    return store.where() instanceof S3Config s3 && s3.lock().mode() != S3Config.LockMode.NONE;
  }
}
