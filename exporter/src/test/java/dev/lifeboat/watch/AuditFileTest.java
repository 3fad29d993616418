package dev.lifeboat.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditFileTest {
  private static final Instant T0 = Instant.parse("2026-11-22T10:00:00Z");
  private static final String ID = "0d2c1f6e-52a4-4bb0-9a1d-6f3f1d3c9a11";

  @TempDir Path folder;
  private Path file = Path.of("");
  private AuditFile audit = new AuditFile(file);

  @BeforeEach
  void make() throws IOException {
    file = Files.createFile(folder.resolve("audit.log"));
    audit = new AuditFile(file);
  }

  @Test
  void a_request_that_was_written_is_found() throws IOException {
    look(Optional.empty(), 0);
    append(entry(ID));

    assertEquals(Optional.of(true), look(asked(ID, 5), 10).requestFound());
  }

  @Test
  void a_request_that_was_not_written_is_missed() throws IOException {
    append(entry("another"));
    look(Optional.empty(), 0);

    assertEquals(Optional.of(false), look(asked(ID, 5), 10).requestFound());
  }

  @Test
  void the_verdict_stays_until_the_next_request() throws IOException {
    look(Optional.empty(), 0);
    append(entry(ID));
    look(asked(ID, 5), 10);

    assertEquals(Optional.of(true), look(asked(ID, 5), 15).requestFound());
    assertEquals(Optional.of(false), look(asked("next", 16), 20).requestFound());
  }

  @Test
  void a_look_between_the_writing_and_the_news_of_it_hides_nothing() throws IOException {
    look(Optional.empty(), 0);
    append(entry(ID));
    look(Optional.empty(), 6);

    assertEquals(Optional.of(true), look(asked(ID, 5), 10).requestFound());
  }

  @Test
  void an_id_across_two_pieces_of_reading_is_found() throws IOException {
    look(Optional.empty(), 0);
    append("x".repeat((1 << 16) - 10));
    append(ID + "\n");

    assertEquals(Optional.of(true), look(asked(ID, 5), 10).requestFound());
  }

  @Test
  void without_an_earlier_look_nothing_is_missed_only_unknown() throws IOException {
    append(entry("another"));

    assertEquals(Optional.empty(), look(asked(ID, 5), 10).requestFound());
  }

  @Test
  void after_a_rotation_nothing_is_missed_only_unknown() throws IOException {
    look(Optional.empty(), 0);
    append(entry(ID));
    Files.move(file, folder.resolve("audit.log.1"));
    Files.createFile(file);

    assertEquals(Optional.empty(), look(asked(ID, 5), 10).requestFound());
    assertEquals(Optional.of(false), look(asked("next", 15), 20).requestFound());
  }

  @Test
  void a_file_cut_to_nothing_is_unknown_too() throws IOException {
    append(entry("another").repeat(3));
    look(Optional.empty(), 0);
    Files.writeString(file, "");

    assertEquals(Optional.empty(), look(asked(ID, 5), 10).requestFound());
  }

  @Test
  void a_file_that_is_not_there_is_told() throws IOException {
    Files.delete(file);

    AuditFile.Look look = look(asked(ID, 5), 10);

    assertEquals(Optional.of(false), look.exists());
    assertEquals(Optional.empty(), look.size());
    assertEquals(Optional.empty(), look.problem());
  }

  @Test
  void a_path_that_cannot_be_looked_at_is_neither_there_nor_gone() throws IOException {
    Path loop = folder.resolve("loop");
    audit = new AuditFile(Files.createSymbolicLink(loop, loop));

    AuditFile.Look look = look(Optional.empty(), 0);

    assertEquals(Optional.empty(), look.exists());
    assertEquals(Optional.of(loop + " cannot be looked at (FileSystemException)"), look.problem());
  }

  @Test
  void a_folder_in_its_place_cannot_be_read() throws IOException {
    Files.delete(file);
    Files.createDirectory(file);

    AuditFile.Look look = look(asked(ID, 5), 10);

    assertEquals(Optional.of(file + " cannot be read (FileNotFoundException)"), look.problem());
  }

  @Test
  void size_and_last_write_are_those_of_the_file() throws IOException {
    append(entry(ID));

    AuditFile.Look look = look(Optional.empty(), 0);

    assertEquals(Optional.of(Files.size(file)), look.size());
    assertEquals(Optional.of(Files.getLastModifiedTime(file).toInstant()), look.lastWrite());
  }

  private AuditFile.Look look(Optional<AuditFile.Asked> asked, int seconds) {
    return audit.look(asked, T0.plusSeconds(seconds));
  }

  private static Optional<AuditFile.Asked> asked(String id, int seconds) {
    return Optional.of(new AuditFile.Asked(id, T0.plusSeconds(seconds)));
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  private static String entry(String id) {
    return "{\"type\":\"response\",\"request\":{\"id\":\"" + id + "\"}}\n";
  }
}
