package dev.lifeboat.journal;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// One line of a [Journal].
///
/// @param number from 1
/// @param step which one it speaks of; empty for the run as a whole
/// @param facts what was found or decided, by name; never a secret
public record Entry(int number, Instant at, Event event, String step, Map<String, String> facts) {
  /// What has happened.
  public enum Event {
    /// The run was begun; the facts say what it is for.
    BEGUN,
    /// The same run goes on in another process.
    RESUMED,
    /// A step is about to be done.
    STARTED,
    /// Something within a step that must be known if this process dies now.
    NOTED,
    /// A step was done, and looked at afterwards.
    DONE,
    /// A step could not be done.
    FAILED,
    /// All steps were done.
    ENDED,
    /// Somebody has given it up.
    ABANDONED;

    /// `begun`, as it is written.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Entry {
    facts = Map.copyOf(facts);
  }

  public Optional<String> fact(String name) {
    return Optional.ofNullable(facts.get(name));
  }
}
