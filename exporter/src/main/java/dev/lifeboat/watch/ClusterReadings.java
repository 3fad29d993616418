package dev.lifeboat.watch;

import dev.lifeboat.vault.AutopilotState;
import dev.lifeboat.vault.HaStatus;
import dev.lifeboat.vault.RaftConfiguration;
import dev.lifeboat.vault.VaultException;
import dev.lifeboat.vault.VaultException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/// What one poll with a token gave, each part on its own.
record ClusterReadings(
    Reading<RaftConfiguration> raftConfiguration,
    Reading<AutopilotState> autopilot,
    Reading<HaStatus> haStatus) {
  static final ClusterReadings NOT_ASKED =
      new ClusterReadings(
          new Reading.NotAsked<>(), new Reading.NotAsked<>(), new Reading.NotAsked<>());

  /// There is no token to ask with.
  static ClusterReadings failed(VaultException why, Instant at) {
    return new ClusterReadings(failure(why, at), failure(why, at), failure(why, at));
  }

  private static <T> Reading<T> failure(VaultException why, Instant at) {
    return new Reading.Failed<>(why.reason(), why.getMessage(), at, Duration.ZERO);
  }

  /// Whether the token itself seems to be the fault. One path that is denied is a policy that lacks
  /// it, which no login heals.
  boolean denied() {
    return Stream.of(raftConfiguration, autopilot, haStatus)
        .filter(reading -> reading.asked().isPresent())
        .allMatch(reading -> reading.failure().equals(Optional.of(Reason.DENIED)));
  }
}
