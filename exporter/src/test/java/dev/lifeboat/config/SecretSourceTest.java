package dev.lifeboat.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretSourceTest {
  @TempDir Path folder;

  @Test
  void a_file_is_read_without_its_line_end() throws IOException {
    assertEquals(new Secret("hunter2"), file("hunter2\r\n\n", "rw-------").read());
  }

  @Test
  void a_rotated_file_takes_effect_at_the_next_read() throws IOException {
    SecretSource source = file("one", "rw-------");
    Secret before = source.read();

    Files.writeString(folder.resolve("secret"), "two");

    assertEquals(new Secret("one"), before);
    assertEquals(new Secret("two"), source.read());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwxrwxrwx"})
  void a_file_open_to_others_is_refused_with_the_command_that_closes_it(String mode)
      throws IOException {
    SecretSource source = file("hunter2", mode);

    String refusal = message(source);

    assertTrue(refusal.contains("open to others than its owner (" + mode + ")"));
    assertTrue(refusal.endsWith("hint: chmod 600 " + folder.resolve("secret")));
    assertFalse(refusal.contains("hunter2"));
  }

  @Test
  void a_credential_of_systemd_may_be_readable_by_its_group() throws IOException {
    file("hunter2", "r--r-----");

    assertEquals(
        new Secret("hunter2"), new SecretSource.FromFile(folder.resolve("secret"), true).read());
  }

  @Test
  void an_empty_a_missing_and_a_huge_file_are_told_apart() throws IOException {
    SecretSource empty = file("\n", "rw-------");
    assertTrue(message(empty).endsWith("is empty"));

    SecretSource huge = file("x".repeat(70_000), "rw-------");
    assertTrue(message(huge).endsWith("is larger than 64 KiB"));

    assertTrue(message(new SecretSource.FromFile(folder.resolve("none"))).endsWith("no such file"));
    assertTrue(message(new SecretSource.FromFile(folder, true)).contains("cannot be read"));
  }

  @Test
  void what_is_more_than_one_word_is_refused_and_not_quoted() throws IOException {
    for (String content : List.of("hunter2\nhunter3", "\uFEFFhunter2", "token hunter2")) {
      String refusal = message(file(content, "rw-------"));

      assertTrue(refusal.contains("holds more than one word"), refusal);
      assertFalse(refusal.contains("hunter2"), refusal);
    }
  }

  @Test
  void a_source_prints_where_the_secret_is_and_never_what_it_is() {
    assertEquals(
        "FromEnvironment[variable=TOKEN, value=***]",
        new SecretSource.FromEnvironment("TOKEN", new Secret("hunter2")).toString());
  }

  private SecretSource file(String content, String mode) throws IOException {
    Path file = Files.writeString(folder.resolve("secret"), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    return new SecretSource.FromFile(file);
  }

  private static String message(SecretSource source) {
    return String.valueOf(assertThrows(SecretException.class, source::read).getMessage());
  }
}
