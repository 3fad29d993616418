package dev.lifeboat.retention;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// What becomes of one backup, and why.
///
/// @param reasons at least one; of a backup that goes, which rules it is not among
/// @param lockTo until when it shall be locked, if that is longer than it is
public record Decision(Item item, Verdict verdict, List<String> reasons, Optional<Instant> lockTo) {
  public enum Verdict {
    KEEP,
    EXPIRE
  }

  public Decision {
    reasons = List.copyOf(reasons);
  }

  public boolean expires() {
    return verdict == Verdict.EXPIRE;
  }

  public String reason() {
    return String.join(", ", reasons)
        + lockTo.map(end -> "; extend lock to " + end.truncatedTo(ChronoUnit.SECONDS)).orElse("");
  }
}
