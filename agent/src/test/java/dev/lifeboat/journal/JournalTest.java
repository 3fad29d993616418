package dev.lifeboat.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lifeboat.journal.Entry.Event;
import dev.lifeboat.journal.JournalException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-30T12:00:00Z"));

  @TempDir Path folder;

  private final List<Integer> written = new ArrayList<>();

  private Journal begin(String run) {
    return Journal.begin(
        folder.resolve("runs"), run, Map.of("kind", "restore-cluster"), CLOCK, written::add);
  }

  private Journal resume(Path file) {
    return Journal.resume(file, CLOCK, written::add);
  }

  private static Reason refused(org.junit.jupiter.api.function.Executable act) {
    return assertThrows(JournalException.class, act).reason();
  }

  @Test
  void what_was_written_is_read_back_by_the_next_process() throws IOException {
    Path file;
    try (Journal journal = begin("a")) {
      file = journal.file();
      journal.write(Event.STARTED, "stop node-2", Map.of());
      journal.note("stop node-2", Map.of("pid", "12", "text", "with \"quotes\"\nand lines"));
      journal.write(Event.DONE, "stop node-2", Map.of("seconds", "1.2"));
    }
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(4, Files.readAllLines(file).size());

    try (Journal journal = resume(file)) {
      assertTrue(journal.done("stop node-2"));
      assertFalse(journal.done("stop node-3"));
      assertEquals(Optional.of("restore-cluster"), journal.head().fact("kind"));
      assertEquals("with \"quotes\"\nand lines", journal.noted("stop node-2").get("text"));
      assertEquals(5, journal.entries().size());
    }
    assertEquals(List.of(1, 2, 3, 4, 5), written);
  }

  @Test
  void a_line_that_was_cut_is_dropped_and_written_over() throws IOException {
    Path file;
    try (Journal journal = begin("a")) {
      file = journal.file();
      journal.write(Event.STARTED, "one", Map.of());
    }
    Files.writeString(file, "{\"number\":3,\"at\":\"20", StandardOpenOption.APPEND);
    try (Journal journal = resume(file)) {
      journal.write(Event.DONE, "one", Map.of());
    }
    assertEquals(
        List.of(Event.BEGUN, Event.STARTED, Event.RESUMED, Event.DONE),
        Journal.read(file).stream().map(Entry::event).toList());
  }

  @Test
  void a_line_that_was_changed_left_out_or_put_in_is_noticed() throws IOException {
    Path file;
    try (Journal journal = begin("a")) {
      file = journal.file();
      journal.write(Event.STARTED, "one", Map.of());
      journal.write(Event.DONE, "one", Map.of());
    }
    List<String> lines = Files.readAllLines(file);
    for (List<String> changed :
        List.of(
            List.of(lines.get(0), lines.get(2)),
            List.of(lines.get(0), lines.get(1).replace("one", "two"), lines.get(2)),
            List.of(lines.get(1), lines.get(2)),
            List.of(lines.get(0), lines.get(0), lines.get(1)),
            List.of(lines.get(0), "{}"),
            List.of(lines.get(0), "x".repeat(100)))) {
      Files.write(file, changed);
      assertEquals(Reason.CHANGED, refused(() -> resume(file)), changed::toString);
    }
  }

  @Test
  void two_processes_are_never_at_one_run() {
    try (Journal journal = begin("a")) {
      assertEquals(Reason.IN_USE, refused(() -> resume(journal.file())));
      assertEquals(Reason.IN_USE, refused(() -> begin("a")));
    }
  }

  @Test
  void a_folder_that_cannot_be_written_says_so() throws IOException {
    Files.writeString(folder.resolve("runs"), "a file");
    assertEquals(Reason.UNUSABLE, refused(() -> begin("a")));
    assertEquals(Reason.UNUSABLE, refused(() -> resume(folder.resolve("none.journal"))));
    assertEquals(Reason.UNUSABLE, refused(() -> Journal.read(folder.resolve("none.journal"))));
    assertEquals(Reason.UNUSABLE, refused(() -> Journal.runs(folder.resolve("runs"))));
  }

  @Test
  void the_newest_run_that_has_not_ended_is_found() {
    Path runs = folder.resolve("runs");
    assertEquals(Optional.empty(), Journal.unfinished(runs, _ -> true));
    begin("20261130T1").close();
    begin("20261130T2").close();
    try (Journal ended = begin("20261130T3")) {
      ended.write(Event.ENDED, "", Map.of());
    }
    try (Journal given = begin("20261130T4")) {
      given.write(Event.ABANDONED, "", Map.of());
    }
    assertEquals(Optional.of("20261130T2"), Journal.unfinished(runs, _ -> true).map(Journal::run));
    assertEquals(Optional.empty(), Journal.unfinished(runs, head -> head.fact("no").isPresent()));
  }
}
