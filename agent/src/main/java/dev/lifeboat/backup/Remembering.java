package dev.lifeboat.backup;

import dev.lifeboat.backup.Catalogue.Survey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;

/// A reading of the stores whose memory is saved when it has learnt something, though not after
/// every backup: ten thousand documents are a second or two of work.
public final class Remembering implements Supplier<Survey> {
  private static final Duration PAUSE = Duration.ofMinutes(10);

  private final Supplier<Survey> reading;
  private final Memory memory;
  private final Runnable save;
  private final InstantSource clock;
  private long saved;
  private Instant next = Instant.MIN;

  /// @param memory of that reading, as it was loaded
  public Remembering(Supplier<Survey> reading, Memory memory, Runnable save, InstantSource clock) {
    this.reading = reading;
    this.memory = memory;
    this.save = save;
    this.clock = clock;
    this.saved = memory.changes();
  }

  @Override
  public synchronized Survey get() {
    Survey survey = reading.get();
    Instant now = clock.instant();
    long changes = memory.changes();
    if (changes != saved && !now.isBefore(next)) {
      save.run();
      saved = changes;
      next = now.plus(PAUSE);
    }
    return survey;
  }
}
