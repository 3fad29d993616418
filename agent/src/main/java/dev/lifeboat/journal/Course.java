package dev.lifeboat.journal;

import dev.lifeboat.journal.Entry.Event;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Goes through the steps of a plan, and through none of them twice.
public final class Course {
  private final Journal journal;
  private final Listener listener;

  public Course(Journal journal, Listener listener) {
    this.journal = journal;
    this.listener = listener;
  }

  /// Hears how far it is.
  public interface Listener {
    Listener NONE = new Listener() {};

    /// A process before this one has done it.
    default void skipped(Step step) {}

    default void started(Step step) {}

    /// @param facts what [Step#run] gave
    default void done(Step step, Duration took, Map<String, String> facts) {}
  }

  /// To the end of the run, or to the first step that fails; that one's exception is thrown on.
  public void run(List<Step> steps) throws InterruptedException {
    walk(steps);
    end();
  }

  /// There is nothing more to do in this run.
  public void end() {
    journal.write(Event.ENDED, "", Map.of());
  }

  /// These steps, and perhaps others afterwards.
  public void walk(List<Step> steps) throws InterruptedException {
    for (Step step : steps) {
      if (journal.done(step.name())) {
        listener.skipped(step);
      } else {
        run(step);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /// These steps, also when a process before this one has done them: what they look at may have
  /// changed since.
  ///
  /// @param fresh how long what was done counts
  public void walkAgain(List<Step> steps, Duration fresh) throws InterruptedException {
    for (Step step : steps) {
      if (journal.done(step.name(), fresh)) {
        listener.skipped(step);
      } else {
        run(step);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private void run(Step step) throws InterruptedException {
    journal.write(Event.STARTED, step.name(), Map.of());
    listener.started(step);
    long begun = System.nanoTime();
    Map<String, String> facts;
    try {
      facts = step.run(new Noting(step.name()));
    } catch (RuntimeException failed) {
      journal.write(Event.FAILED, step.name(), Map.of("why", firstLine(failed)));
      throw failed;
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    Map<String, String> written = new TreeMap<>(facts);
    written.put("seconds", String.format(Locale.ROOT, "%.3f", took.toMillis() / 1000.0));
    journal.write(Event.DONE, step.name(), written);
    listener.done(step, took, facts);
  }

  private static String firstLine(RuntimeException failed) {
    return String.valueOf(failed.getMessage()).lines().findFirst().orElse("");
  }

  private final class Noting implements Step.Notes {
    private final String step;

    Noting(String step) {
      this.step = step;
    }

    @Override
    public Map<String, String> all() {
      return journal.noted(step);
    }

    @Override
    public void add(Map<String, String> facts) {
      journal.note(step, facts);
    }
  }
}
