package dev.lifeboat.backup;

import dev.lifeboat.schedule.Slot;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/// Why a backup is taken, and what somebody wants of it.
///
/// @param slot what it is due for; empty for a run by hand
/// @param label a word or two that its manifest carries: `pre-upgrade`
/// @param pinning how long it stays at least; empty: as long as the retention says
public record Occasion(Optional<Slot> slot, Optional<String> label, Optional<Pinning> pinning) {
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}");

  /// By hand, nothing said.
  public static final Occasion BY_HAND =
      new Occasion(Optional.empty(), Optional.empty(), Optional.empty());

  /// @param span from its beginning on; empty: until the pin is taken away
  /// @param by who wants it
  public record Pinning(Optional<Duration> span, String by) {
    Pin pin(BackupId id, Instant startedAt) {
      return new Pin(id.text(), startedAt, span.map(startedAt::plus), by);
    }
  }

  public Occasion {
    if (label.isPresent() && !isLabel(label.get())) {
      throw new IllegalArgumentException("no label: '" + label.get() + "'");
    }
  }

  public static Occasion of(Optional<Slot> slot) {
    return new Occasion(slot, Optional.empty(), Optional.empty());
  }

  /// 1 to 64 letters, digits, spaces and `._/-`, the first a letter or a digit.
  public static boolean isLabel(String text) {
    return LABEL.matcher(text).matches();
  }
}
