package dev.lifeboat.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every `config-mistakes/NAME.conf` must be refused with exactly the text of `NAME.expected`.
class ConfigMistakesTest {
  static List<Path> mistakes() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(file -> file.toString().endsWith(".conf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void every_mistake_is_told_in_the_words_of_its_golden_file(Path file) throws IOException {
    var refused =
        assertThrows(
            ConfigException.class, () -> SampleConfig.read(file, SampleConfig.ENVIRONMENT));

    String text = ConfigFile.render(refused).replace(file.getParent() + "/", "");
    assertEquals(Files.readString(golden(file)), text);
    assertFalse(text.contains("hunter2"), "a secret was quoted");
  }

  @Test
  void there_are_dozens_of_them() throws IOException {
    assertTrue(mistakes().size() >= 30, () -> "only a few mistakes are tested");
  }

  @Test
  void a_missing_file_is_one_problem(@TempDir Path folder) {
    assertEquals(
        """
        FILE: no such file
          hint: name the configuration with --config FILE
        1 problem; nothing was started
        """,
        refusal(folder.resolve("lifeboat.conf")));
  }

  @Test
  void a_folder_is_no_configuration(@TempDir Path folder) {
    assertEquals(
        """
        FILE: is a folder
          hint: name the file in it
        1 problem; nothing was started
        """,
        refusal(folder));
  }

  @Test
  void a_file_that_may_not_be_read_says_who_must_read_it(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("x.conf"), "name = a");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));

    // Root reads everything; for it the file is merely incomplete.
    String expected = Files.isReadable(file) ? "backup.token: is required" : "may not be read";
    assertTrue(refusal(file).contains(expected));
  }

  @Test
  void bytes_that_are_no_text_are_refused(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("x.conf"), new byte[] {'a', (byte) 0xff, (byte) 0xfe});

    assertTrue(refusal(file).contains("hint: it must be text in UTF-8"), refusal(file));
  }

  @Test
  void a_file_too_large_to_be_a_configuration_is_not_read(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("x.conf"), new byte[(1 << 20) + 1]);

    assertTrue(refusal(file).contains("is larger than 1 MiB"));
  }

  private static String refusal(Path file) {
    var refused =
        assertThrows(
            ConfigException.class, () -> SampleConfig.read(file, SampleConfig.ENVIRONMENT));
    return ConfigFile.render(refused).replace(file.toString(), "FILE");
  }

  private static Path golden(Path file) {
    return Path.of(file.toString().replace(".conf", ".expected"));
  }

  private static Path folder() {
    URL folder = Objects.requireNonNull(ConfigMistakesTest.class.getResource("/config-mistakes"));
    try {
      return Path.of(folder.toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
