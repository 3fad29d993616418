package dev.lifeboat.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.journal.Entry.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CourseTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-30T12:00:00Z"));

  @TempDir Path folder;

  private final List<String> ran = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();

  /// Dies, as far as a test can, at a line of the journal.
  private static final class Death extends Error {}

  private Step step(String name) {
    return new Step() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String text() {
        return "does " + name;
      }

      @Override
      public Map<String, String> run(Notes notes) {
        ran.add(name + notes.all());
        if (name.equals("wrong")) {
          throw new IllegalStateException("it is wrong\nhint: none");
        }
        notes.add(Map.of("half", name));
        return Map.of("found", name);
      }
    };
  }

  private final Course.Listener listener =
      new Course.Listener() {
        @Override
        public void skipped(Step step) {
          heard.add("skipped " + step.name());
        }

        @Override
        public void done(Step step, Duration took, Map<String, String> facts) {
          heard.add("done " + step.name() + facts);
        }
      };

  private Journal journal(IntConsumer written) {
    return Journal.runs(folder).stream()
        .findFirst()
        .map(file -> Journal.resume(file, CLOCK, written))
        .orElseGet(() -> Journal.begin(folder, "run", Map.of(), CLOCK, written));
  }

  @Test
  void a_run_that_dies_at_any_line_goes_on_where_it_was() throws InterruptedException {
    for (int lines = 1; lines <= 4; lines++) {
      AtomicInteger left = new AtomicInteger(lines);
      try (Journal journal =
          journal(
              _ -> {
                if (left.decrementAndGet() == 0) {
                  throw new Death();
                }
              })) {
        assertThrows(
            Death.class,
            () -> new Course(journal, listener).run(List.of(step("one"), step("two"))));
      } catch (Death atTheBeginning) {
        heard.add("nothing was begun");
      }
    }
    try (Journal journal = journal(_ -> {})) {
      new Course(journal, listener).run(List.of(step("one"), step("two")));
      assertEquals(
          List.of("one", "two"),
          journal.entries().stream()
              .filter(entry -> entry.event() == Event.DONE)
              .map(Entry::step)
              .toList());
      assertEquals(Event.ENDED, journal.entries().getLast().event());
    }
    assertEquals("done two{found=two}", heard.getLast());
    assertTrue(heard.contains("skipped one"));
    assertTrue(ran.contains("one{half=one}"), "what was noted is known to the next: " + ran);
  }

  @Test
  void a_step_that_fails_ends_it_and_is_tried_again() throws InterruptedException {
    List<Step> steps = List.of(step("one"), step("wrong"), step("two"));
    try (Journal journal = journal(_ -> {})) {
      assertThrows(
          IllegalStateException.class, () -> new Course(journal, Course.Listener.NONE).run(steps));
      assertEquals(
          "it is wrong", journal.last(Event.FAILED, "wrong").orElseThrow().facts().get("why"));
    }
    try (Journal journal = journal(_ -> {})) {
      new Course(journal, Course.Listener.NONE).run(List.of(step("one"), step("two")));
    }
    assertEquals(List.of("one{}", "wrong{}", "two{}"), ran);
  }

  @Test
  void what_was_done_long_ago_can_be_done_again() throws InterruptedException {
    try (Journal journal = journal(_ -> {})) {
      Course course = new Course(journal, listener);
      course.walk(List.of(step("one")));
      course.walkAgain(List.of(step("one")), Duration.ofMinutes(1));
      course.walkAgain(List.of(step("one")), Duration.ofMinutes(-1));
    }
    assertEquals(List.of("one{}", "one{half=one}"), ran);
  }

  @Test
  void an_interrupt_between_two_steps_is_obeyed() {
    try (Journal journal = journal(_ -> {})) {
      Thread.currentThread().interrupt();
      assertThrows(
          InterruptedException.class,
          () -> new Course(journal, Course.Listener.NONE).run(List.of(step("one"), step("two"))));
    }
    assertEquals(1, ran.size());
  }
}
