package dev.lifeboat.backup;

import dev.lifeboat.config.Section;
import java.time.Duration;

/// The `backup.claim` block: how agents keep out of each other's way over a slot.
///
/// @param lease how long a node has a slot without a further word of it, by the clock of the store
/// @param yieldAfter after so many failures at one slot a node leaves it to the others for one
///   lease
/// @param standbyAfter a slot that nobody took for so long is taken by the agent of a standby
public record ClaimConfig(Duration lease, int yieldAfter, Duration standbyAfter) {
  /// Those of `reference.conf`.
  public static final ClaimConfig DEFAULT =
      new ClaimConfig(Duration.ofMinutes(2), 3, Duration.ofMinutes(15));

  private static final Duration LEASE_MIN = Duration.ofSeconds(1);
  static final Duration LEASE_MAX = Duration.ofHours(1);
  private static final Duration STANDBY_MIN = Duration.ofSeconds(1);
  private static final Duration STANDBY_MAX = Duration.ofDays(1);
  private static final int YIELD_MAX = 100;

  static ClaimConfig from(Section claim) {
    return new ClaimConfig(
        claim.duration("lease", LEASE_MIN, LEASE_MAX),
        claim.number("yield-after", 1, YIELD_MAX),
        claim.duration("standby-after", STANDBY_MIN, STANDBY_MAX));
  }
}
