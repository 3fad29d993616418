package dev.lifeboat.retention;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// What keeps a backup whatever the policy says.
public sealed interface Hold {
  /// Whether it still does.
  boolean holds(Instant now);

  /// `pinned until 2027-02-20T02:00:00Z`.
  String text();

  /// By hand.
  ///
  /// @param until empty: until it is taken away
  record Pinned(Optional<Instant> until) implements Hold {
    @Override
    public boolean holds(Instant now) {
      return until.map(now::isBefore).orElse(true);
    }

    @Override
    public String text() {
      return until
          .map(end -> "pinned until " + end.truncatedTo(ChronoUnit.SECONDS))
          .orElse("pinned");
    }
  }

  /// A pin that cannot be trusted. It holds: a mistake on this side costs only space.
  record BadPin(String trouble) implements Hold {
    @Override
    public boolean holds(Instant now) {
      return true;
    }

    @Override
    public String text() {
      return "pinned, but its pin is not trusted: " + trouble;
    }
  }

  /// By the store itself; [Instant#MAX] by a legal hold.
  record Locked(Instant until) implements Hold {
    @Override
    public boolean holds(Instant now) {
      return now.isBefore(until);
    }

    @Override
    public String text() {
      return until.equals(Instant.MAX)
          ? "locked by a legal hold"
          : "locked until " + until.truncatedTo(ChronoUnit.SECONDS);
    }
  }

  /// The last slot of its schedule that was done, which is read from it.
  record NewestOf(String schedule) implements Hold {
    @Override
    public boolean holds(Instant now) {
      return true;
    }

    @Override
    public String text() {
      return "newest of " + schedule;
    }
  }

  /// Verified or extracted by this process right now.
  record BeingRead() implements Hold {
    @Override
    public boolean holds(Instant now) {
      return true;
    }

    @Override
    public String text() {
      return "being read";
    }
  }
}
