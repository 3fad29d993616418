package dev.lifeboat.daemon;

import dev.lifeboat.backup.BackupConfig;
import dev.lifeboat.backup.Catalogue;
import dev.lifeboat.keys.TrustedSigners;
import dev.lifeboat.schedule.Schedule;
import dev.lifeboat.status.Status;
import dev.lifeboat.vault.RequestObserver;
import dev.lifeboat.vault.TokenKeeper;
import dev.lifeboat.vault.VaultClient;
import dev.lifeboat.watch.Watch;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/// The status without an agent: one poll of the node, one look into the stores.
public final class OnePoll {
  private OnePoll() {}

  public static Status status(LifeboatConfig config, InstantSource clock)
      throws InterruptedException {
    try (VaultClient client = VaultClient.open(config.vault(), RequestObserver.NONE);
        TokenKeeper keeper = TokenKeeper.open(client, config.vault().auth(), clock);
        Watch watch = Watch.open(client, keeper, config.watch(), clock)) {
      watch.awaitFirstPoll();
      Instant now = clock.instant();
      return StatusFacts.status(
          config,
          watch.latest(),
          config.backup().map(OnePoll::backups),
          config.backup().map(BackupConfig::schedules).orElse(Map.of()).values().stream()
              .map(each -> gap(each, now))
              .min(Comparator.naturalOrder())
              .orElse(Duration.ZERO),
          now);
    }
  }

  /// The longer of the gaps around the last slot: quicker than a look a year ahead.
  private static Duration gap(Schedule schedule, Instant now) {
    Instant last = schedule.previous(now);
    Duration before = Duration.between(schedule.previous(last.minusNanos(1)), last);
    Duration after = Duration.between(last, schedule.next(now));
    return before.compareTo(after) > 0 ? before : after;
  }

  /// Nobody takes the next one: no agent runs.
  private static Status.Backups backups(BackupConfig config) {
    TrustedSigners signers = TrustedSigners.read(config.trustedSignersFile());
    try (OpenStores stores = OpenStores.open(config)) {
      Catalogue.Survey survey = new Catalogue(stores.all(), signers).survey();
      return StatusFacts.backups(
              StatusFacts.stores(survey, config.stores().size()),
              survey.entries(),
              false,
              Optional.empty(),
              Optional.empty())
          .withUnreadable(StatusFacts.unreadable(survey.failures(), config))
          .withTampered(StatusFacts.tampered(stores.all()));
    }
  }
}
