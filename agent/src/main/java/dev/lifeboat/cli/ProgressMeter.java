package dev.lifeboat.cli;

import dev.lifeboat.backup.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/// One line on the terminal that says what a long command is doing: stage, bytes, bytes a second.
///
/// Silent for the first second, so that quick commands stay calm, and wherever there is no
/// terminal.
final class ProgressMeter implements Progress, AutoCloseable {
  private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long STEP_NANOS = Duration.ofMillis(200).toNanos();
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintStream terminal;
  private final boolean shown;
  private final LongSupplier nanoTime;
  private final long began;
  private String stage = "";
  private long stageBegan;
  private long lastShown;
  private boolean dirty;

  ProgressMeter(Surroundings surroundings) {
    this(surroundings.err(), surroundings.terminal(), System::nanoTime);
  }

  ProgressMeter(PrintStream terminal, boolean shown, LongSupplier nanoTime) {
    this.terminal = terminal;
    this.shown = shown;
    this.nanoTime = nanoTime;
    this.began = nanoTime.getAsLong();
  }

  @Override
  public synchronized void at(String stage, long bytes) {
    long now = nanoTime.getAsLong();
    if (!stage.equals(this.stage)) {
      this.stage = stage;
      stageBegan = now;
    }
    if (!shown || now - began < PATIENCE_NANOS || (dirty && now - lastShown < STEP_NANOS)) {
      return;
    }
    lastShown = now;
    dirty = true;
    double seconds = (now - stageBegan) / 1e9;
    String rate = seconds < 0.2 ? "" : "  " + Words.size((long) (bytes / seconds)) + "/s";
    terminal.print(ERASE_LINE + "%-8s  %10s%s".formatted(stage, Words.size(bytes), rate));
    terminal.flush();
  }

  /// Leaves the line as it found it.
  @Override
  public synchronized void close() {
    if (dirty) {
      terminal.print(ERASE_LINE);
      terminal.flush();
      dirty = false;
    }
  }
}
