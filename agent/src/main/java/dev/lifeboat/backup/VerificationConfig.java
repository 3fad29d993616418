package dev.lifeboat.backup;

import dev.lifeboat.config.ByteSize;
import dev.lifeboat.config.Section;
import dev.lifeboat.schedule.Schedule;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/// The `backup.verification` block.
///
/// @param schedule empty for `lifeboat verify` by hand only
/// @param others how many of each store are verified besides its newest
/// @param bytesPerSecond how fast they are read; empty: as fast as they come
public record VerificationConfig(
    Optional<Schedule> schedule, int others, Optional<ByteSize> bytesPerSecond) {
  /// Only by hand.
  public static final VerificationConfig NONE =
      new VerificationConfig(Optional.empty(), 0, Optional.empty());

  private static final int OTHERS_MAX = 1000;
  private static final ByteSize PACE_MIN = new ByteSize(64 << 10);
  private static final ByteSize PACE_MAX = new ByteSize(1L << 40);

  static VerificationConfig from(Section verification) {
    return new VerificationConfig(
        schedule(verification),
        verification.number("others", 0, OTHERS_MAX),
        verification.optionalText("bytes-per-second").isPresent()
            ? Optional.of(verification.size("bytes-per-second", PACE_MIN, PACE_MAX))
            : Optional.empty());
  }

  private static Optional<Schedule> schedule(Section verification) {
    String zone = verification.text("zone");
    Optional<String> cron = verification.optionalText("cron");
    ZoneId zoneId = ZoneOffset.UTC;
    try {
      zoneId = ZoneId.of(zone);
    } catch (DateTimeException e) {
      verification.problem(
          "zone",
          "'%s' is no time zone".formatted(zone),
          "a name such as UTC or Europe/Berlin, see: timedatectl list-timezones");
    }
    try {
      return cron.isPresent() ? Optional.of(Schedule.parse(cron.get(), zoneId)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      verification.problem(
          "cron",
          String.valueOf(e.getMessage()),
          "'0 4 * * 0' is every Sunday at 04:00; null means by hand only");
      return Optional.empty();
    }
  }
}
